import type { Tx } from '../../platform/tx.ts'
import type { SealedBlob } from './blob.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'
import { wrapFileKey } from './wrap.ts'

/** Enters a sealed blob in the register, its file key wrapped under the current epoch key. */
export async function keepBlob(tx: Tx, sealed: SealedBlob): Promise<void> {
  await keepBlobs(tx, [sealed])
}

/** As `keepBlob`, for many in one statement. */
export async function keepBlobs(tx: Tx, sealed: readonly SealedBlob[]): Promise<void> {
  if (sealed.length === 0) return
  const { epochs } = await vaultOf(tx.desk)
  const { id, key } = epochs.current()
  const blobs = sealed.map(({ address, sizeBytes, fileKey }) => ({
    address,
    sizeBytes,
    wrappedKey: wrapFileKey(key, address, fileKey),
  }))
  await store.keep(tx.sql, id, blobs, tx.desk.now())
}
