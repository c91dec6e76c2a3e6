import { inflateSync } from 'node:zlib'
import { reasonOf } from '../gather.ts'
import type { FileReader } from './file-reader.ts'
import type { Report } from './report.ts'

const DESCRIPTOR_BYTES = 64
const MOST_SECTIONS = 100_000
const MOST_TEXT_BYTES = 4 * 1024 * 1024
const [DEVICE, CASE, MD5, SHA1, NEXT, DONE] = [0x01, 0x02, 0x08, 0x09, 0x0d, 0x0f]
const ENCRYPTED = 2

const CASE_NAMES: Readonly<Record<string, string>> = {
  nm: 'description',
  cn: 'caseNumber',
  en: 'evidenceNumber',
  ex: 'examiner',
  nt: 'notes',
  av: 'software',
  os: 'operatingSystem',
  tt: 'acquiredAt',
  at: 'systemDate',
}
const DEVICE_NAMES: Readonly<Record<string, string>> = {
  sn: 'serialNumber',
  md: 'model',
  lb: 'deviceLabel',
  ts: 'sectors',
  bp: 'bytesPerSector',
  dt: 'driveType',
  ph: 'physical',
}

/** Ex01 and Lx01 (EWF version 2): sections are chained backwards from the end of the file. Source: libewf's format description. */
export function readEwf2(file: FileReader, report: Report): void {
  const start = file.read(0, 32)
  report.find('ewf.format', start.toString('latin1', 0, 3) === 'LEF' ? 'Lx01' : 'Ex01')
  if (start.length < 32) {
    report.notice('truncated', 'The segment ends inside its first bytes.', { step: 'open' })
    return
  }
  report.find('ewf.segment', start.readUInt32LE(12))
  report.find('ewf.setId', start.subarray(16, 32).toString('hex'))
  const seen = new Set<number>()
  let at = file.size - DESCRIPTOR_BYTES
  for (let count = 0; at >= 32 && count < MOST_SECTIONS; count++) {
    const bytes = file.read(at, DESCRIPTOR_BYTES)
    const section = {
      type: bytes.readUInt32LE(0),
      flags: bytes.readUInt32LE(4),
      previous: Number(bytes.readBigUInt64LE(8)),
      dataBytes: Number(bytes.readBigUInt64LE(16)),
      padding: bytes.readUInt32LE(28),
    }
    if (section.type === 0 || section.type > 0x20 || bytes.readUInt32LE(24) !== DESCRIPTOR_BYTES) break
    seen.add(section.type)
    readSection(file, at - section.dataBytes, section, report)
    if (section.previous >= at) break
    at = section.previous
  }
  report.find('ewf.lastSegment', seen.has(DONE))
  if (seen.has(NEXT))
    report.notice(
      'incomplete-set',
      'This is one segment of a set; the image is whole only with all of them.',
      { step: 'open' },
    )
  else if (!seen.has(DONE))
    report.notice('truncated', 'The segment has no end mark: it was cut off.', { step: 'open' })
}

function readSection(
  file: FileReader,
  start: number,
  section: { type: number; flags: number; dataBytes: number },
  report: Report,
): void {
  if (section.flags & ENCRYPTED) {
    report.notice(
      'encrypted',
      'The image is encrypted; its password is needed to read it with forensic software.',
      { step: 'open' },
    )
    return
  }
  const data = file.read(start, Math.min(section.dataBytes, MOST_TEXT_BYTES))
  if (section.type === MD5 && data.length >= 16) report.find('ewf.stored.md5', data.toString('hex', 0, 16))
  else if (section.type === SHA1 && data.length >= 20)
    report.find('ewf.stored.sha1', data.toString('hex', 0, 20))
  else if (section.type === CASE || section.type === DEVICE) {
    try {
      readTable(data, section.type === CASE ? CASE_NAMES : DEVICE_NAMES, report)
    } catch (fault) {
      report.notice('broken', `The acquisition data could not be read: ${reasonOf(fault)}.`, {
        step: 'metadata',
      })
    }
  }
}

function readTable(data: Buffer, names: Readonly<Record<string, string>>, report: Report): void {
  const raw = data[0] === 0x78 ? inflateSync(data, { maxOutputLength: MOST_TEXT_BYTES }) : data
  const lines = raw
    .toString('utf16le')
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
  const main = lines.findIndex((line) => line.trim() === 'main')
  const keys = lines[main + 1]?.split('\t') ?? []
  const values = lines[main + 2]?.split('\t') ?? []
  const shown: string[] = []
  for (const [index, key] of keys.entries()) {
    const [name, value] = [names[key.trim()], values[index]?.replaceAll('\0', '').trim()]
    if (!name || !value) continue
    const seconds = /At$|Date$/.test(name) ? Number(value) : Number.NaN
    const text = seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000).toISOString() : value
    report.find(`ewf.${name}`, text)
    shown.push(`${name}: ${text}`)
  }
  report.text('acquisition', shown.join('\n'), { part: 'acquisition' })
}
