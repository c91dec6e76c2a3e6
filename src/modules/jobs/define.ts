import type { z } from 'zod'
import type { Desk } from '../../platform/tx.ts'
import { DEFAULT_SETTINGS, type QueueSettings } from './queue.ts'

/** What a running job is told beside its payload. */
export interface JobRun {
  readonly id: string
  readonly key: string | null
  /** 1 on the first try. */
  readonly tryNumber: number
  /** True on the try after which the job is set aside. */
  readonly lastTry: boolean
  /** Aborted when the desk stops or the job has run too long. */
  readonly signal: AbortSignal
}

/** One kind of background work. */
export interface JobKind extends QueueSettings {
  /** `module.what`. */
  readonly name: string
  /** Jobs of this kind that run at once in one process. */
  readonly atOnce: number
  /** Jobs fetched in one statement and run side by side by each of `atOnce`: for many small ones. */
  readonly batchSize: number
  readonly run: (desk: Desk, payload: unknown, job: JobRun) => Promise<void>
}

/**
 * Defines a kind of job. The handler must be idempotent: after a crash a job runs again.
 *
 * A `Refusal` thrown by it sets the job aside at once (trying again would not help); any other error is tried
 * again, with growing pauses, until `tries` are used up; then the job is set aside, with its error.
 */
export function defineJob<P extends z.ZodType>(
  name: string,
  payload: P,
  run: (desk: Desk, payload: z.output<P>, job: JobRun) => Promise<void>,
  options: Partial<QueueSettings> & { readonly atOnce?: number; readonly batchSize?: number } = {},
): JobKind {
  return {
    ...DEFAULT_SETTINGS,
    atOnce: 1,
    batchSize: 1,
    ...options,
    name,
    run: async (desk, data, job) => run(desk, payload.parse(data), job),
  }
}
