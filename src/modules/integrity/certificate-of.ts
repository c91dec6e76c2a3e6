import { Refusal } from '../../base/refusal.ts'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import type { Desk } from '../../platform/tx.ts'
import { buildCertificate, type CertificateInput } from '../../proof/certificate.ts'
import { ITEM_KIND } from '../../proof/item-entries.ts'
import { parseVerifierKey } from '../../proof/note.ts'
import { keyEntries } from '../ledger/key-entries.ts'
import { proveInclusion, readCheckpoint, type EntryRow } from '../ledger/read.ts'
import { integrityOf } from './start.ts'

/** Kinds that a certificate is made of, beside the entries that authorised keys. */
export const CERTIFIED_KINDS = [ITEM_KIND.received, ITEM_KIND.registered, ITEM_KIND.erased]

/**
 * A certificate's bytes out of an item's entries, for the newest checkpoint. Proves nothing yet: whoever hands it
 * out verifies it first.
 *
 * Refuses: not_sealed_yet, where an entry is not under a checkpoint; log_damaged.
 */
export async function certificateOf(desk: Desk, entries: readonly EntryRow[]): Promise<Uint8Array> {
  const standing = entries.filter((row) => row.envelope !== null)
  const keys = (await keyEntries(desk)).filter((row) => row.envelope !== null)
  const checkpoint = await readCheckpoint(desk)
  const certified: CertificateInput['entries'][number][] = []
  for (const row of [...keys, ...standing]) certified.push(await certify(desk, row, checkpoint.size))
  const logKey = parseVerifierKey(nativePrimitives, await integrityOf(desk).logKey())
  return buildCertificate({ logKey, checkpoint: checkpoint.note, entries: certified })
}

async function certify(
  desk: Desk,
  row: EntryRow,
  size: number,
): Promise<CertificateInput['entries'][number]> {
  if (row.index === null || row.index >= size || row.envelope === null || row.salt === null) {
    throw new Refusal(
      'not_sealed_yet',
      'The log has not sealed this item’s entries yet. Try again in a moment; if it lasts, look at the state of the desk.',
      { entryId: row.id },
    )
  }
  const proof = await proveInclusion(desk, { index: row.index, size })
  return {
    index: row.index,
    salt: new Uint8Array(row.salt),
    signedEntry: new Uint8Array(row.envelope),
    proof,
  }
}
