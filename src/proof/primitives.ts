/**
 * The port to cryptographic primitives. Two implementations, tested against each other:
 * `platform/primitives-native.ts` (node:crypto) and `primitives-noble.ts` (any JavaScript).
 * Nothing in this folder computes a primitive itself.
 */
export interface Primitives {
  /** SHA-256 of one message. */
  sha256(message: Uint8Array): Uint8Array
  hasher(algorithm: HashName): Hasher
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array
  /** RFC 5869 with SHA-256. */
  hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array
  /** RFC 8032; `seed` is the 32-byte private key. */
  ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array
  ed25519PublicKey(seed: Uint8Array): Uint8Array
  /** Accepts by the one rule of `ed25519-rule.ts`; false for anything else, whatever its length. */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  /** RFC 7748. `null` where the result is all zero (a point of small order). */
  x25519(secret: Uint8Array, point: Uint8Array): Uint8Array | null
  x25519PublicKey(secret: Uint8Array): Uint8Array
  /** RFC 8439 with an empty associated text: ciphertext ‖ 16-byte tag. */
  chachaSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** `null` where the tag does not match. */
  chachaOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null
}

/** MD5 and SHA-1 are here to check what others stated, never to prove anything. */
export type HashName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** A running hash; `digest` ends it. */
export interface Hasher {
  update(bytes: Uint8Array): void
  digest(): Uint8Array
}
