import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto'

/** Encrypted bytes as stored in a key file. ChaCha20-Poly1305; `context` is authenticated with it. */
export interface Box {
  readonly nonce: string
  readonly box: string
}

/** How a key was made from a passphrase. */
export interface PassphraseRule {
  readonly kdf: 'scrypt'
  readonly logN: number
  readonly r: number
  readonly p: number
  readonly salt: string
}

const TAG_BYTES = 16

export function sealBox(key: Uint8Array, plaintext: Uint8Array, context: string): Box {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(context), { plaintextLength: plaintext.length })
  const box = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  return { nonce: nonce.toString('base64'), box: box.toString('base64') }
}

/** Null where the key or the context is another one, or the box was changed. */
export function openBox(key: Uint8Array, sealed: Box, context: string): Buffer | null {
  const bytes = Buffer.from(sealed.box, 'base64')
  const nonce = Buffer.from(sealed.nonce, 'base64')
  if (bytes.length < TAG_BYTES || nonce.length !== 12) return null
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(context), { plaintextLength: bytes.length - TAG_BYTES })
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
  const plaintext = decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES))
  try {
    decipher.final()
  } catch {
    return null // the only thing final() can find wrong is the tag
  }
  return plaintext
}

/** A key for one use, from a key for many. */
export function deriveKey(key: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, new Uint8Array(0), use, 32))
}

/** 128 MiB and about half a second a guess. */
export function newPassphraseRule(): PassphraseRule {
  return { kdf: 'scrypt', logN: 17, r: 8, p: 1, salt: randomBytes(16).toString('base64') }
}

/** The passphrase in NFKC, so that it does not depend on the keyboard it is typed on. */
export function stretch(passphrase: string, rule: PassphraseRule): Promise<Buffer> {
  const salt = Buffer.from(rule.salt, 'base64')
  const options = { N: 2 ** rule.logN, r: rule.r, p: rule.p, maxmem: 256 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
