import type { Selectable } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { Verb } from '../../contract/verbs.ts'
import type { IntakeBatch, IntakeBatchFile } from '../../platform/database.ts'
import type { Tx } from '../../platform/tx.ts'
import { notFound, requireMay } from '../identity/policy.ts'

export type BatchRecord = Selectable<IntakeBatch>
export type FileRecord = Selectable<IntakeBatchFile>

/** The only way to a batch; row-level security decides sight. Refuses: not_permitted, not_found. */
export async function openBatch(tx: Tx, id: string, verb: Verb): Promise<BatchRecord> {
  await requireMay(tx, verb)
  const found = await tx.sql.selectFrom('intake.batch').selectAll().where('id', '=', id).executeTakeFirst()
  if (!found) throw notFound()
  return found
}

/** A batch that still takes files. Refuses: not_permitted, not_found, batch_closed. */
export async function openTakingBatch(tx: Tx, id: string): Promise<BatchRecord> {
  const batch = await openBatch(tx, id, 'intake.run')
  if (batch.state === 'open') return batch
  throw new Refusal(
    'batch_closed',
    `This batch is ${batch.state} and takes no more files. What it took is kept; begin another batch for more.`,
    { id },
  )
}
