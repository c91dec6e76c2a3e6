import type { Page } from 'playwright-core'
import { settled } from './browser.ts'

/** Every page that has an address of its own, as an officer of the desk reaches it. */
export interface Places {
  readonly collectionId: string
  readonly batchId: string
  readonly itemId: string
  /** An item with a long name of both directions. */
  readonly longId: string
  readonly thingId: string
  readonly erasedItemId: string
  readonly sourceId: string
  readonly personId: string
  readonly compartmentId: string
}

export function officerPages(places: Places): readonly (readonly [name: string, address: string])[] {
  const item = `/items/${places.itemId}`
  return [
    ['front', '/'],
    ['collections', '/collections'],
    ['collection', `/collections/${places.collectionId}`],
    ['sources', '/sources'],
    ['source', `/sources/${places.sourceId}`],
    ['intake', '/intake'],
    ['intake-new', '/intake/new'],
    ['intake-thing', '/intake/thing'],
    ['batch', `/intake/${places.batchId}`],
    ['registration', '/registration'],
    ['quarantine', '/registration/quarantine'],
    ['search', '/search'],
    ['item', item],
    ['item-text', `${item}?tab=text`],
    ['item-parts', `${item}?tab=parts`],
    ['item-custody', `${item}?tab=custody`],
    ['item-check', `${item}?tab=check`],
    ['long-item', `/items/${places.longId}`],
    ['thing', `/items/${places.thingId}`],
    ['thing-custody', `/items/${places.thingId}?tab=custody`],
    ['erased-item', `/items/${places.erasedItemId}`],
    ['audit', '/audit'],
    ['erasures', '/audit/erasures'],
    ['backup', '/audit/backup'],
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
