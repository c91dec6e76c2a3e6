import { Readable } from 'node:stream'
import { constants, createInflateRaw, createZstdDecompress, inflateRawSync } from 'node:zlib'
import type { FileReader } from './file-reader.ts'
import { aesSaltBytes, openAes, openTraditional } from './zip-crypto.ts'
import { localHeaderAt, type ZipEntry } from './zip-entry.ts'

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export type EntryData =
  | {
      readonly kind: 'data'
      readonly chunks: Chunks
      readonly remarks: readonly string[]
      readonly checkCrc: boolean
    }
  | { readonly kind: 'locked'; readonly words: string; readonly retryable: boolean }
  | { readonly kind: 'other-method'; readonly method: number }
  | { readonly kind: 'broken'; readonly words: string }

const SMALL_BYTES = 1024 * 1024
const [STORED, DEFLATED, AES_METHOD] = [0, 8, 99]
const ZSTD = [20, 93]

/** The bytes of one entry, decrypted and decompressed; `most`: bytes beyond which a small entry is read as a stream. */
export function openEntry(
  file: FileReader,
  entry: ZipEntry,
  passwords: readonly string[],
  most: number,
): EntryData {
  const local = localHeaderAt(file, entry.headerOffset)
  if (!local) return { kind: 'broken', words: 'its own header is not where the list of contents says' }
  const remarks = [...entry.damage]
  if (local.entry.name !== entry.name) remarks.push('its own header gives it another name')
  const end = local.dataStart + entry.compressedSize
  if (end > file.size) remarks.push('its data is said to reach beyond the end of the file')
  const method = entry.method === AES_METHOD && entry.aes ? entry.aes.method : entry.method
  if (entry.flags & 0x40) {
    return {
      kind: 'locked',
      words: 'is locked with PKWARE strong encryption, which is not read',
      retryable: false,
    }
  }
  if (![STORED, DEFLATED, ...ZSTD].includes(method)) return { kind: 'other-method', method }

  const range = { start: local.dataStart, end: Math.min(end, file.size) }
  if ((entry.flags & 1) === 0) {
    const small = smallEntry(file, entry, range, most)
    const chunks = small ?? expand(method, file.chunks(range.start, range.end))
    return { kind: 'data', chunks, remarks, checkCrc: true }
  }
  for (const password of passwords) {
    const plain = unlock(file, entry, range, password)
    if (plain)
      return { kind: 'data', chunks: expand(method, plain), remarks, checkCrc: entry.aes?.version !== 2 }
  }
  const words =
    passwords.length > 0 ? 'is locked, and no password given opens it' : 'is locked with a password'
  return { kind: 'locked', words, retryable: true }
}

interface Range {
  readonly start: number
  readonly end: number
}

/** Most entries are small: read and inflate in one step. Undefined where anything is unusual. */
function smallEntry(
  file: FileReader,
  entry: ZipEntry,
  range: Range,
  most: number,
): Iterable<Uint8Array> | undefined {
  const bytes = range.end - range.start
  if (
    bytes > SMALL_BYTES ||
    entry.size > 4 * SMALL_BYTES ||
    (entry.method !== STORED && entry.method !== DEFLATED)
  )
    return undefined
  const raw = file.read(range.start, bytes)
  if (entry.method === STORED) return [raw]
  try {
    return [inflateRawSync(raw, { maxOutputLength: Math.max(1, Math.min(8 * SMALL_BYTES, most)) })]
  } catch (fault) {
    if (fault instanceof Error) return undefined // damaged or larger than it says: the stream gives what can be had
    throw fault
  }
}

function unlock(
  file: FileReader,
  entry: ZipEntry,
  range: Range,
  password: string,
): Iterable<Uint8Array> | undefined {
  if (entry.aes) {
    const saltEnd = range.start + aesSaltBytes(entry.aes.strength)
    const frame = {
      strength: entry.aes.strength,
      salt: file.read(range.start, saltEnd - range.start),
      verifier: file.read(saltEnd, 2),
      mac: file.read(range.end - 10, 10),
    }
    return openAes(frame, file.chunks(saltEnd + 2, range.end - 10), password)
  }
  const header = file.read(range.start, 12)
  const time = file.read(entry.headerOffset + 10, 2)
  const checkByte = entry.flags & 8 ? (time[1] ?? 0) : entry.crc >>> 24
  return openTraditional(header, file.chunks(range.start + 12, range.end), password, checkByte)
}

/** Truncated deflate data gives what was there instead of an error; the size check tells. */
function expand(method: number, chunks: Iterable<Uint8Array>): Chunks {
  if (method === STORED) return chunks
  const source = Readable.from(chunks)
  const stream =
    method === DEFLATED ? createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH }) : createZstdDecompress()
  source.on('error', (fault) => stream.destroy(fault))
  return source.pipe(stream)
}
