/** A blob that lies in the object store, durable, and is not in the register yet. */
export interface SealedBlob {
  /** Lower-case hex SHA-256 of the sealed bytes; its name in the store. */
  readonly address: string
  /** Bytes before sealing. */
  readonly sizeBytes: number
  /** Lower-case hex, of the plaintext. SHA-1 and MD5 only where asked for. */
  readonly sha256: string
  readonly sha1: string | null
  readonly md5: string | null
  /** 16 bytes. Never logged, never stored unwrapped; dropped once `keepBlob` has run. */
  readonly fileKey: Uint8Array
}

export interface SealOptions {
  /** What a provider's manifest may have stated beside SHA-256. */
  readonly alsoDigest?: readonly ('sha1' | 'md5')[]
}

/** Plaintext bytes: `end` is exclusive; both default to the whole blob. */
export interface ByteRange {
  readonly start?: number
  readonly end?: number
}
