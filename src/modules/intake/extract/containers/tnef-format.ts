import { decodeText } from '../charset/decode.ts'
import { fileTime } from './zip-entry.ts'

/** Attribute ids (MS-OXTNEF 2.1.3.2), without their type half where that varies. */
export const TAG = {
  codePage: 0x00069007,
  subject: 0x00018004,
  body: 0x0002800c,
  messageId: 0x00018009,
  properties: 0x00069003,
  attachmentStart: 0x00069002,
  attachmentTitle: 0x00018010,
  attachmentData: 0x0006800f,
  attachmentProperties: 0x00069005,
} as const

export type Properties = Map<number, string | number | Buffer>

export interface Attribute {
  readonly tag: number
  readonly data: Buffer
}

const SIGNATURE = 0x223e9f78
const MOST_VALUES = 100_000

/** All attributes; lengths are believed only as far as the file reaches. */
export function readAttributes(bytes: Buffer): { attributes: Attribute[]; damage?: string } {
  const attributes: Attribute[] = []
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== SIGNATURE)
    return { attributes, damage: 'its signature is missing' }
  let at = 6
  while (at < bytes.length) {
    if (at + 9 > bytes.length) return { attributes } // mail systems append a line end
    const tag = bytes.readUInt32LE(at + 1)
    const length = bytes.readUInt32LE(at + 5)
    if (at + 9 + length > bytes.length) {
      return {
        attributes,
        damage: `an attribute claims ${length} bytes where ${bytes.length - at - 9} are left`,
      }
    }
    attributes.push({ tag, data: bytes.subarray(at + 9, at + 9 + length) })
    at += 9 + length + 2
  }
  return { attributes }
}

/** MAPI properties by id. Fixed-size types are read; strings, binaries and objects are counted lists. */
export function readProperties(data: Buffer, page: string): { properties: Properties; damage?: string } {
  const properties: Properties = new Map()
  const cursor = new Cursor(data)
  try {
    const count = cursor.word()
    if (count > MOST_VALUES) return { properties, damage: `it claims ${count} properties` }
    for (let index = 0; index < count; index++) {
      const tag = cursor.word()
      const [type, id] = [tag & 0xffff, tag >>> 16]
      if (id >= 0x8000) cursor.namedId()
      const value = readValue(cursor, type, page)
      if (value !== undefined) properties.set(id, value)
    }
    return { properties }
  } catch (fault) {
    if (!(fault instanceof RangeError)) throw fault
    return { properties, damage: 'they end too early' }
  }
}

const FIXED: Readonly<Record<number, number>> = {
  2: 4,
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 8,
  10: 4,
  11: 4,
  20: 8,
  64: 8,
  72: 16,
}

function readValue(cursor: Cursor, type: number, page: string): string | number | Buffer | undefined {
  const multiple = (type & 0x1000) !== 0
  const base = type & 0xfff
  const size = FIXED[base]
  if (size !== undefined) {
    const times = multiple ? cursor.word() : 1
    const bytes = cursor.take(size * times)
    if (base === 64) return fileTime(bytes.readBigUInt64LE(0))
    return base === 3 || base === 11 || base === 2 ? bytes.readInt32LE(0) : undefined
  }
  let first: string | Buffer | undefined
  const count = cursor.word()
  if (count > MOST_VALUES) throw new RangeError('too many values')
  for (let index = 0; index < count; index++) {
    const length = cursor.word()
    const bytes = cursor.take(length)
    cursor.take((4 - (length % 4)) % 4)
    const value =
      base === 0x1f
        ? decodeText(bytes, 'utf-16le').replace(/\0+$/, '')
        : base === 0x1e
          ? decodeText(bytes, page).replace(/\0+$/, '')
          : bytes
    // An object (0x0d) begins with the 16 bytes of its interface.
    first ??= base === 0x0d && value instanceof Buffer ? value.subarray(16) : value
  }
  return first
}

/** Reads forward; beyond the end is a RangeError. */
class Cursor {
  readonly #data: Buffer
  #at = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  word(): number {
    return this.take(4).readUInt32LE(0)
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#data.length) throw new RangeError('beyond the end')
    this.#at += length
    return this.#data.subarray(this.#at - length, this.#at)
  }

  /** A named property: its set, then a number or a name. */
  namedId(): void {
    this.take(16)
    if (this.word() === 0) this.take(4)
    else {
      const length = this.word()
      this.take(length + ((4 - (length % 4)) % 4))
    }
  }
}
