import { decodeName } from './code-page-437.ts'

/** One 512-byte header, with what PAX and GNU headers before it said. */
export interface TarEntry {
  readonly path: string
  readonly size: number
  readonly kind: 'file' | 'folder' | 'link' | 'hard-link' | 'device' | 'other'
  readonly type: string
  readonly linkTarget: string
  readonly modifiedAt?: string
  readonly owner?: string
  readonly group?: string
}

const KINDS: Readonly<Record<string, TarEntry['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hard-link',
  '2': 'link',
  '3': 'device',
  '4': 'device',
  '6': 'device',
  '5': 'folder',
  D: 'folder',
}

export function checksumFits(block: Buffer): boolean {
  const stated = number(block.subarray(148, 156))
  let unsigned = 8 * 32
  let signed = 8 * 32
  for (let at = 0; at < 512; at++) {
    if (at >= 148 && at < 156) continue
    const byte = block[at] ?? 0
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  return stated === unsigned || stated === signed
}

/** Reads a header whose checksum fits. `more`: the PAX records that hold for it. */
export function readTarHeader(block: Buffer, more: ReadonlyMap<string, string>): TarEntry {
  const type = String.fromCharCode(block[156] ?? 0)
  const prefix =
    block.subarray(257, 262).toString('latin1') === 'ustar' && block[263] !== 0x20
      ? text(block, 345, 155)
      : ''
  const name = text(block, 0, 100)
  const path = more.get('path') ?? (prefix === '' ? name : `${prefix}/${name}`)
  const size = more.has('size') ? Number(more.get('size')) : number(block.subarray(124, 136))
  const seconds = more.has('mtime') ? Number(more.get('mtime')) : number(block.subarray(136, 148))
  const kind = path.endsWith('/') && KINDS[type] === 'file' ? 'folder' : (KINDS[type] ?? 'other')
  const [owner, group] = [
    more.get('uname') ?? text(block, 265, 32),
    more.get('gname') ?? text(block, 297, 32),
  ]
  const time = Math.abs(seconds * 1000) <= 8.64e15 ? new Date(seconds * 1000).toISOString() : undefined
  return {
    path,
    size: Number.isSafeInteger(size) && size >= 0 ? size : 0,
    kind,
    type,
    linkTarget: more.get('linkpath') ?? text(block, 157, 100),
    ...(time ? { modifiedAt: time } : {}),
    ...(owner ? { owner } : {}),
    ...(group ? { group } : {}),
  }
}

/** PAX records: '<length> <key>=<value>\n', repeated. Stops at the first that is not well formed. */
export function readPax(data: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at)
    if (space < 0) break
    const length = Number(data.subarray(at, space).toString('latin1'))
    if (!Number.isSafeInteger(length) || length <= space - at + 1 || at + length > data.length) break
    const record = decodeName(data.subarray(space + 1, at + length - 1)).name
    const equals = record.indexOf('=')
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length)
  const end = field.indexOf(0)
  return decodeName(end < 0 ? field : field.subarray(0, end)).name
}

/** Octal digits, or GNU's base 256 where the first bit is set. */
function number(field: Buffer): number {
  const first = field[0] ?? 0
  if (first & 0x80) {
    let value = first === 0xff ? -1 : first & 0x7f
    for (const byte of field.subarray(1)) value = value * 256 + byte
    return value
  }
  const digits = field.toString('latin1').replaceAll('\0', ' ').trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : 0
}
