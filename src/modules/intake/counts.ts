import { sql } from 'kysely'
import type { z } from 'zod'
import type { batchCounts } from '../../contract/intake.ts'
import type { Tx } from '../../platform/tx.ts'

export type BatchCounts = z.input<typeof batchCounts>

/** How far a batch is; the caller has opened it. */
export async function countBatch(tx: Tx, id: string): Promise<BatchCounts> {
  const { rows } = await sql<BatchCounts>`
    select f.*, t.waiting, e.unread, e.children
    from (select count(*) as files, coalesce(sum(size_bytes), 0)::bigint as bytes,
        coalesce(sum(received_bytes), 0)::bigint as "bytesReceived",
        count(*) filter (where state in ('received', 'done')) as taken,
        count(*) filter (where state = 'held') as "alreadyHeld",
        count(*) filter (where state = 'quarantined') as quarantined,
        count(*) filter (where state in ('failed', 'cancelled')) as failed
      from intake.batch_file where batch_id = ${id}::uuid) f,
      (select count(*) as waiting from intake.task where batch_id = ${id}::uuid) t,
      evidence.batch_counts(${id}::uuid) e`.execute(tx.sql)
  const [row] = rows
  if (!row) throw new Error('a batch could not be counted')
  return row
}
