import { evidenceHandlers } from './api/evidence.ts'
import { healthRoutes } from './api/health.ts'
import { identityRoutes } from './api/identity.ts'
import { jobsRoutes } from './api/jobs.ts'
import { peopleRoutes } from './api/people.ts'
import type { Handled } from './handle.ts'

/** Every route of the desk; a module that adds routes adds its list here. */
export const ROUTES: readonly Handled[] = [
  ...healthRoutes,
  ...identityRoutes,
  ...peopleRoutes,
  ...jobsRoutes,
  ...evidenceHandlers,
]
