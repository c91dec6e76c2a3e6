import { crc32 } from 'node:zlib'
import { decodeName } from './code-page-437.ts'

export interface ZipEntry {
  readonly name: string
  /** The name's bytes, where they are not UTF-8. */
  readonly legacyName?: Buffer
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
  readonly headerOffset: number
  readonly unixMode: number
  readonly modifiedAt?: string
  readonly comment: string
  readonly aes?: { readonly strength: 1 | 2 | 3; readonly method: number; readonly version: number }
  /** Sizes stand behind the data, and this header does not know them. */
  readonly sizesUnknown: boolean
  /** Damage in this header; the entry is still tried. */
  readonly damage: readonly string[]
}

export const CENTRAL_SIGNATURE = Buffer.from('PK\x01\x02', 'latin1')
export const LOCAL_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1')
const NO_SIZE = 0xffffffff

interface Fields {
  sizes: { size: number; compressedSize: number; headerOffset: number }
  name?: string
  modifiedAt?: string | undefined
  aes?: ZipEntry['aes']
  damage: string[]
}

/** One central directory header at the start of `bytes`, with the bytes it takes. */
export function readCentral(bytes: Buffer): { entry: ZipEntry; length: number } | undefined {
  if (bytes.length < 46 || !bytes.subarray(0, 4).equals(CENTRAL_SIGNATURE)) return undefined
  const nameLength = bytes.readUInt16LE(28)
  const extraLength = bytes.readUInt16LE(30)
  const commentLength = bytes.readUInt16LE(32)
  const raw = bytes.subarray(46, 46 + nameLength)
  const extra = bytes.subarray(46 + nameLength, 46 + nameLength + extraLength)
  const comment = bytes.subarray(46 + nameLength + extraLength, 46 + nameLength + extraLength + commentLength)
  const sizes = {
    size: bytes.readUInt32LE(24),
    compressedSize: bytes.readUInt32LE(20),
    headerOffset: bytes.readUInt32LE(42),
  }
  const unix = bytes[5] === 3 || bytes[5] === 19
  const entry = assemble(bytes.subarray(8), raw, extra, sizes, {
    comment: decodeName(comment).name,
    unixMode: unix ? bytes.readUInt16LE(40) : 0,
  })
  return { entry, length: 46 + nameLength + extraLength + commentLength }
}

/** One local header at `headerOffset`, with where its data begins. */
export function readLocal(
  bytes: Buffer,
  headerOffset: number,
): { entry: ZipEntry; dataStart: number } | undefined {
  if (bytes.length < 30 || !bytes.subarray(0, 4).equals(LOCAL_SIGNATURE)) return undefined
  const nameLength = bytes.readUInt16LE(26)
  const extraLength = bytes.readUInt16LE(28)
  const raw = bytes.subarray(30, 30 + nameLength)
  const extra = bytes.subarray(30 + nameLength, 30 + nameLength + extraLength)
  const sizes = { size: bytes.readUInt32LE(22), compressedSize: bytes.readUInt32LE(18), headerOffset }
  const entry = assemble(bytes.subarray(6), raw, extra, sizes, { comment: '', unixMode: 0 })
  return { entry, dataStart: headerOffset + 30 + nameLength + extraLength }
}

const USUAL_HEADER_BYTES = 1024

/** The local header at a place of the file: most are short, a long one is read again whole. */
export function localHeaderAt(
  file: { read(position: number, length: number): Buffer },
  offset: number,
): ReturnType<typeof readLocal> {
  const first = file.read(offset, USUAL_HEADER_BYTES)
  if (first.length < 30) return undefined
  const length = 30 + first.readUInt16LE(26) + first.readUInt16LE(28)
  return readLocal(length > first.length ? file.read(offset, length) : first, offset)
}

