import { sql } from 'kysely'
import type { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import type { batch as shape, intakeRoutes } from '../../contract/intake.ts'
import type { Order } from '../../contract/route.ts'
import type { Tx } from '../../platform/tx.ts'
import type { JsonObject } from '../../proof/canonical.ts'
import { openCollection, openSource } from '../evidence/policy.ts'
import { requireMay } from '../identity/policy.ts'
import { append } from '../ledger/append.ts'
import { countBatch } from './counts.ts'
import { openBatch, type BatchRecord } from './policy.ts'

export type Batch = z.input<typeof shape>
type BatchOrder = Order<typeof intakeRoutes.createBatch>['body']

/**
 * Begins a batch, or finds the one that the same person began in the same collection under the same key: how an
 * interrupted intake goes on. Refuses: not_permitted, not_found.
 */
export async function createBatch(tx: Tx, order: BatchOrder): Promise<Batch> {
  const collection = await openCollection(tx, order.collectionId, 'intake.run')
  if (order.sourceId !== null) await openSource(tx, order.sourceId, 'intake.run')
  const id = tx.desk.newId()
  const custody = JSON.parse(JSON.stringify(order.custody)) as JsonObject
  const made = await tx.sql
    .insertInto('intake.batch')
    .values({
      id,
      collection_id: collection.id,
      compartment_id: collection.compartment_id,
      source_id: order.sourceId,
      label: order.label,
      key: order.key,
      state: 'open',
      custody: JSON.stringify(custody),
      created_by: tx.actor.id,
      created_by_name: tx.actor.name,
      created_at: tx.desk.now(),
    })
    .onConflict((conflict) => conflict.columns(['created_by', 'collection_id', 'key']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!made) return readBatch(tx, await idOfKey(tx, order))
  await append(tx, {
    kind: 'intake.batch.opened',
    subjects: [{ type: 'batch', id }],
    sealed: {
      label: order.label,
      collection: collection.id,
      ...(order.sourceId === null ? {} : { source: order.sourceId }),
      ...(Object.keys(custody).length === 0 ? {} : { custody }),
    },
  })
  return readBatch(tx, id)
}

async function idOfKey(tx: Tx, order: BatchOrder): Promise<string> {
  const found = await tx.sql
    .selectFrom('intake.batch')
    .select('id')
    .where('created_by', '=', tx.actor.id)
    .where('collection_id', '=', order.collectionId)
    .where('key', '=', order.key)
    .executeTakeFirst()
  if (!found)
    throw new Refusal(
      'conflict',
      'A batch of this key exists in a compartment you no longer see. Use another key.',
    )
  return found.id
}

/** One batch with its counts. Refuses: not_permitted, not_found. */
export async function readBatch(tx: Tx, id: string): Promise<Batch> {
  return describeBatch(tx, await openBatch(tx, id, 'intake.read'))
}

/** Batches, newest first. */
export async function listBatches(
  tx: Tx,
  query: Order<typeof intakeRoutes.listBatches>['query'],
): Promise<{ batches: Batch[]; next: string | null }> {
  await requireMay(tx, 'intake.read')
  let found = tx.sql.selectFrom('intake.batch').selectAll().orderBy('id', 'desc').limit(query.limit)
  if (query.collection !== undefined) found = found.where('collection_id', '=', query.collection)
  if (query.state !== undefined && query.state.length > 0) found = found.where('state', 'in', query.state)
  if (query.after !== undefined) found = found.where(sql<boolean>`id < ${query.after}::uuid`)
  const rows = await found.execute()
  const batches: Batch[] = []
  for (const row of rows) batches.push(await describeBatch(tx, row))
  return { batches, next: rows.length < query.limit ? null : (rows.at(-1)?.id ?? null) }
}

/** No more files: what was announced and never came is named as failed; the receipt follows when all are read. */
export async function closeBatch(tx: Tx, id: string): Promise<Batch> {
  const batch = await openBatch(tx, id, 'intake.run')
  if (batch.state === 'open') await endTaking(tx, id, 'closed', 'It was announced and never sent whole.')
  return readBatch(tx, id)
}

/** Takes no more; what was received stays, and is read. Refuses: not_permitted, not_found, batch_closed. */
export async function cancelBatch(tx: Tx, id: string, why: string): Promise<Batch> {
  const batch = await openBatch(tx, id, 'intake.run')
  if (batch.state === 'done' || batch.state === 'cancelled')
    throw new Refusal('batch_closed', `This batch is ${batch.state} already; nothing was changed.`, { id })
  await endTaking(tx, id, 'cancelled', 'The batch was cancelled before it came.')
  await append(tx, { kind: 'intake.batch.cancelled', subjects: [{ type: 'batch', id }], why })
  return readBatch(tx, id)
}

async function endTaking(tx: Tx, id: string, state: 'closed' | 'cancelled', reason: string): Promise<void> {
  const at = tx.desk.now()
  await tx.sql
    .updateTable('intake.batch')
    .set({ state, closed_at: at, local_paths: null })
    .where('id', '=', id)
    .execute()
  await tx.sql
    .updateTable('intake.batch_file')
    .set({ state: state === 'closed' ? 'failed' : 'cancelled', reason, retryable: true, changed_at: at })
    .where('batch_id', '=', id)
    .where('state', 'in', ['announced', 'receiving'])
    .execute()
}

async function describeBatch(tx: Tx, batch: BatchRecord): Promise<Batch> {
  const names = await tx.sql
    .selectFrom('intake.batch as b')
    .leftJoin('evidence.collection as c', 'c.id', 'b.collection_id')
    .leftJoin('evidence.source as s', 's.id', 'b.source_id')
    .leftJoin('intake.manifest as m', 'm.batch_id', 'b.id')
    .select(['c.name as collection', 's.code', 'm.name as manifest', 'm.format', 'm.row_count'])
    .where('b.id', '=', batch.id)
    .executeTakeFirstOrThrow()
  return {
    id: batch.id,
    label: batch.label,
    collection: { id: batch.collection_id, name: names.collection ?? 'another collection' },
    source:
      batch.source_id === null || names.code === null ? null : { id: batch.source_id, code: names.code },
    state: batch.state as Batch['state'],
    createdAt: batch.created_at.toISOString(),
    closedAt: batch.closed_at?.toISOString() ?? null,
    createdBy: batch.created_by_name,
    counts: await countBatch(tx, batch.id),
    manifest:
      names.manifest === null
        ? null
        : { name: names.manifest, format: names.format ?? 'csv', rows: names.row_count ?? 0 },
  }
}
