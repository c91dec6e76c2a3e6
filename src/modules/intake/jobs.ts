import { z } from 'zod'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { defineJob, type JobKind } from '../jobs/define.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { LOCAL, takeLocal } from './local.ts'
import { LEASE_MS, readTasks } from './read-tasks.ts'
import { READ, requestReading } from './request-reading.ts'
import { releaseClaims } from './tasks.ts'

const A_DAY = 86_400

/** Reading what waits, and taking in local paths. Each goes on where it was when it runs again. */
export const INTAKE_JOBS: readonly JobKind[] = [
  defineJob(READ, z.object({}), (desk, _payload, job) => readTasks(desk, job.signal), {
    tries: 10,
    expireSeconds: A_DAY,
  }),
  defineJob(
    LOCAL,
    z.object({ batchId: z.uuid() }),
    (desk, { batchId }, job) => takeLocal(desk, batchId, job.signal),
    {
      tries: 10,
      expireSeconds: A_DAY,
      atOnce: 2,
    },
  ),
]

/** Called once when the desk has started its workers: what a crash left between a commit and its job goes on. */
export async function resumeIntake(desk: Desk): Promise<void> {
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const open = await tx.sql
      .selectFrom('intake.batch')
      .select('id')
      .where('state', '=', 'open')
      .where('local_paths', 'is not', null)
      .execute()
    for (const { id } of open) await enqueue(tx, LOCAL, { batchId: id }, { key: id })
    // An embedded database has one desk, which holds the folder's lock: what was claimed before this process began
    // is held by nobody any more.
    const before = new Date(performance.timeOrigin + LEASE_MS)
    if (desk.config.databaseUrl === undefined) await releaseClaims(tx, before)
  })
  requestReading(desk)
}
