import type { evidenceRoutes } from '../../contract/evidence.ts'
import type { Order } from '../../contract/route.ts'
import type { Tx } from '../../platform/tx.ts'
import type { JsonObject } from '../../proof/canonical.ts'
import { append } from '../ledger/append.ts'
import { reindexItems } from './index-items.ts'
import { openCollection, openSource } from './policy.ts'
import { nameKey } from './receive.ts'
import { readRows, toRow, type ItemRow } from './rows.ts'

type PhysicalOrder = Order<typeof evidenceRoutes.createPhysicalItem>['body']

/** Receives a thing: a phone, a drive, a notebook. Refuses: not_permitted, not_found. */
export async function createPhysicalItem(tx: Tx, order: PhysicalOrder): Promise<ItemRow> {
  const collection = await openCollection(tx, order.collectionId, 'intake.run')
  if (order.sourceId !== null) await openSource(tx, order.sourceId, 'intake.run')
  const id = tx.desk.newId()
  const { condition, seal, barcode, location, custodian } = order
  const custody = JSON.parse(JSON.stringify(order.custody)) as JsonObject
  const entry = await append(tx, {
    kind: 'evidence.item.received_physically',
    subjects: [{ type: 'item', id }],
    sealed: { name: order.name, condition, seal, barcode, location, custodian, custody },
  })
  const at = tx.desk.now()
  await tx.sql
    .insertInto('evidence.item')
    .values({
      id,
      collection_id: collection.id,
      compartment_id: collection.compartment_id,
      source_id: order.sourceId,
      kind: 'physical',
      state: 'received',
      name: order.name,
      name_key: nameKey(order.name),
      path: order.name,
      format: 'thing',
      classification: collection.default_classification,
      received_at: at,
      received_entry: entry,
    })
    .execute()
  await tx.sql
    .insertInto('evidence.physical')
    .values({ item_id: id, condition, seal, barcode, location, custodian })
    .execute()
  await tx.sql
    .insertInto('evidence.acquisition')
    .values({
      id: tx.desk.newId(),
      item_id: id,
      source_id: order.sourceId,
      path: order.name,
      custody: JSON.stringify(custody),
      received_at: at,
      entry_id: entry,
      first: true,
    })
    .execute()
  await reindexItems(tx, [id])
  const [row] = await readRows(tx, [id])
  if (!row) throw new Error('an item vanished within its transaction')
  return toRow(row)
}
