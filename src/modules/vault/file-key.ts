import { Refusal } from '../../base/refusal.ts'
import type { Desk, Tx } from '../../platform/tx.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'
import { unwrapFileKey } from './wrap.ts'

/** A kept blob with its file key open in memory. */
export interface KeptBlob {
  readonly address: string
  readonly sizeBytes: number
  readonly fileKey: Uint8Array
}

/**
 * Refuses: not_found (no such blob), blob_erased, epoch_destroyed (the key was destroyed with an erasure; this
 * register is older than it), keys_damaged.
 */
export async function unwrapBlob(at: Desk | Tx, address: string): Promise<KeptBlob> {
  const [desk, db] = 'desk' in at ? [at.desk, at.sql] : [at, at.db]
  const [row] = await store.find(db, [address])
  if (row === undefined) throw new Refusal('not_found', 'The vault has no blob of this address.', { address })
  if (row.wrapped_key === null)
    throw new Refusal('blob_erased', 'The bytes of this item were erased by order; the log says by which.', {
      address,
      erasedBy: row.erased_by,
    })
  const { epochs } = await vaultOf(desk)
  const epochKey = epochs.find(row.epoch_id)
  if (epochKey === null)
    throw new Refusal(
      'epoch_destroyed',
      `The key of epoch ${row.epoch_id} was destroyed; what only it wrapped is gone for good.`,
      { address },
    )
  const fileKey = unwrapFileKey(epochKey, address, row.wrapped_key)
  if (fileKey === null)
    throw new Refusal(
      'blob_damaged',
      'The wrapped key of this blob was changed or belongs to another one. Nothing was read; run an audit.',
      { address },
    )
  return { address, sizeBytes: row.size_bytes, fileKey }
}
