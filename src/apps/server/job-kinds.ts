import type { JobKind } from '../../modules/jobs/define.ts'
import { INTAKE_JOBS } from '../../modules/intake/jobs.ts'
import { integrityJobs } from '../../modules/integrity/jobs.ts'
import { SEARCH_JOBS } from '../../modules/search/jobs.ts'

/** Every kind of background work; a module that defines jobs adds them here. */
export const JOB_KINDS: readonly JobKind[] = [...INTAKE_JOBS, ...SEARCH_JOBS, ...integrityJobs]
