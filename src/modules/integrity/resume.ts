import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { AUDIT_JOB } from './audit.ts'
import { ERASE_JOB } from './erasures.ts'

/**
 * Gives approved erasures and running audits their jobs again: a backup holds no jobs, and after a restore nobody
 * would carry on. A job that waits already stays the only one.
 */
export async function resumeIntegrity(desk: Desk): Promise<void> {
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const erasures = await tx.sql
      .selectFrom('integrity.erasure')
      .select('id')
      .where('state', '=', 'approved')
      .execute()
    for (const { id } of erasures) await enqueue(tx, ERASE_JOB, { id }, { key: id })
    const audits = await tx.sql
      .selectFrom('integrity.audit')
      .select('id')
      .where('state', '=', 'running')
      .execute()
    for (const { id } of audits) await enqueue(tx, AUDIT_JOB, { id }, { key: id })
  })
}
