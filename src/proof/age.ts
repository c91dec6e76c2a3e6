import { concatBytes } from '../base/bytes.ts'
import { malformed } from './malformed.ts'
import type { Primitives } from './primitives.ts'
import { toUtf8 } from './utf8.ts'

/**
 * The payload of an age v1 file (C2SP age 1.1.0): a 16-byte nonce, then chunks of 64 KiB sealed with
 * ChaCha20-Poly1305. Each chunk's nonce is its number and whether it is the last, so that chunks can
 * be neither moved, dropped nor added. The header (`age-header.ts`) is kept apart from the payload.
 */
export const FILE_KEY_BYTES = 16
export const PAYLOAD_NONCE_BYTES = 16
export const CHUNK_BYTES = 65_536
const TAG_BYTES = 16
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES

/** The key that seals the chunks of one payload. */
export function payloadKey(p: Primitives, fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  if (fileKey.length !== FILE_KEY_BYTES) throw new RangeError('a file key must have 16 bytes')
  if (nonce.length !== PAYLOAD_NONCE_BYTES) throw new RangeError('a payload nonce must have 16 bytes')
  return p.hkdfSha256(fileKey, nonce, toUtf8('payload'), 32)
}

/** How long the payload (nonce and all chunks) of `plainBytes` is. */
export function payloadSize(plainBytes: number): number {
  return PAYLOAD_NONCE_BYTES + plainBytes + TAG_BYTES * chunkCount(plainBytes)
}

/** The inverse of `payloadSize`. Refuses malformed: no payload has this length. */
export function plaintextSize(payloadBytes: number): number {
  const sealed = payloadBytes - PAYLOAD_NONCE_BYTES
  const chunks = Math.ceil(sealed / SEALED_CHUNK_BYTES)
  const plain = sealed - chunks * TAG_BYTES
  if (chunks < 1 || plain < 0 || payloadSize(plain) !== payloadBytes)
    throw malformed('the sealed file does not have a possible length')
  return plain
}

/** An empty file has one empty chunk; no other has an empty one. */
export function chunkCount(plainBytes: number): number {
  return Math.max(1, Math.ceil(plainBytes / CHUNK_BYTES))
}

/** Seals chunk `index`, at most 64 KiB. */
export function sealChunk(p: Primitives, key: Uint8Array, at: ChunkAt, plaintext: Uint8Array): Uint8Array {
  return p.chachaSeal(key, chunkNonce(at), plaintext)
}

/** Opens chunk `index`. Refuses malformed: it is not that chunk of this payload, or was changed. */
export function openChunk(p: Primitives, key: Uint8Array, at: ChunkAt, sealed: Uint8Array): Uint8Array {
  const plaintext = p.chachaOpen(key, chunkNonce(at), sealed)
  if (plaintext === null)
    throw malformed(`chunk ${at.index} of the sealed file was changed, moved or cut`, { chunk: at.index })
  if (plaintext.length === 0 && at.index > 0) throw malformed('the sealed file ends in an empty chunk')
  return plaintext
}

export interface ChunkAt {
  readonly index: number
  readonly isLast: boolean
}

/**
 * Encrypts a stream; memory stays at one chunk. Yields the nonce, then sealed chunks; what it yields
 * is never touched again. `key.nonce`: 16 random bytes of this payload alone.
 */
export async function* encryptPayload(
  p: Primitives,
  key: { readonly fileKey: Uint8Array; readonly nonce: Uint8Array },
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const chunkKey = payloadKey(p, key.fileKey, key.nonce)
  yield key.nonce.slice()
  let index = 0
  for await (const { bytes, isLast } of inPieces(source, CHUNK_BYTES))
    yield sealChunk(p, chunkKey, { index: index++, isLast }, bytes)
}

/**
 * Decrypts a payload from its nonce on. What was yielded is authentic; whether it is *all* is known
 * only when the generator ends without throwing.
 *
 * Refuses malformed: changed, cut short, or followed by anything.
 */
export async function* decryptPayload(
  p: Primitives,
  fileKey: Uint8Array,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const { nonce, rest } = await takeNonce(source)
  const chunkKey = payloadKey(p, fileKey, nonce)
  let index = 0
  for await (const { bytes, isLast } of inPieces(rest, SEALED_CHUNK_BYTES)) {
    const at = { index: index++, isLast }
    const plaintext = p.chachaOpen(chunkKey, chunkNonce(at), bytes)
    if (plaintext !== null && (plaintext.length > 0 || at.index === 0)) yield plaintext
    else yield* misplacedEnd(p, chunkKey, at, bytes)
  }
}

