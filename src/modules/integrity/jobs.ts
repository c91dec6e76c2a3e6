import type { JobKind } from '../jobs/define.ts'
import { auditJob } from './audit.ts'
import { eraseJob } from './carry-out.ts'

/** Background work of this module. */
export const integrityJobs: readonly JobKind[] = [auditJob, eraseJob]
