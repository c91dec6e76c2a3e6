import { sql } from 'kysely'
import type { z } from 'zod'
import type {
  collection as shape,
  collectionChange,
  collectionOrder,
} from '../../contract/evidence-collections.ts'
import type { Tx } from '../../platform/tx.ts'
import { requireMay } from '../identity/policy.ts'
import { append } from '../ledger/append.ts'
import { mustSeeCompartment, openCollection } from './policy.ts'

export type Collection = z.input<typeof shape>
export type CollectionOrder = z.output<typeof collectionOrder>

/** Makes a collection in a compartment the actor is in. Refuses: not_permitted, not_found, invalid_input. */
export async function createCollection(tx: Tx, order: CollectionOrder): Promise<Collection> {
  await requireMay(tx, 'collections.manage')
  await mustSeeCompartment(tx, order.compartmentId, ['ordinary', 'named-reader'])
  const id = tx.desk.newId()
  await tx.sql
    .insertInto('evidence.collection')
    .values({
      id,
      name: order.name,
      description: order.description,
      compartment_id: order.compartmentId,
      default_classification: order.defaultClassification,
      trusts_intake: order.trustsIntake,
      created_by: tx.actor.id,
      created_at: tx.desk.now(),
    })
    .execute()
  await append(tx, {
    kind: 'evidence.collection.created',
    subjects: [{ type: 'collection', id }],
    detail: { defaultClassification: order.defaultClassification, trustsIntake: order.trustsIntake },
    sealed: { name: order.name, compartment: order.compartmentId },
  })
  return readCollection(tx, id)
}

export type CollectionChange = z.output<typeof collectionChange>

/** Changes name, description and defaults; items already there keep what they have. */
export async function changeCollection(tx: Tx, id: string, change: CollectionChange): Promise<Collection> {
  const before = await openCollection(tx, id, 'collections.manage')
  const after = {
    name: change.name ?? before.name,
    description: change.description ?? before.description,
    default_classification: change.defaultClassification ?? before.default_classification,
    trusts_intake: change.trustsIntake ?? before.trusts_intake,
  }
  await tx.sql.updateTable('evidence.collection').set(after).where('id', '=', id).execute()
  await append(tx, {
    kind: 'evidence.collection.changed',
    subjects: [{ type: 'collection', id }],
    detail: { defaultClassification: after.default_classification, trustsIntake: after.trusts_intake },
    sealed: { name: after.name },
  })
  return readCollection(tx, id)
}

/** One collection with its counts. Refuses: not_permitted, not_found. */
export async function readCollection(tx: Tx, id: string): Promise<Collection> {
  await openCollection(tx, id, 'item.list')
  const [found] = await select(tx, sql`c.id = ${id}::uuid`, 1)
  if (!found) throw new Error('a collection vanished within its transaction')
  return found
}

/** Collections by name. `next`: the cursor of the next page. */
export async function listCollections(
  tx: Tx,
  page: { after?: string | undefined; limit: number },
): Promise<{ collections: Collection[]; next: string | null }> {
  await requireMay(tx, 'item.list')
  const collections = await select(tx, page.after ? sql`c.id > ${page.after}::uuid` : sql`true`, page.limit)
  return { collections, next: collections.length < page.limit ? null : (collections.at(-1)?.id ?? null) }
}

interface Row {
  id: string
  name: string
  description: string
  compartment_id: string
  compartment_name: string
  default_classification: Collection['defaultClassification']
  trusts_intake: boolean
  created_at: Date
  counts: Record<string, number> | null
}

async function select(tx: Tx, where: ReturnType<typeof sql>, limit: number): Promise<Collection[]> {
  const { rows } = await sql<Row>`
    select c.id, c.name, c.description, c.compartment_id, k.name as compartment_name, c.default_classification,
      c.trusts_intake, c.created_at,
      (select json_object_agg(t.state, t.n) from (
        select state, sum(delta)::int as n from evidence.tally where collection_id = c.id group by state) t) as counts
    from evidence.collection c join identity.compartment k on k.id = c.compartment_id
    where ${where} order by c.id limit ${limit}`.execute(tx.sql)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    compartment: { id: row.compartment_id, name: row.compartment_name },
    defaultClassification: row.default_classification,
    trustsIntake: row.trusts_intake,
    createdAt: row.created_at.toISOString(),
    counts: {
      items: Object.values(row.counts ?? {}).reduce((sum, n) => sum + n, 0),
      byState: row.counts ?? {},
    },
  }))
}
