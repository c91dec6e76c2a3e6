import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { ITEM_KIND } from '../../proof/item-entries.ts'
import { entriesById } from './read.ts'
import type { EntryRow } from './store.ts'

/** The entries that authorised the desk's entry keys, in the order they were made. A certificate carries them. */
export async function keyEntries(desk: Desk): Promise<EntryRow[]> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const found = await tx.sql
      .selectFrom('ledger.entry')
      .select('id')
      .where('kind', '=', ITEM_KIND.keyAuthorised)
      .orderBy('id')
      .execute()
    const entries = await entriesById(
      tx,
      found.map((row) => row.id),
    )
    return entries.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  })
}
