import { inflateSync } from 'node:zlib'
import { adler32 } from './adler32.ts'
import type { FileReader } from './file-reader.ts'

/** One section of an EWF (E01) segment file. Source: the libewf format description. */
export interface EwfSection {
  readonly type: string
  readonly start: number
  readonly dataStart: number
  readonly dataBytes: number
  readonly next: number
  readonly checksumFits: boolean
}

export interface EwfVolume {
  readonly mediaType: number
  readonly chunkCount: number
  readonly sectorsPerChunk: number
  readonly bytesPerSector: number
  readonly sectorCount: number
  readonly mediaFlags: number
  readonly compression: number
  readonly setId?: string
}

const DESCRIPTOR_BYTES = 76
const MOST_SECTIONS = 100_000
const MOST_HEADER_BYTES = 1024 * 1024

/** The sections in order; stops where the chain breaks or turns back. */
export function* ewfSections(file: FileReader): Generator<EwfSection> {
  let at = 13
  for (let count = 0; count < MOST_SECTIONS; count++) {
    const bytes = file.read(at, DESCRIPTOR_BYTES)
    if (bytes.length < DESCRIPTOR_BYTES) return
    const type = cString(bytes.subarray(0, 16))
    const next = Number(bytes.readBigUInt64LE(16))
    const size = Number(bytes.readBigUInt64LE(24))
    const last = type === 'next' || type === 'done'
    const end = last ? at + DESCRIPTOR_BYTES : size >= DESCRIPTOR_BYTES ? at + size : next
    const checksumFits = adler32(bytes.subarray(0, 72)) === bytes.readUInt32LE(72)
    yield {
      type,
      start: at,
      dataStart: at + DESCRIPTOR_BYTES,
      dataBytes: Math.max(0, end - at - DESCRIPTOR_BYTES),
      next,
      checksumFits,
    }
    if (last || next <= at || next >= file.size) return
    at = next
  }
}

/** Case number, examiner, notes, dates: header (8-bit) or header2 (UTF-16), zlib inside. Names as EnCase writes them. */
export function readEwfHeader(file: FileReader, section: EwfSection): Map<string, string> {
  const packed = file.read(section.dataStart, Math.min(section.dataBytes, MOST_HEADER_BYTES))
  const raw = inflateSync(packed, { maxOutputLength: MOST_HEADER_BYTES })
  const wide = section.type === 'header2' || (raw[0] === 0xff && raw[1] === 0xfe)
  const text = wide ? raw.toString('utf16le').replace(/^\ufeff/, '') : raw.toString('latin1')
  return headerTable(text)
}

/** Lines: a count, 'main', tab-separated names, tab-separated values. */
export function headerTable(text: string): Map<string, string> {
  const lines = text.replaceAll('\0', '').split(/\r?\n/)
  const main = lines.findIndex((line) => line.trim() === 'main')
  const names = lines[main + 1]?.split('\t') ?? []
  const values = lines[main + 2]?.split('\t') ?? []
  const found = new Map<string, string>()
  for (const [index, name] of names.entries()) {
    const value = values[index]?.trim()
    const known = HEADER_NAMES[name.trim()]
    if (known && value) found.set(known, value)
  }
  return found
}

const HEADER_NAMES: Readonly<Record<string, string>> = {
  a: 'description',
  c: 'caseNumber',
  n: 'evidenceNumber',
  e: 'examiner',
  t: 'notes',
  av: 'software',
  ov: 'operatingSystem',
  m: 'acquiredAt',
  u: 'systemDate',
  md: 'model',
  sn: 'serialNumber',
  l: 'deviceLabel',
  pid: 'processId',
  ext: 'extents',
}

/** 'volume', 'disk' and 'data' sections: the shape of the acquired medium. */
export function readEwfVolume(file: FileReader, section: EwfSection): EwfVolume | undefined {
  const bytes = file.read(section.dataStart, 1052)
  if (bytes.length < 94) return undefined
  if (bytes.length < 1052) {
    return {
      mediaType: bytes[0] ?? 0,
      chunkCount: bytes.readUInt32LE(4),
      sectorsPerChunk: bytes.readUInt32LE(8),
      bytesPerSector: bytes.readUInt32LE(12),
      sectorCount: bytes.readUInt32LE(16),
      mediaFlags: 0,
      compression: 0,
    }
  }
  const setId = bytes.subarray(64, 80).toString('hex')
  return {
    mediaType: bytes[0] ?? 0,
    chunkCount: bytes.readUInt32LE(4),
    sectorsPerChunk: bytes.readUInt32LE(8),
    bytesPerSector: bytes.readUInt32LE(12),
    sectorCount: Number(bytes.readBigUInt64LE(16)),
    mediaFlags: bytes[36] ?? 0,
    compression: bytes[52] ?? 0,
    ...(/^0*$/.test(setId) ? {} : { setId }),
  }
}

/** 'hash' holds an MD5; 'digest' an MD5 and a SHA-1. All zero means not computed. */
export function readEwfHashes(file: FileReader, section: EwfSection): { md5?: string; sha1?: string } {
  const bytes = file.read(section.dataStart, 36)
  const text = (start: number, length: number): string | undefined => {
    const part = bytes.subarray(start, start + length)
    return part.length === length && part.some((byte) => byte !== 0) ? part.toString('hex') : undefined
  }
  const md5 = text(0, 16)
  const sha1 = section.type === 'digest' ? text(16, 20) : undefined
  return { ...(md5 ? { md5 } : {}), ...(sha1 ? { sha1 } : {}) }
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end)
}
