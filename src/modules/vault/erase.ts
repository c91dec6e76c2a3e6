import type { Desk, Tx } from '../../platform/tx.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'

/**
 * Destroys a blob's file key in the caller's transaction. `orderedBy`: an entry whose kind ends in `.erased` and
 * that names the blob as a subject `{ type: 'blob', id: address }`; PostgreSQL checks it.
 *
 * After the commit, call `removeErased`: the stored bytes go then, and a crash in between is made good by
 * `sweepOrphans`. True where it was destroyed now, false where it was before.
 */
export async function eraseBlob(tx: Tx, address: string, orderedBy: string): Promise<boolean> {
  return store.erase(tx.sql, address, orderedBy)
}

/** Removes the stored bytes of erased blobs; durable when it returns. Blobs that are not erased stay. */
export async function removeErased(desk: Desk, addresses: readonly string[]): Promise<void> {
  const { store: objects } = await vaultOf(desk)
  const rows = await store.find(desk.db, addresses)
  for (const row of rows) if (row.erased_by !== null) await objects.remove(row.address)
}
