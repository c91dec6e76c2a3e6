import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const CONTEXT = 'amanat.org/wrapped-file-key/v1\n'

/** AES-256-GCM under the epoch key, bound to the blob's address: nonce ‖ ciphertext ‖ tag. */
export function wrapFileKey(epochKey: Uint8Array, address: string, fileKey: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', epochKey, nonce)
  cipher.setAAD(Buffer.from(CONTEXT + address))
  return Buffer.concat([nonce, cipher.update(fileKey), cipher.final(), cipher.getAuthTag()])
}

/** Null where the epoch key is another one, or the wrapping was changed or moved to another blob. */
export function unwrapFileKey(epochKey: Uint8Array, address: string, wrapped: Uint8Array): Uint8Array | null {
  if (wrapped.length < NONCE_BYTES + TAG_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', epochKey, wrapped.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(CONTEXT + address))
  decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG_BYTES))
  const key = decipher.update(wrapped.subarray(NONCE_BYTES, wrapped.length - TAG_BYTES))
  try {
    decipher.final()
  } catch {
    return null // the only thing final() can find wrong is the tag
  }
  return new Uint8Array(key)
}
