import { evidenceHandlers } from './api/evidence.ts'
import { healthHandlers } from './api/health.ts'
import { identityHandlers } from './api/identity.ts'
import { intakeHandlers } from './api/intake.ts'
import { integrityHandlers } from './api/integrity.ts'
import { jobsHandlers } from './api/jobs.ts'
import { peopleHandlers } from './api/people.ts'
import { searchHandlers } from './api/search.ts'
import type { Handled } from './handle.ts'

/** Every route of the desk; a module that adds routes adds its list here. */
export const HANDLERS: readonly Handled[] = [
  ...healthHandlers,
  ...identityHandlers,
  ...peopleHandlers,
  ...jobsHandlers,
  ...evidenceHandlers,
  ...intakeHandlers,
  ...integrityHandlers,
  ...searchHandlers,
]
