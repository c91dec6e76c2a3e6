import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes } from '../base/bytes.ts'
import { meetsEd25519Rule } from './ed25519-rule.ts'
import type { HashName, Primitives } from './primitives.ts'

const HASHES = { md5, sha1, sha224, sha256, sha384, sha512 } as const

/** The port in plain JavaScript (audited @noble libraries), for the page and for comparison. */
export const noblePrimitives: Primitives = {
  sha256: (message) => sha256(message),
  hasher: (algorithm: HashName) => {
    const running = HASHES[algorithm].create()
    return { update: (bytes) => void running.update(bytes), digest: () => running.digest() }
  },
  hmacSha256: (key, message) => hmac(sha256, key, message),
  hkdfSha256: (secret, salt, info, length) => hkdf(sha256, secret, salt, info, length),
  ed25519Sign: (seed, message) => ed25519.sign(message, seed),
  ed25519PublicKey: (seed) => ed25519.getPublicKey(seed),
  ed25519Verify: verify,
  x25519: (secret, point) => orNull(() => x25519.getSharedSecret(secret, point)),
  x25519PublicKey: (secret) => x25519.getPublicKey(secret),
  chachaSeal: (key, nonce, plaintext) => chacha20poly1305(key, nonce).encrypt(plaintext),
  chachaOpen: (key, nonce, sealed) =>
    sealed.length < 16 ? null : orNull(() => chacha20poly1305(key, nonce).decrypt(sealed)),
}

/** Rule part 5. The library's own verify multiplies by the cofactor, so it would accept more. */
function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!meetsEd25519Rule(publicKey, signature)) return false
  const key = orNull(() => ed25519.Point.fromBytes(publicKey))
  if (key === null) return false
  const { Fn, BASE } = ed25519.Point
  const r = signature.subarray(0, 32)
  const k = Fn.create(littleEndian(sha512(concatBytes(r, publicKey, message))))
  const s = littleEndian(signature.subarray(32))
  const expected = BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k))
  return equalBytes(expected.toBytes(), r)
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!)
  return value
}

// The libraries say "no" by throwing; with lengths fixed by the caller there is no other cause.
function orNull<T>(attempt: () => T): T | null {
  try {
    return attempt()
  } catch {
    return null
  }
}
