import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { Tx } from '../../platform/tx.ts'
import { appendMany } from '../ledger/append.ts'
import { reindexItems } from './index-items.ts'
import { mustSeeCompartment, NAMED_READER_FLAGS, type ItemRecord } from './policy.ts'

export interface FlagOrder {
  readonly flags?: readonly string[] | undefined
  readonly classification?: string | undefined
  /** Moves the items, and what came out of them, to a compartment of named readers. */
  readonly compartmentId?: string | undefined
  readonly reason?: string | undefined
}

/**
 * Sets flags, classification and, where named, the compartment of items that the caller has opened and locked.
 * Refuses: named_readers_needed (a flag asks for a compartment of named readers), not_found, invalid_input.
 */
export async function applyFlags(tx: Tx, items: readonly ItemRecord[], order: FlagOrder): Promise<string[]> {
  if (items.length === 0) return []
  await mustSuitReaders(tx, items, order)
  if (order.compartmentId !== undefined) await moveTo(tx, items, order.compartmentId)
  const ids = items.map((item) => item.id)
  const change = {
    ...(order.flags === undefined ? {} : { flags: [...order.flags] }),
    ...(order.classification === undefined ? {} : { classification: order.classification }),
  }
  if (Object.keys(change).length > 0)
    await tx.sql.updateTable('evidence.item').set(change).where('id', 'in', ids).execute()
  const entries = await appendMany(
    tx,
    items.map((item) => ({
      kind: 'evidence.item.classified',
      subjects: [{ type: 'item', id: item.id }],
      ...(order.reason === undefined ? {} : { why: order.reason }),
      sealed: {
        flags: [...(order.flags ?? item.flags)],
        classification: order.classification ?? item.classification,
        before: { flags: item.flags, classification: item.classification, compartment: item.compartment_id },
        ...(order.compartmentId === undefined ? {} : { compartment: order.compartmentId }),
      },
    })),
  )
  await reindexItems(tx, ids)
  return entries
}

async function mustSuitReaders(tx: Tx, items: readonly ItemRecord[], order: FlagOrder): Promise<void> {
  if (order.compartmentId !== undefined) {
    await mustSeeCompartment(tx, order.compartmentId, ['named-reader'])
    return
  }
  if (!order.flags?.some((flag) => NAMED_READER_FLAGS.includes(flag))) return
  const ordinary = await tx.sql
    .selectFrom('identity.compartment')
    .select('name')
    .where('id', 'in', [...new Set(items.map((item) => item.compartment_id))])
    .where('kind', '<>', 'named-reader')
    .executeTakeFirst()
  if (!ordinary) return
  throw new Refusal(
    'named_readers_needed',
    `These flags are for named readers only, and “${ordinary.name}” is not such a compartment. Name a compartment of named readers; nothing was changed.`,
  )
}

/** Descendants go along: what came out of a container is as sensitive as the container. */
async function moveTo(tx: Tx, items: readonly ItemRecord[], compartmentId: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    with recursive family as (
      select id from evidence.item where id = any (${items.map((item) => item.id)}::uuid[])
      union select i.id from evidence.item i join family f on i.parent_id = f.id)
    update evidence.item i set compartment_id = ${compartmentId} from family f where i.id = f.id returning i.id`.execute(
    tx.sql,
  )
  await reindexItems(
    tx,
    rows.map((row) => row.id),
  )
}
