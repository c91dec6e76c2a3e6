import type { Page } from 'playwright-core'
import { settled } from './browser.ts'

/** Every page that has an address of its own, as an officer of the desk reaches it. */
export interface Places {
  readonly collectionId: string
  readonly batchId: string
  readonly itemId: string
  readonly personId: string
  readonly compartmentId: string
}

export function officerPages(places: Places): readonly (readonly [name: string, address: string])[] {
  const item = `/items/${places.itemId}`
  return [
    ['front', '/'],
    ['collections', '/collections'],
    ['collection', `/collections/${places.collectionId}`],
    ['intake', '/intake'],
    ['intake-new', '/intake/new'],
    ['batch', `/intake/${places.batchId}`],
    ['registration', '/registration'],
    ['quarantine', '/registration/quarantine'],
    ['search', '/search'],
    ['item', item],
    ['item-text', `${item}?tab=text`],
    ['item-parts', `${item}?tab=parts`],
    ['item-custody', `${item}?tab=custody`],
    ['item-check', `${item}?tab=check`],
    ['audit', '/audit'],
    ['jobs', '/jobs'],
    ['compartments', '/compartments'],
    ['account', '/account'],
    ['no-such-page', '/no-such-page'],
  ]
}

export function administratorPages(places: Places): readonly (readonly [name: string, address: string])[] {
  return [
    ['people', '/people'],
    ['person', `/people/${places.personId}`],
    ['compartment', `/compartments/${places.compartmentId}`],
  ]
}

export async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await settled(page)
}
