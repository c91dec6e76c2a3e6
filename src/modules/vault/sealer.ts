import { createCipheriv, createHash, createSecretKey, type Hash, type KeyObject } from 'node:crypto'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { CHUNK_BYTES, chunkNonce, PAYLOAD_NONCE_BYTES, payloadKey, payloadSize } from '../../proof/age.ts'

/** A whole chunk with its tag. */
const SEALED_CHUNK_BYTES = payloadSize(CHUNK_BYTES) - PAYLOAD_NONCE_BYTES

/** Of the plaintext, lower-case hex. */
export interface PlainDigests {
  readonly sizeBytes: number
  readonly sha256: string
  readonly sha1: string | null
  readonly md5: string | null
}

export interface SealedDigests extends PlainDigests {
  /** Lower-case hex SHA-256 of all sealed bytes. */
  readonly address: string
}

export interface SealerOrder {
  readonly fileKey: Uint8Array
  readonly nonce: Uint8Array
  readonly alsoDigest: readonly ('sha1' | 'md5')[]
}

/** Counts and digests a stream of plaintext. */
export class Digester {
  private readonly hashes: ReadonlyMap<string, Hash>
  private sizeBytes = 0

  constructor({ alsoDigest }: Pick<SealerOrder, 'alsoDigest'>) {
    this.hashes = new Map(['sha256', ...alsoDigest].map((name) => [name, createHash(name)]))
  }

  push(plain: Uint8Array): void {
    this.sizeBytes += plain.length
    for (const hash of this.hashes.values()) hash.update(plain)
  }

  end(): PlainDigests {
    const hex = new Map([...this.hashes].map(([name, hash]) => [name, hash.digest('hex')]))
    const [sha1, md5] = [hex.get('sha1') ?? null, hex.get('md5') ?? null]
    return { sizeBytes: this.sizeBytes, sha256: hex.get('sha256') ?? '', sha1, md5 }
  }
}

/** Gives memory for sealed bytes, of at least this length; what it held before does not matter. */
export type Space = (length: number) => Uint8Array

const freshSpace: Space = (length) => new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)

/**
 * Turns a stream of plaintext into a payload in one pass: sealed chunks, and the digest of what comes out. Holds at most one chunk back, because only the end of the stream says which chunk is the last.
 */
export class Sealer {
  private readonly key: KeyObject
  private readonly nonce: Uint8Array
  private readonly space: Space
  private readonly sealedHash = createHash('sha256')
  private held: Uint8Array = new Uint8Array(0)
  private chunks = 0

  constructor(order: Pick<SealerOrder, 'fileKey' | 'nonce'>, space: Space = freshSpace) {
    this.key = createSecretKey(payloadKey(nativePrimitives, order.fileKey, order.nonce))
    this.nonce = order.nonce
    this.space = space
  }

  /** The sealed bytes that are certain now; may be empty. */
  push(plain: Uint8Array): Uint8Array {
    // The last full chunk is held until one more byte is seen.
    const ready = Math.max(0, Math.ceil((this.held.length + plain.length) / CHUNK_BYTES) - 1)
    const sealed = this.newSpace(ready * SEALED_CHUNK_BYTES)
    let at = sealed.offset
    let taken = 0
    for (let chunk = 0; chunk < ready; chunk++) {
      const fresh = plain.subarray(taken, taken + CHUNK_BYTES - this.held.length)
      this.sealChunk([this.held, fresh], false, sealed.bytes, at)
      this.held = new Uint8Array(0)
      taken += fresh.length
      at += SEALED_CHUNK_BYTES
    }
    this.held = Buffer.concat([this.held, plain.subarray(taken)])
    this.sealedHash.update(sealed.bytes)
    return sealed.bytes
  }

  /** The last chunk, and the address of the whole. */
  end(): { readonly bytes: Uint8Array; readonly address: string } {
    const sealed = this.newSpace(payloadSize(this.held.length) - PAYLOAD_NONCE_BYTES)
    this.sealChunk([this.held], true, sealed.bytes, sealed.offset)
    return { bytes: sealed.bytes, address: this.sealedHash.update(sealed.bytes).digest('hex') }
  }

  /** Memory for sealed bytes; the nonce stands before the first of them. */
  private newSpace(length: number): { bytes: Uint8Array; offset: number } {
    if (length === 0) return { bytes: new Uint8Array(0), offset: 0 }
    const offset = this.chunks === 0 ? PAYLOAD_NONCE_BYTES : 0
    const bytes = this.space(length + offset).subarray(0, length + offset)
    if (offset > 0) bytes.set(this.nonce)
    return { bytes, offset }
  }

  /** Seals one chunk, given in parts, straight into its place: memory made for each would cost half as much again. */
  private sealChunk(parts: readonly Uint8Array[], isLast: boolean, into: Uint8Array, from: number): void {
    const nonce = chunkNonce({ index: this.chunks++, isLast })
    const cipher = createCipheriv('chacha20-poly1305', this.key, nonce, { authTagLength: 16 })
    let at = from
    for (const part of parts) {
      into.set(cipher.update(part), at)
      at += part.length
    }
    cipher.final()
    into.set(cipher.getAuthTag(), at)
  }
}
