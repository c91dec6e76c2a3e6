import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { z } from 'zod'
import type { Desk } from '../../platform/tx.ts'

const PURPOSE = 'amanat.org/retry-passwords/v1\n'
const NONCE_BYTES = 12
const TAG_BYTES = 16

const list = z.array(z.string())

/**
 * Passwords of a retry, sealed to wait with the task through a restart: AES-256-GCM under a key of this desk, bound
 * to the batch, nonce ‖ ciphertext ‖ tag. They go when the task does. Null where there are none.
 */
export function sealPasswords(desk: Desk, batchId: string, passwords: readonly string[]): Buffer | null {
  if (passwords.length === 0) return null
  const nonce = desk.random(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyOf(desk), nonce)
  cipher.setAAD(Buffer.from(batchId))
  return Buffer.concat([nonce, cipher.update(JSON.stringify(passwords)), cipher.final(), cipher.getAuthTag()])
}

/** The passwords that wait with a task. None where another desk's key sealed them (a restored desk): that is logged. */
export function openPasswords(
  desk: Desk,
  task: { readonly batch_id: string; readonly sealed_passwords: Uint8Array | null },
): string[] {
  const sealed = task.sealed_passwords
  if (sealed === null || sealed.length < NONCE_BYTES + TAG_BYTES) return []
  const decipher = createDecipheriv('aes-256-gcm', keyOf(desk), sealed.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(task.batch_id))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const open = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES))
  try {
    decipher.final()
  } catch {
    desk.log.warn(
      { batch: task.batch_id },
      'passwords of a retry were sealed by another key; give them again',
    )
    return []
  }
  return list.parse(JSON.parse(open.toString('utf8')))
}

const keys = new WeakMap<Desk, Buffer>()

/** An Ed25519 signature of one message is always the same, and only the key's holder can make it. */
function keyOf(desk: Desk): Buffer {
  const known = keys.get(desk)
  if (known) return known
  const secret = desk.entryKey.sign(Buffer.from(PURPOSE))
  const key = Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, 32))
  keys.set(desk, key)
  return key
}
