import { listJobs, retryJob, retryJobs } from '../../../contract/jobs.ts'
import * as jobs from '../../../modules/jobs/list.ts'
import { inTransaction } from '../../../platform/tx.ts'
import { handle, type Handled } from '../handle.ts'

export const jobsHandlers: readonly Handled[] = [
  handle(listJobs, ({ desk, actor }, { query }) =>
    inTransaction(desk, actor, (tx) => jobs.listJobs(tx, query)),
  ),
  handle(retryJob, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => jobs.retryJob(tx, params.id)),
  ),
  handle(retryJobs, ({ desk, actor }, { body }) =>
    inTransaction(desk, actor, async (tx) => ({ retried: await jobs.retryJobs(tx, body.name) })),
  ),
]
