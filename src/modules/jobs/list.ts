import { sql } from 'kysely'
import { fromKysely } from 'pg-boss'
import { Refusal } from '../../base/refusal.ts'
import type { Job } from '../../contract/jobs.ts'
import type { Tx } from '../../platform/tx.ts'
import { requireMay } from '../identity/policy.ts'
import { append } from '../ledger/append.ts'
import { openQueue } from './queue.ts'

/** Our words for pg-boss's states. */
const STATE = sql<Job['state']>`case j.state::text when 'created' then 'waiting' when 'active' then 'running'
  when 'retry' then 'retrying' when 'completed' then 'done' when 'failed' then 'set-aside' else 'cancelled' end`

interface Row {
  readonly id: string
  readonly name: string
  readonly state: Job['state']
  readonly singleton_key: string | null
  readonly retry_count: number
  readonly retry_limit: number
  readonly created_on: Date
  /** With its microseconds, which a Date has not got and a place in the list needs. */
  readonly place: string
  readonly started_on: Date | null
  readonly completed_on: Date | null
  readonly start_after: Date
  readonly error: string | null
}

const COLUMNS = sql`j.id, j.name, ${STATE} as state, j.singleton_key, j.retry_count, j.retry_limit, j.created_on,
  to_char(j.created_on at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place,
  j.started_on, j.completed_on, j.start_after, coalesce(j.output->>'message', j.output->'value'->>'message') as error`

export interface JobsWanted {
  readonly state?: Job['state'] | undefined
  readonly name?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** A page of jobs, newest first, and how many there are of each kind and state. Refuses: not_permitted. */
export async function listJobs(
  tx: Tx,
  wanted: JobsWanted,
): Promise<{
  jobs: Job[]
  next: string | null
  counts: { name: string; state: Job['state']; count: number }[]
}> {
  await requireMay(tx, 'jobs.read')
  const [createdOn, afterId] = readCursor(wanted.after)
  const rows = await sql<Row>`select ${COLUMNS} from pgboss.job j
    where j.name not like '\_\_pgboss%'
      and (${wanted.state ?? null}::text is null or ${STATE} = ${wanted.state ?? null})
      and (${wanted.name ?? null}::text is null or j.name = ${wanted.name ?? null})
      and (${createdOn}::timestamptz is null or (j.created_on, j.id) < (${createdOn}::timestamptz, ${afterId}::uuid))
    order by j.created_on desc, j.id desc limit ${wanted.limit + 1}`.execute(tx.sql)
  const counts = await sql<{ name: string; state: Job['state']; count: number }>`
    select j.name, ${STATE} as state, count(*) as count from pgboss.job j
    where j.name not like '\_\_pgboss%' group by 1, 2 order by 1, 2`.execute(tx.sql)
  const page = rows.rows.slice(0, wanted.limit)
  const last = rows.rows.length > wanted.limit ? page.at(-1) : undefined
  return {
    jobs: page.map(asJob),
    next: last ? `${last.place}~${last.id}` : null,
    counts: counts.rows,
  }
}

function readCursor(after: string | undefined): [string | null, string | null] {
  if (after === undefined) return [null, null]
  const match = /^(\d{4}-[\d:.TZ-]+)~([0-9a-f-]{36})$/.exec(after)
  if (!match)
    throw new Refusal('invalid_input', 'after: is not a place in this list. Begin again without it.')
  return [match[1] ?? null, match[2] ?? null]
}

function asJob(row: Row): Job {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    key: row.singleton_key,
    tries: row.retry_count + (row.started_on ? 1 : 0),
    triesAllowed: row.retry_limit + 1,
    createdAt: row.created_on.toISOString(),
    startedAt: row.started_on?.toISOString() ?? null,
    endedAt: row.completed_on?.toISOString() ?? null,
    startsAfter: row.state === 'waiting' || row.state === 'retrying' ? row.start_after.toISOString() : null,
    error: row.error,
  }
}

/** Tries a job again that was set aside. Refuses: not_permitted, not_found, conflict (it is not set aside). */
export async function retryJob(tx: Tx, id: string): Promise<Job> {
  await requireMay(tx, 'jobs.retry')
  const found = await findJob(tx, id)
  if (found.state !== 'set-aside')
    throw new Refusal('conflict', `This job is ${found.state}, not set aside; there is nothing to try again.`)
  await retryAll(tx, found.name, [id])
  return asJob(await findJob(tx, id))
}

/** Tries every job of one kind again that was set aside. Returns how many. Refuses: not_permitted. */
export async function retryJobs(tx: Tx, name: string): Promise<number> {
  await requireMay(tx, 'jobs.retry')
  const rows = await sql<{
    id: string
  }>`select id from pgboss.job where name = ${name} and state = 'failed'`.execute(tx.sql)
  const ids = rows.rows.map((row) => row.id)
  if (ids.length > 0) await retryAll(tx, name, ids)
  return ids.length
}

async function retryAll(tx: Tx, name: string, ids: readonly string[]): Promise<void> {
  const boss = await openQueue(tx.desk, name)
  await boss.retry(name, [...ids], { db: fromKysely(tx.sql) })
  await append(tx, { kind: 'jobs.job.retried', subjects: [], detail: { name, count: ids.length } })
}

async function findJob(tx: Tx, id: string): Promise<Row> {
  const rows = await sql<Row>`select ${COLUMNS} from pgboss.job j where j.id = ${id}::uuid`.execute(tx.sql)
  const row = rows.rows[0]
  if (!row) throw new Refusal('not_found', 'There is no such job; it may have ended and been cleared away.')
  return row
}