/** `fixed` begins at the flags, which lie alike in both headers from there: flags, method, time, date, crc. */
function assemble(
  fixed: Buffer,
  raw: Buffer,
  extra: Buffer,
  sizes: Fields['sizes'],
  more: { comment: string; unixMode: number },
): ZipEntry {
  const flags = fixed.readUInt16LE(0)
  const fields = readExtra(extra, raw, sizes)
  const decoded = decodeName(raw)
  const modifiedAt = fields.modifiedAt ?? dosTime(fixed.readUInt16LE(6), fixed.readUInt16LE(4))
  return {
    name: fields.name ?? decoded.name,
    ...(decoded.legacy ? { legacyName: Buffer.from(raw) } : {}),
    flags,
    method: fixed.readUInt16LE(2),
    crc: fixed.readUInt32LE(8),
    ...fields.sizes,
    ...more,
    ...(modifiedAt ? { modifiedAt } : {}),
    ...(fields.aes ? { aes: fields.aes } : {}),
    sizesUnknown: (flags & 8) !== 0 && fields.sizes.compressedSize === 0,
    damage: fields.damage,
  }
}

function readExtra(extra: Buffer, rawName: Buffer, sizes: Fields['sizes']): Fields {
  const fields: Fields = { sizes: { ...sizes }, damage: [] }
  let sawZip64 = false
  for (let at = 0; at + 4 <= extra.length;) {
    const id = extra.readUInt16LE(at)
    const length = extra.readUInt16LE(at + 2)
    if (at + 4 + length > extra.length) fields.damage.push('an extra field is longer than its place')
    const data = extra.subarray(at + 4, at + 4 + length)
    at += 4 + length
    if (id === 0x0001) {
      sawZip64 = true
      readZip64(data, fields)
    } else if (id === 0x7075) readUnicodePath(data, rawName, fields)
    else if (id === 0x5455 && data.length >= 5 && ((data[0] ?? 0) & 1) !== 0) {
      fields.modifiedAt = new Date(data.readInt32LE(1) * 1000).toISOString()
    } else if (id === 0x000a && data.length >= 32 && data.readUInt16LE(4) === 1) {
      fields.modifiedAt ??= fileTime(data.readBigUInt64LE(8))
    } else if (id === 0x9901 && data.length >= 7) readAes(data, fields)
  }
  if (!sawZip64 && [sizes.size, sizes.compressedSize, sizes.headerOffset].includes(NO_SIZE)) {
    fields.damage.push('the 64-bit sizes it points to are missing')
  }
  return fields
}

function readZip64(data: Buffer, fields: Fields): void {
  let at = 0
  for (const key of ['size', 'compressedSize', 'headerOffset'] as const) {
    if (fields.sizes[key] !== NO_SIZE) continue
    if (at + 8 > data.length) {
      fields.damage.push('the 64-bit sizes it points to are missing')
      return
    }
    const value = data.readBigUInt64LE(at)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) fields.damage.push('a 64-bit size is impossible')
    else fields.sizes[key] = Number(value)
    at += 8
  }
}

/** Info-ZIP Unicode Path: counts only for the name it was made for. */
function readUnicodePath(data: Buffer, rawName: Buffer, fields: Fields): void {
  if (data.length < 5 || data[0] !== 1 || data.readUInt32LE(1) !== crc32(rawName)) return
  fields.name = decodeName(data.subarray(5)).name
}

function readAes(data: Buffer, fields: Fields): void {
  const strength = data[4]
  if (strength !== 1 && strength !== 2 && strength !== 3) {
    fields.damage.push('its encryption strength is unknown')
    return
  }
  fields.aes = { strength, version: data.readUInt16LE(0), method: data.readUInt16LE(5) }
}

/** DOS date and time: local time of the machine that packed, so no offset is claimed. */
export function dosTime(date: number, time: number): string | undefined {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 15, date & 31]
  const [hour, minute, second] = [time >> 11, (time >> 5) & 63, (time & 31) * 2]
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`
}

/** Windows FILETIME: 100 ns since 1601, UTC. */
export function fileTime(ticks: bigint): string | undefined {
  const ms = Number(ticks / 10_000n) - 11_644_473_600_000
  if (ticks === 0n || Math.abs(ms) > 8.64e15) return undefined
  return new Date(ms).toISOString()
}
