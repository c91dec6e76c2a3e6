import { fromKysely } from 'pg-boss'
import type { Tx } from '../../platform/tx.ts'
import { openQueue } from './queue.ts'

export interface EnqueueOptions {
  /** Two waiting jobs of one name never share a key: enqueueing again is harmless. */
  readonly key: string
  readonly startAfter?: Date
  /** Higher runs first; 0 unless said. */
  readonly priority?: number
}

export interface NewJob extends EnqueueOptions {
  readonly payload: object
}

/**
 * Adds a job in the caller's transaction: it runs after the commit, and never where the transaction rolls back.
 *
 * `name`: as given to `defineJob`. `payload`: JSON that names records by id; never content, names or secrets.
 */
export async function enqueue(tx: Tx, name: string, payload: object, options: EnqueueOptions): Promise<void> {
  await enqueueMany(tx, name, [{ payload, ...options }])
}

/** As `enqueue`, many at once in one statement. */
export async function enqueueMany(tx: Tx, name: string, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return
  const boss = await openQueue(tx.desk, name)
  const rows = jobs.map((job) => ({
    data: job.payload,
    singletonKey: job.key,
    ...(job.startAfter ? { startAfter: job.startAfter } : {}),
    ...(job.priority ? { priority: job.priority } : {}),
  }))
  await boss.insert(name, rows, { db: fromKysely(tx.sql) })
}
