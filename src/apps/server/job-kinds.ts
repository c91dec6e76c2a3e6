import type { JobKind } from '../../modules/jobs/define.ts'

/** Every kind of background work; a module that defines jobs adds them here. */
export const JOB_KINDS: readonly JobKind[] = []
