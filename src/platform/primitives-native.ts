import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  hkdfSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { equalBytes } from '../base/bytes.ts'
import { meetsEd25519Rule } from '../proof/ed25519-rule.ts'
import type { Primitives } from '../proof/primitives.ts'

// RFC 8410 wrappings around a raw 32-byte key.
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')
const SPKI_X25519 = Buffer.from('302a300506032b656e032100', 'hex')
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** The port over node:crypto (OpenSSL). */
export const nativePrimitives: Primitives = {
  // A one-shot hash to a latin1 text is three times as fast as to a buffer (0.24 against 0.77 µs).
  sha256: (message) => bare(Buffer.from(hash('sha256', message, 'binary'), 'latin1')),
  hasher: (algorithm) => {
    const running = createHash(algorithm)
    return { update: (bytes) => void running.update(bytes), digest: () => bare(running.digest()) }
  },
  hmacSha256: (key, message) => bare(createHmac('sha256', key).update(message).digest()),
  hkdfSha256: (secret, salt, info, length) => new Uint8Array(hkdfSync('sha256', secret, salt, info, length)),
  ed25519Sign: (seed, message) => bare(sign(null, message, privateKey(PKCS8_ED25519, seed))),
  ed25519PublicKey: (seed) => rawPublic(privateKey(PKCS8_ED25519, seed)),
  ed25519Verify: (key, message, signature) =>
    meetsEd25519Rule(key, signature) && verify(null, message, ed25519Key(key), signature),
  x25519: agree,
  x25519PublicKey: (secret) => rawPublic(privateKey(PKCS8_X25519, secret)),
  chachaSeal: (key, nonce, plaintext) => {
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
    const sealed = new Uint8Array(plaintext.length + 16)
    sealed.set(cipher.update(plaintext))
    cipher.final()
    sealed.set(cipher.getAuthTag(), plaintext.length)
    return sealed
  },
  chachaOpen: open,
}

// An audit checks millions of signatures by one key, and reading a key costs half as much as a check.
let lastKey: { readonly raw: Uint8Array; readonly key: KeyObject } | null = null

function ed25519Key(raw: Uint8Array): KeyObject {
  if (lastKey === null || !equalBytes(lastKey.raw, raw))
    lastKey = { raw: raw.slice(), key: publicKey(SPKI_ED25519, raw) }
  return lastKey.key
}

function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < 16) return null
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
  decipher.setAuthTag(sealed.subarray(sealed.length - 16))
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - 16))
  try {
    decipher.final()
  } catch {
    return null // the only thing final() can find wrong is the tag
  }
  return bare(plaintext)
}

function agree(secret: Uint8Array, point: Uint8Array): Uint8Array | null {
  const ours = privateKey(PKCS8_X25519, secret)
  const theirs = publicKey(SPKI_X25519, point)
  try {
    return bare(diffieHellman({ privateKey: ours, publicKey: theirs }))
  } catch {
    return null // OpenSSL refuses the all-zero result
  }
}

function privateKey(prefix: Buffer, raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new Error('a private key must have 32 bytes')
  return createPrivateKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'pkcs8' })
}

function publicKey(prefix: Buffer, raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new Error('a public key must have 32 bytes')
  return createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' })
}

function rawPublic(key: KeyObject): Uint8Array {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return new Uint8Array(der.subarray(der.length - 32))
}

/** A plain view of the same memory, so that callers never depend on Buffer's methods. */
function bare(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
