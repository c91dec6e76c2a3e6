import type pg from 'pg'
import { type JobResult, type JobWithMetadata, PgBoss } from 'pg-boss'
import { Refusal } from '../../base/refusal.ts'
import type { Desk } from '../../platform/tx.ts'
import type { JobKind } from './define.ts'
import { SCHEMA } from './install.ts'
import { settleQueue } from './queue.ts'
import { sweepDone } from './sweep.ts'

const SWEEP_EVERY_MS = 10 * 60_000

export interface Workers {
  /** In plain words, or throws where jobs do not run. */
  check(): Promise<string>
  /** Takes no more jobs; waits for running ones up to so long, then leaves them to the next start. */
  stop(graceMs: number): Promise<void>
}

/**
 * Runs jobs of these kinds in this process until stopped.
 *
 * `login`: the application's login; it holds four connections of its own, one of them listening, so that a job
 * is picked up within milliseconds of its commit.
 */
export async function startWorkers(
  desk: Desk,
  login: pg.ClientConfig,
  kinds: readonly JobKind[],
): Promise<Workers> {
  const boss = new PgBoss({
    host: login.host as string,
    port: login.port as number,
    user: login.user as string,
    password: login.password as string,
    database: login.database as string,
    application_name: 'amanat-jobs',
    max: 4,
    schema: SCHEMA,
    migrate: false,
    schedule: false,
    reindex: false, // the application owns no index
    monitorVacuum: false,
    useListenNotify: true,
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
    openTelemetry: { enabled: false },
  })
  boss.on('error', (fault) => desk.log.error({ fault }, 'the job queue reported an error'))
  boss.on('warning', (warning) => desk.log.warn({ warning: warning.message }, 'the job queue warns'))
  await boss.start()
  for (const kind of kinds) {
    await settleQueue(boss, kind.name, kind)
    await work(boss, desk, kind)
  }
  const sweep = setInterval(() => {
    sweepDone(desk).catch((fault: unknown) => desk.log.error({ fault }, 'done jobs could not be swept'))
  }, SWEEP_EVERY_MS)
  return {
    check: async () => {
      if (!(await boss.isInstalled())) throw new Error('the job tables are missing')
      return `${kinds.length} kinds of work`
    },
    stop: async (graceMs) => {
      clearInterval(sweep)
      await boss.stop({ graceful: true, timeout: Math.max(1000, graceMs), close: true })
    },
  }
}

async function work(boss: PgBoss, desk: Desk, kind: JobKind): Promise<void> {
  const options = {
    batchSize: kind.batchSize,
    localConcurrency: kind.atOnce,
    includeMetadata: true,
    perJobResults: true,
    burstWhenBatchFull: kind.batchSize > 1,
    pollingIntervalSeconds: 1,
    notifyPollingIntervalSeconds: 5,
    heartbeatRefreshSeconds: 3,
  } as const
  await boss.work<unknown, unknown, typeof options>(kind.name, options, (jobs) =>
    Promise.all(jobs.map((job) => runOne(desk, kind, job))),
  )
}

async function runOne(desk: Desk, kind: JobKind, job: JobWithMetadata<unknown>): Promise<JobResult> {
  const lastTry = job.retryCount >= job.retryLimit
  try {
    await kind.run(desk, job.data, {
      id: job.id,
      key: job.singletonKey,
      tryNumber: job.retryCount + 1,
      lastTry,
      signal: AbortSignal.any([desk.signal, job.signal]),
    })
    return { id: job.id, status: 'completed' }
  } catch (fault) {
    const hopeless = fault instanceof Refusal
    const message = describe(fault)
    desk.log[hopeless || lastTry ? 'error' : 'warn'](
      { fault, job: job.id, kind: kind.name, tryNumber: job.retryCount + 1 },
      hopeless || lastTry ? 'a job was set aside' : 'a job failed and will be tried again',
    )
    return { id: job.id, status: hopeless ? 'deadletter' : 'failed', output: { message } }
  }
}

/** What the desk shows of a failure: our own words, or the kind of fault; PostgreSQL's messages may hold content. */
function describe(fault: unknown): string {
  if (fault instanceof Refusal) return `${fault.code}: ${fault.detail}`.slice(0, 1000)
  if (!(fault instanceof Error)) return 'an unknown fault'
  const code = (fault as { code?: unknown }).code
  const fromDatabase = 'severity' in fault
  return fromDatabase ? `database error ${String(code)}` : `${fault.name}: ${fault.message}`.slice(0, 1000)
}
