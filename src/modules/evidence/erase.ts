import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { Tx } from '../../platform/tx.ts'
import { lockItems, type ItemRecord } from './policy.ts'

/**
 * The items with everything that came out of them, locked, for an erasure.
 *
 * Refuses: not_found (one that the actor does not see), not_permitted, legal_hold, exculpatory: what may help a defence is
 * not destroyed; conflict (erased already).
 */
export async function lockFamilies(tx: Tx, itemIds: readonly string[]): Promise<ItemRecord[]> {
  const named = await lockItems(tx, itemIds, 'item.erase')
  if (named.length !== new Set(itemIds).size)
    throw new Refusal(
      'not_found',
      'One of these items does not exist, or you may not see it. Nothing was done.',
    )
  const ids = new Set<string>()
  for (const id of itemIds)
    for (const row of (
      await sql<{ id: string }>`select id from evidence.family_of(${id}::uuid)`.execute(tx.sql)
    ).rows)
      ids.add(row.id)
  const family = await lockItems(tx, [...ids].sort(), 'item.erase')
  if (family.length !== ids.size)
    throw new Refusal(
      'not_permitted',
      'Something that came out of these items lies in a compartment that you do not see. An officer who sees all of it must do this. Nothing was done.',
    )
  for (const item of family) refuseProtected(item)
  return family
}

function refuseProtected(item: ItemRecord): void {
  const name = item.registration_number ?? item.id
  if (item.legal_hold)
    throw new Refusal(
      'legal_hold',
      `${name} is under legal hold. Nothing was erased. Whoever set the hold must lift it first.`,
      { id: item.id },
    )
  if (item.flags.includes('exculpatory'))
    throw new Refusal(
      'legal_hold',
      `${name} is marked as exculpatory: what may help a defence is not destroyed. Nothing was erased.`,
      { id: item.id },
    )
  if (item.erased_by !== null) throw new Refusal('conflict', `${name} was erased already.`, { id: item.id })
}

/**
 * Destroys what evidence keeps of an item; its row stays as a tombstone. `orderedBy`: an entry whose kind ends in
 * `.erased` and that names the item; PostgreSQL checks it.
 */
export async function eraseItem(tx: Tx, itemId: string, orderedBy: string): Promise<void> {
  await sql`select evidence.erase(${itemId}::uuid, ${orderedBy}::uuid)`.execute(tx.sql)
}
