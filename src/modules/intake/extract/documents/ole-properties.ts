import { decodeText } from '../charset/decode.ts'
import type { Gathering } from '../gather.ts'
import { fileTime, type OleFile } from '../ole.ts'

const SUMMARY: Readonly<Record<number, string>> = {
  2: 'title',
  3: 'subject',
  4: 'author',
  5: 'keywords',
  6: 'comments',
  7: 'template',
  8: 'lastModifiedBy',
  9: 'revision',
  10: 'editingTime',
  11: 'lastPrintedAt',
  12: 'createdAt',
  13: 'modifiedAt',
  14: 'pages',
  15: 'words',
  18: 'application',
  19: 'security',
}
const MORE: Readonly<Record<number, string>> = {
  2: 'category',
  14: 'manager',
  15: 'company',
  7: 'slides',
  9: 'hiddenSlides',
  21: 'hyperlinkBase',
  26: 'contentType',
  27: 'status',
  28: 'language',
}
const EDITING_TIME = 'editingTime'

/** The property sets of a compound document ([MS-OLEPS]): who wrote it, when, with what. */
export function oleProperties(ole: OleFile, gathering: Gathering): void {
  const summary = ole.stream('\u0005SummaryInformation')
  if (summary !== null) propertySet(summary, SUMMARY, gathering)
  const more = ole.stream('\u0005DocumentSummaryInformation')
  if (more !== null) propertySet(more, MORE, gathering)
  const root = ole.entries.find((entry) => entry.kind === 'root')
  gathering.found('document.storageModifiedAt', root?.modifiedAt)
}

function propertySet(bytes: Buffer, names: Readonly<Record<number, string>>, gathering: Gathering): void {
  if (bytes.length < 48 || bytes.readUInt16LE(0) !== 0xfffe) return
  const start = bytes.readUInt32LE(44)
  if (start + 8 > bytes.length) return
  const count = Math.min(bytes.readUInt32LE(start + 4), 1_000)
  const places = new Map<number, number>()
  for (let at = start + 8, index = 0; index < count && at + 8 <= bytes.length; index++, at += 8)
    places.set(bytes.readUInt32LE(at), start + bytes.readUInt32LE(at + 4))
  const page = places.get(1)
  const codePage = page !== undefined && page + 6 <= bytes.length ? bytes.readUInt16LE(page + 4) : 1252
  for (const [id, name] of Object.entries(names)) {
    const place = places.get(Number(id))
    if (place === undefined || place + 8 > bytes.length) continue
    const value = propertyValue(bytes, place, codePage, name === EDITING_TIME)
    if (value !== null) gathering.found(`document.${name === EDITING_TIME ? 'editingMinutes' : name}`, value)
  }
}

function propertyValue(
  bytes: Buffer,
  at: number,
  codePage: number,
  duration: boolean,
): string | number | null {
  const type = bytes.readUInt16LE(at)
  const length = bytes.readUInt32LE(at + 4)
  if (type === 30)
    return decodeText(upToZero(bytes.subarray(at + 8, at + 8 + Math.min(length, 8_192))), charsetOf(codePage))
  if (type === 31) return bytes.subarray(at + 8, at + 8 + Math.min(length, 4_096) * 2).toString('utf16le')
  if (type === 3) return bytes.readInt32LE(at + 4)
  if (type === 2) return bytes.readInt16LE(at + 4)
  if (type !== 64 || at + 12 > bytes.length) return null
  const ticks = bytes.readBigUInt64LE(at + 4)
  return duration ? Math.round(Number(ticks / 600_000_000n)) : fileTime(ticks)
}

function upToZero(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

/** Windows code pages by number, in the names decoders know. */
export function charsetOf(codePage: number): string {
  if (codePage === 65_001) return 'utf-8'
  if (codePage === 1_200) return 'utf-16le'
  if (codePage === 10_000) return 'macintosh'
  if (codePage === 10_004) return 'macarabic'
  if (codePage === 10_007) return 'x-mac-cyrillic'
  if (codePage === 932) return 'shift_jis'
  if (codePage === 936) return 'gb18030'
  if (codePage === 949) return 'euc-kr'
  if (codePage === 950) return 'big5'
  if (codePage === 874 || (codePage >= 1_250 && codePage <= 1_258)) return `windows-${codePage}`
  return codePage > 0 && codePage < 1_000 ? `cp${codePage}` : 'windows-1252'
}
