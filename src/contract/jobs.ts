import { z } from 'zod'
import { route } from './route.ts'

const instant = z.iso.datetime()

export const jobState = z.enum(['waiting', 'running', 'retrying', 'done', 'set-aside', 'cancelled'])

export const job = z.object({
  id: z.uuid(),
  /** `module.what`, as the module's jobs.ts names it. */
  name: z.string(),
  state: jobState,
  key: z.string().nullable(),
  tries: z.number(),
  triesAllowed: z.number(),
  createdAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  /** When a waiting or retrying job may start. */
  startsAfter: instant.nullable(),
  /** Why the last try failed; never content of evidence. */
  error: z.string().nullable(),
})
export type Job = z.infer<typeof job>

export const listJobs = route({
  method: 'GET',
  path: '/api/jobs',
  tag: 'jobs',
  access: 'jobs.read',
  query: z.object({
    state: jobState.optional(),
    name: z.string().max(120).optional(),
    after: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answer: z.object({
    jobs: z.array(job),
    next: z.string().nullable(),
    counts: z.array(z.object({ name: z.string(), state: jobState, count: z.number() })),
  }),
  summary: 'Work in the background, newest first: waiting, running, retrying, set aside',
})
export const retryJob = route({
  method: 'POST',
  path: '/api/jobs/:id/retry',
  tag: 'jobs',
  access: 'jobs.retry',
  params: z.object({ id: z.uuid() }),
  answer: job,
  summary: 'Tries a job again that was set aside',
})
export const retryJobs = route({
  method: 'POST',
  path: '/api/jobs/retry',
  tag: 'jobs',
  access: 'jobs.retry',
  body: z.object({ name: z.string().min(1).max(120) }),
  answer: z.object({ retried: z.number() }),
  summary: 'Tries every job of one kind again that was set aside',
})
