import { listJobs, retryJob, type Job } from '../../contract/jobs.ts'
import { formatTable } from './print.ts'
import type { Call } from './verb.ts'

const SHOWN = ['running', 'retrying', 'waiting', 'set-aside'] as const

/** Lists work that is not done, or tries one again that was set aside. */
export async function runJobs({ desk, print, options }: Call<{ retry?: string }>): Promise<void> {
  if (options.retry) {
    const job = await desk.call(retryJob, { params: { id: options.retry } })
    return print.result(job, () => describeJob(job).join('  '))
  }
  const jobs: Job[] = []
  for (const state of SHOWN) jobs.push(...(await desk.call(listJobs, { query: { state, limit: 200 } })).jobs)
  const { counts } = await desk.call(listJobs, { query: { limit: 1 } })
  print.result(
    { jobs, counts },
    () =>
      [
        formatTable(counts.map((one) => [one.name, one.state, String(one.count)])),
        formatTable(jobs.map(describeJob)),
      ]
        .filter((text) => text !== '')
        .join('\n\n') || 'Nothing waits, nothing failed.',
  )
}

function describeJob(job: Job): string[] {
  return [job.id, job.state, job.name, `${job.tries}/${job.triesAllowed} tries`, job.error ?? '']
}
