import { nativePrimitives } from '../../platform/primitives-native.ts'
import type { Tx } from '../../platform/tx.ts'
import { makeAgeHeader, parseX25519Recipient } from '../../proof/age-header.ts'
import { unwrapBlob } from './file-key.ts'

/**
 * An age header that opens a kept blob for `age1…` recipients: header ‖ stored bytes opens with stock `age`, and
 * the stored bytes stay what the log committed to. The caller has logged the disclosure in `tx`.
 *
 * Refuses: malformed (a recipient), not_found, blob_erased, epoch_destroyed, blob_damaged.
 */
export async function headerFor(tx: Tx, address: string, recipients: readonly string[]): Promise<Uint8Array> {
  const keys = recipients.map(parseX25519Recipient)
  const { fileKey } = await unwrapBlob(tx, address)
  return makeAgeHeader(nativePrimitives, { fileKey, recipients: keys }, tx.desk.random)
}
