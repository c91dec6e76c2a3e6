import { createHash } from 'node:crypto'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { makeReceipt } from './receipt.ts'
import { joinSegmentSets } from './segments.ts'

/** Ends batches that take no more files and of which nothing is left to read: the receipt is committed to. */
export async function finishBatches(desk: Desk): Promise<void> {
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const ready = await tx.sql
      .selectFrom('intake.batch as b')
      .select('b.id')
      .where('b.state', '=', 'closed')
      .where((at) =>
        at.not(
          at.exists(
            at.selectFrom('intake.task as t').select('t.item_id').whereRef('t.batch_id', '=', 'b.id'),
          ),
        ),
      )
      .forUpdate()
      .skipLocked()
      .execute()
    for (const { id } of ready) await finish(tx, id)
  })
}

async function finish(tx: Tx, id: string): Promise<void> {
  await joinSegmentSets(tx, id)
  await tx.sql
    .updateTable('intake.batch')
    .set({ state: 'done', done_at: tx.desk.now() })
    .where('id', '=', id)
    .execute()
  const receipt = await makeReceipt(tx, id)
  const { taken, alreadyHeld, quarantined, failed, children, unread } = receipt.counts
  const entry = await append(tx, {
    kind: 'intake.batch.done',
    subjects: [{ type: 'batch', id }],
    detail: { taken, alreadyHeld, quarantined, failed, children, unread },
    sealed: {
      receiptSha256: createHash('sha256')
        .update(JSON.stringify({ ...receipt, entryId: null }))
        .digest('hex'),
    },
  })
  await tx.sql.updateTable('intake.batch').set({ receipt_entry: entry }).where('id', '=', id).execute()
}