/** Reads `length` bytes of the payload from `offset` (0 is the nonce). */
export type ReadPayload = (offset: number, length: number) => Promise<Uint8Array>

/**
 * Decrypts the plaintext from `start` to `end` (not included), reading only the chunks it needs.
 * `payloadBytes` must be the whole length: it says which chunk is the last.
 *
 * Refuses malformed: a chunk was changed, or no payload has that length. Throws RangeError: the
 * range is not inside the plaintext.
 */
export async function* decryptRange(
  p: Primitives,
  sealed: { readonly fileKey: Uint8Array; readonly payloadBytes: number; readonly read: ReadPayload },
  range: { readonly start: number; readonly end: number },
): AsyncGenerator<Uint8Array> {
  const plain = plaintextSize(sealed.payloadBytes)
  const { start, end } = range
  if (!(start >= 0 && start <= end && end <= plain)) throw new RangeError('the range is not inside the file')
  const key = payloadKey(p, sealed.fileKey, await sealed.read(0, PAYLOAD_NONCE_BYTES))
  const last = chunkCount(plain) - 1
  for (let index = Math.floor(start / CHUNK_BYTES); index * CHUNK_BYTES < end; index++) {
    const offset = PAYLOAD_NONCE_BYTES + index * SEALED_CHUNK_BYTES
    const length = Math.min(SEALED_CHUNK_BYTES, sealed.payloadBytes - offset)
    const chunk = openChunk(p, key, { index, isLast: index === last }, await sealed.read(offset, length))
    const from = index * CHUNK_BYTES
    yield chunk.subarray(Math.max(0, start - from), Math.min(chunk.length, end - from))
  }
}

/** A chunk that opens only as the last (or only as not the last) is authentic; then the cut is named. */
function* misplacedEnd(
  p: Primitives,
  key: Uint8Array,
  at: ChunkAt,
  sealed: Uint8Array,
): Generator<Uint8Array> {
  const authentic = p.chachaOpen(key, chunkNonce({ ...at, isLast: !at.isLast }), sealed)
  // Only a whole chunk may be followed by another, so a short one that says so is not released.
  if (authentic === null || sealed.length < SEALED_CHUNK_BYTES) openChunk(p, key, at, sealed) // refuses
  else yield authentic
  throw malformed(
    at.isLast
      ? 'the sealed file is cut short after a whole chunk'
      : 'the sealed file goes on after its last chunk',
    { chunk: at.index },
  )
}

/** Of a chunk under the payload key: its number, and whether it is the last. */
export function chunkNonce(at: ChunkAt): Uint8Array {
  const nonce = new Uint8Array(12)
  for (let byte = 10, rest = at.index; rest > 0; byte--, rest = Math.floor(rest / 256))
    nonce[byte] = rest % 256
  nonce[11] = at.isLast ? 1 : 0
  return nonce
}

/** Cuts a stream into pieces of `size`; the last may be shorter, and is empty only if all is. */
async function* inPieces(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly isLast: boolean }> {
  let piece = new Uint8Array(size)
  let filled = 0
  for await (const part of source)
    for (let at = 0; at < part.length;) {
      if (filled === size) {
        yield { bytes: piece, isLast: false }
        piece = new Uint8Array(size) // the old one may still be in use
        filled = 0
      }
      if (filled === 0 && part.length - at > size) {
        yield { bytes: part.subarray(at, at + size), isLast: false } // more follows: no need to copy
        at += size
        continue
      }
      const taken = Math.min(size - filled, part.length - at)
      piece.set(part.subarray(at, at + taken), filled)
      filled += taken
      at += taken
    }
  yield { bytes: piece.subarray(0, filled), isLast: true }
}

async function takeNonce(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly nonce: Uint8Array; readonly rest: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]()
  let head = new Uint8Array(0)
  while (head.length < PAYLOAD_NONCE_BYTES) {
    const next = await iterator.next()
    if (next.done === true) throw malformed('the sealed file ends within its nonce')
    head = concatBytes(head, next.value) as Uint8Array<ArrayBuffer>
  }
  const rest = continued(head.subarray(PAYLOAD_NONCE_BYTES), iterator)
  return { nonce: head.slice(0, PAYLOAD_NONCE_BYTES), rest }
}

async function* continued(
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
}
