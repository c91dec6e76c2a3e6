import type { Tx } from '../../platform/tx.ts'
import type { SealedBlob } from './blob.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'
import { wrapFileKey } from './wrap.ts'

/** Enters a sealed blob in the register, its file key wrapped under the current epoch key. */
export async function keepBlob(tx: Tx, sealed: SealedBlob): Promise<void> {
  const { epochs } = await vaultOf(tx.desk)
  const { id, key } = epochs.current()
  const row = {
    address: sealed.address,
    size_bytes: sealed.sizeBytes,
    epoch_id: id,
    wrapped_key: wrapFileKey(key, sealed.address, sealed.fileKey),
  }
  await store.keep(tx.sql, row, tx.desk.now())
}
