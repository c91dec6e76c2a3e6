import { createHash, type Hash } from 'node:crypto'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { CHUNK_BYTES, PAYLOAD_NONCE_BYTES, payloadKey, payloadSize, sealChunk } from '../../proof/age.ts'

/** A whole chunk with its tag. */
const SEALED_CHUNK_BYTES = payloadSize(CHUNK_BYTES) - PAYLOAD_NONCE_BYTES

export interface Digests {
  readonly sha256: string
  readonly sha1: string | null
  readonly md5: string | null
}

export interface SealedDigests extends Digests {
  /** Lower-case hex SHA-256 of all sealed bytes. */
  readonly address: string
  readonly sizeBytes: number
}

export interface SealerOrder {
  readonly fileKey: Uint8Array
  readonly nonce: Uint8Array
  readonly alsoDigest: readonly ('sha1' | 'md5')[]
}

/**
 * Turns a stream of plaintext into a payload in one pass: digests of what goes in, sealed chunks, digest of what
 * comes out. Holds at most one chunk back, because only the end of the stream says which chunk is the last.
 */
export class Sealer {
  private readonly key: Uint8Array
  private readonly nonce: Uint8Array
  private readonly plainHashes: Hash[]
  private readonly names: readonly string[]
  private readonly sealedHash = createHash('sha256')
  private held: Uint8Array = new Uint8Array(0)
  private chunks = 0
  private sizeBytes = 0

  constructor(order: SealerOrder) {
    this.key = payloadKey(nativePrimitives, order.fileKey, order.nonce)
    this.nonce = order.nonce
    this.names = ['sha256', ...order.alsoDigest]
    this.plainHashes = this.names.map((name) => createHash(name))
  }

  /** The sealed bytes that are certain now; may be empty. */
  push(plain: Uint8Array): Uint8Array {
    this.sizeBytes += plain.length
    for (const hash of this.plainHashes) hash.update(plain)
    const total = this.held.length + plain.length
    // The last full chunk is held until one more byte is seen.
    const ready = Math.max(0, Math.ceil(total / CHUNK_BYTES) - 1)
    const sealed = this.newSpace(ready * SEALED_CHUNK_BYTES)
    let at = sealed.offset
    let taken = 0
    for (let chunk = 0; chunk < ready; chunk++) {
      const piece = this.nextChunk(plain, taken)
      taken += piece.taken
      const place = { index: this.chunks++, isLast: false }
      sealed.bytes.set(sealChunk(nativePrimitives, this.key, place, piece.bytes), at)
      at += SEALED_CHUNK_BYTES
    }
    this.held = Buffer.concat([this.held, plain.subarray(taken)])
    this.sealedHash.update(sealed.bytes)
    return sealed.bytes
  }

  /** The last chunk. */
  end(): { readonly bytes: Uint8Array; readonly digests: SealedDigests } {
    const sealed = this.newSpace(payloadSize(this.held.length) - PAYLOAD_NONCE_BYTES)
    const place = { index: this.chunks, isLast: true }
    sealed.bytes.set(sealChunk(nativePrimitives, this.key, place, this.held), sealed.offset)
    const address = this.sealedHash.update(sealed.bytes).digest('hex')
    const plain = new Map(this.names.map((name, at) => [name, this.plainHashes[at]?.digest('hex') ?? null]))
    const digests = {
      address,
      sizeBytes: this.sizeBytes,
      sha256: plain.get('sha256') ?? '',
      sha1: plain.get('sha1') ?? null,
      md5: plain.get('md5') ?? null,
    }
    return { bytes: sealed.bytes, digests }
  }

  /** Memory for sealed bytes; the nonce stands before the first of them. */
  private newSpace(length: number): { bytes: Uint8Array; offset: number } {
    if (length === 0) return { bytes: new Uint8Array(0), offset: 0 }
    const offset = this.chunks === 0 ? PAYLOAD_NONCE_BYTES : 0
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length + offset).buffer)
    if (offset > 0) bytes.set(this.nonce)
    return { bytes, offset }
  }

  /** One whole chunk: what was held first, then from `plain`; without copying where nothing is held. */
  private nextChunk(plain: Uint8Array, from: number): { bytes: Uint8Array; taken: number } {
    const taken = CHUNK_BYTES - this.held.length
    const fresh = plain.subarray(from, from + taken)
    const bytes = this.held.length === 0 ? fresh : Buffer.concat([this.held, fresh])
    this.held = new Uint8Array(0)
    return { bytes, taken }
  }
}
