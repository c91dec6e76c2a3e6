import { nativePrimitives } from '../../platform/primitives-native.ts'
import type { Desk } from '../../platform/tx.ts'
import { commitToFileKey } from '../../proof/item-entries.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'
import { unwrapFileKey } from './wrap.ts'

/** What the register says of a blob, for comparison with what was sealed. */
export interface Registered {
  readonly sizeBytes: number
  readonly erasedBy: string | null
  /** To the key that the register holds; null where it is erased or cannot be opened. */
  readonly fileKeyCommitment: string | null
}

/** Reads the register's rows and opens their keys; addresses it does not know are not in the answer. */
export async function checkRegister(
  desk: Desk,
  addresses: readonly string[],
): Promise<Map<string, Registered>> {
  const { epochs } = await vaultOf(desk)
  const commit = (row: store.BlobRow): string | null => {
    const epoch = epochs.find(row.epoch_id)
    const key =
      epoch === null || row.wrapped_key === null ? null : unwrapFileKey(epoch, row.address, row.wrapped_key)
    return key === null ? null : commitToFileKey(nativePrimitives, key)
  }
  const rows = await store.find(desk.db, addresses)
  return new Map(
    rows.map((row) => [
      row.address,
      { sizeBytes: row.size_bytes, erasedBy: row.erased_by, fileKeyCommitment: commit(row) },
    ]),
  )
}
