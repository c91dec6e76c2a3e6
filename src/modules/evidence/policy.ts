import type { Selectable } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { Verb } from '../../contract/verbs.ts'
import type { EvidenceCollection, EvidenceItem, EvidenceSource } from '../../platform/database.ts'
import type { Tx } from '../../platform/tx.ts'
import { requireMay } from '../identity/policy.ts'

export type ItemRecord = Selectable<EvidenceItem>
export type CollectionRecord = Selectable<EvidenceCollection>
export type SourceRecord = Selectable<EvidenceSource>

/** Flags that ask for named readers. */
export const NAMED_READER_FLAGS: readonly string[] = ['graphic', 'child', 'sexual-violence']

/**
 * The only way to an item. Row-level security decides sight; what one may not see is not found.
 * Refuses: not_permitted, not_found.
 */
export async function openItem(tx: Tx, id: string, verb: Verb): Promise<ItemRecord> {
  await requireMay(tx, verb)
  const item = await tx.sql.selectFrom('evidence.item').selectAll().where('id', '=', id).executeTakeFirst()
  return item ?? missing('item', id)
}

/** Those of the items that the actor sees, locked against a second clerk, in the order asked. */
export async function lockItems(tx: Tx, ids: readonly string[], verb: Verb): Promise<ItemRecord[]> {
  await requireMay(tx, verb)
  if (ids.length === 0) return []
  const rows = await tx.sql
    .selectFrom('evidence.item')
    .selectAll()
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forUpdate()
    .execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** Refuses: not_permitted, not_found. */
export async function lockItem(tx: Tx, id: string, verb: Verb): Promise<ItemRecord> {
  const [item] = await lockItems(tx, [id], verb)
  return item ?? missing('item', id)
}

/** The only way to a collection. Refuses: not_permitted, not_found. */
export async function openCollection(tx: Tx, id: string, verb: Verb): Promise<CollectionRecord> {
  await requireMay(tx, verb)
  const found = await tx.sql
    .selectFrom('evidence.collection')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  return found ?? missing('collection', id)
}

/** The only way to a source. Refuses: not_permitted, not_found. */
export async function openSource(tx: Tx, id: string, verb: Verb): Promise<SourceRecord> {
  await requireMay(tx, verb)
  const found = await tx.sql.selectFrom('evidence.source').selectAll().where('id', '=', id).executeTakeFirst()
  return found ?? missing('source', id)
}

/** Refuses not_found where the actor is not in the compartment: nobody puts things where they cannot look. */
export async function mustSeeCompartment(
  tx: Tx,
  id: string,
  kinds: readonly string[],
): Promise<{ id: string; name: string }> {
  const found = await tx.sql
    .selectFrom('identity.compartment')
    .select(['id', 'name', 'kind'])
    .where('id', '=', id)
    .where((at) => at.fn<boolean>('identity.sees', ['id', 'id']), '=', true)
    .executeTakeFirst()
  if (!found) return missing('compartment', id)
  if (kinds.includes(found.kind)) return found
  throw new Refusal(
    'invalid_input',
    `“${found.name}” is a ${found.kind} compartment; this needs one of kind ${kinds.join(' or ')}.`,
  )
}

export function missing(noun: string, id: string): never {
  throw new Refusal('not_found', `There is no ${noun} of this id that you may see.`, { id })
}
