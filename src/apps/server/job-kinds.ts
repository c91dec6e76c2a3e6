import type { JobKind } from '../../modules/jobs/define.ts'
import { integrityJobs } from '../../modules/integrity/jobs.ts'
import { SEARCH_JOBS } from '../../modules/search/jobs.ts'

/** Every kind of background work; a module that defines jobs adds them here. */
export const JOB_KINDS: readonly JobKind[] = [...SEARCH_JOBS, ...integrityJobs]
