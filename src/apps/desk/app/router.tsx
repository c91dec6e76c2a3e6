import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { FrontPage } from './front-page.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage })

/** A page whose code comes when it is first opened. */
function page<Module extends Record<string, unknown>>(
  path: string,
  load: () => Promise<Module>,
  name: keyof Module & string,
) {
  return createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load as () => Promise<Record<string, never>>, name),
  })
}

const pages = [
  createRoute({ getParentRoute: () => root, path: '/', component: FrontPage }),
  page('/join', () => import('../identity/join-page.tsx'), 'JoinPage'),
  page('/account', () => import('../identity/account-page.tsx'), 'AccountPage'),
  page('/people', () => import('../identity/people-page.tsx'), 'PeoplePage'),
  page('/people/$id', () => import('../identity/person-page.tsx'), 'PersonPage'),
  page('/compartments', () => import('../identity/compartments-page.tsx'), 'CompartmentsPage'),
  page('/compartments/$id', () => import('../identity/compartment-page.tsx'), 'CompartmentPage'),
  page('/collections', () => import('../evidence/collections-page.tsx'), 'CollectionsPage'),
  page('/collections/$id', () => import('../evidence/collection-page.tsx'), 'CollectionPage'),
  page('/sources', () => import('../evidence/sources-page.tsx'), 'SourcesPage'),
  page('/sources/$id', () => import('../evidence/source-page.tsx'), 'SourcePage'),
  page('/registration', () => import('../evidence/registration-page.tsx'), 'RegistrationPage'),
  page('/registration/quarantine', () => import('../evidence/quarantine-page.tsx'), 'QuarantinePage'),
  page('/items/$id', () => import('../evidence/item-page.tsx'), 'ItemPage'),
  page('/intake', () => import('../intake/batches-page.tsx'), 'BatchesPage'),
  page('/intake/new', () => import('../intake/new-batch-page.tsx'), 'NewBatchPage'),
  page('/intake/thing', () => import('../intake/new-thing-page.tsx'), 'NewThingPage'),
  page('/intake/$id', () => import('../intake/batch-page.tsx'), 'BatchPage'),
  page('/search', () => import('../search/search-page.tsx'), 'SearchPage'),
  page('/audit', () => import('../integrity/audit-page.tsx'), 'AuditPage'),
  page('/audit/erasures', () => import('../integrity/erasures-page.tsx'), 'ErasuresPage'),
  page('/audit/backup', () => import('../integrity/backup-page.tsx'), 'BackupPage'),
  page('/jobs', () => import('../jobs/jobs-page.tsx'), 'JobsPage'),
]

export const router = createRouter({ routeTree: root.addChildren(pages), defaultPreload: 'intent' })
