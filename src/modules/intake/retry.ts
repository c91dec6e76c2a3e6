import { sql } from 'kysely'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { sealPasswords } from './passwords.ts'
import { openBatch } from './policy.ts'
import { requestReading } from './request-reading.ts'
import { expansionBudget } from './tasks.ts'

/**
 * Queues items of a batch to be read again: the named ones, or all that were not wholly read and may gain by it.
 * Passwords are tried on each; they wait sealed with the task and go with it. Files whose bytes never came are sent again by their sender.
 *
 * Refuses: not_permitted, not_found.
 */
export async function retryFiles(
  tx: Tx,
  batchId: string,
  order: { items?: readonly string[] | undefined; passwords: readonly string[] },
): Promise<{ retried: number }> {
  const batch = await openBatch(tx, batchId, 'intake.run')
  const { rows } = await sql<{ id: string; address: string; path: string; size: number; depth: number }>`
    select i.id, i.address, i.path, i.size_bytes as size, i.depth from evidence.item i
      left join evidence.reading r on r.item_id = i.id
    where i.batch_id = ${batchId}::uuid and i.address is not null and i.state not in ('returned', 'disposed')
      and case when ${order.items !== undefined} then i.id = any (${[...(order.items ?? [])]}::uuid[])
        else i.reading in ('partly', 'unread') and jsonb_path_exists(r.notices, '$[*] ? (@.retryable == true)') end
    order by i.id limit 10000`.execute(tx.sql)
  const ids = rows.map((row) => row.id)
  if (ids.length === 0) return { retried: 0 }
  const sealed = sealPasswords(tx.desk, batchId, order.passwords)
  await tx.sql
    .insertInto('intake.task')
    .values(
      rows.map((row) => ({
        item_id: row.id,
        batch_id: batchId,
        address: row.address,
        name: row.path,
        size_bytes: row.size,
        depth: row.depth,
        budget_bytes: expansionBudget(row.size),
        sealed_passwords: sealed,
        created_at: tx.desk.now(),
      })),
    )
    .onConflict((conflict) =>
      conflict.column('item_id').doUpdateSet({
        tries: 0,
        claimed_until: null,
        ...(sealed === null ? {} : { sealed_passwords: sealed }),
      }),
    )
    .execute()
  if (batch.state === 'done')
    await tx.sql.updateTable('intake.batch').set({ state: 'closed' }).where('id', '=', batchId).execute()
  await append(tx, {
    kind: 'intake.batch.retried',
    subjects: [{ type: 'batch', id: batchId }],
    detail: { items: ids.length, passwords: order.passwords.length },
  })
  tx.afterCommit(() => requestReading(tx.desk))
  return { retried: ids.length }
}
