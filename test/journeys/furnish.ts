import type { APIRequestContext, Browser } from 'playwright-core'
import { newPerson, type Person } from './browser.ts'
import type { Places } from './pages.ts'

/** Fictional people and papers; nobody named here exists. */
export const ADMINISTRATOR = {
  name: 'Laila Ahmadi (fictional)',
  signInName: 'laila',
  password: 'a door with two locks',
}
export const OFFICER = {
  name: 'Farid Noori (fictional)',
  signInName: 'farid',
  password: 'paper keeps what it is told',
}

export const PAPERS: Readonly<Record<string, string>> = {
  'statements/statement-01.txt':
    'Statement of a fictional witness. On 15 August 2023 the guards at the gate of the old customs house wrote every name into a blue ledger. The ledger was carried to the second floor.',
  'statements/اظهارات-۰۲.txt':
    'اظهارات یک شاهد خیالی. به تاریخ ۲۴ اسد ۱۴۰۲ محافظان دروازهٔ گمرک کهنه نام هر کس را در دفتر آبی نوشتند. دفتر به منزل دوم برده شد و کتابچهٔ دیگری نیز بود.',
  'lists/guards.csv': 'number,post,shift\n1,gate,night\n2,stairs,night\n3,ledger room,day\n',
  'notes/empty.txt': '',
  'letters/letter.html':
    '<html><head><title>Letter</title></head><body><p>A fictional letter about the blue ledger and its keeper.</p></body></html>',
}

export const SECOND_OFFICER = {
  name: 'Mariam Sahak (fictional)',
  signInName: 'mariam',
  password: 'two keys open one chest',
}

/** Names and bytes that strain a page: long, of both directions, damaged, with a lying extension, of no further use. */
const HARD_PAPERS: Readonly<Record<string, string>> = {
  'گزارش ۱۲ (final) v2/Report – نسخهٔ نهایی (copy 3) of the fictional committee on the customs house, with annexes and list of names.txt':
    'A fictional report. گزارش خیالی دربارهٔ دفتر آبی و نگهدارندهٔ آن.',
  'archives/broken.zip': 'PK\u0003\u0004 this is no archive',
  'pictures/photo.jpg': 'Not a picture: a fictional note about the ledger room.',
  'notes/to-be-erased.txt': 'A fictional note that a fictional court has ordered to be destroyed.',
}

const MARK = { 'x-amanat': 'desk' }

interface Furnished {
  readonly administrator: Person
  readonly officer: Person
  readonly secondOfficer: Person
  readonly places: Places
}

/** A desk with two people, a compartment, a collection, a batch of papers taken in, one registered. */
export async function furnish(browser: Browser, origin: string, firstLink: string): Promise<Furnished> {
  const administrator = await newPerson(browser, origin, 'en', 'light')
  const officer = await newPerson(browser, origin, 'en', 'light')
  const admin = administrator.context.request
  await post(admin, '/api/invitations/accept', { secret: secretOf(firstLink), ...ADMINISTRATOR })
  const clerk = officer.context.request
  const personId = await letIn(admin, clerk, OFFICER, ['evidence-officer', 'investigator', 'auditor'])
  const secondOfficer = await newPerson(browser, origin, 'en', 'light')
  const second = secondOfficer.context.request
  const secondId = await letIn(admin, second, SECOND_OFFICER, [
    'evidence-officer',
    'witness-protection-officer',
  ])
  const compartment = await post<{ id: string }>(admin, '/api/compartments', {
    name: 'Customs house',
    memberIds: [personId, secondId],
  })
  const collection = await post<{ id: string }>(clerk, '/api/collections', {
    name: 'Papers of the customs house',
    description: 'Fictional papers for trying the desk.',
    compartmentId: compartment.id,
  })
  const source = await post<{ id: string }>(clerk, '/api/sources', {
    kind: 'organisation',
    provider: 'Archive of a fictional town',
    compartmentId: compartment.id,
    permission: 'restricted',
    terms: 'For the fictional commission only. تنها برای کمیسیون خیالی.',
  })
  const batchId = await takeIn(clerk, collection.id, source.id)
  const itemId = await itemOf(clerk, collection.id, 'statement-01')
  const longId = await itemOf(clerk, collection.id, 'Report')
  await post(clerk, '/api/items/register', { items: [itemId, longId] })
  const thing = await post<{ id: string }>(clerk, '/api/items/physical', {
    collectionId: collection.id,
    sourceId: source.id,
    name: 'Black phone, cracked glass',
    condition: 'Switches on; glass cracked',
    seal: 'A-0017',
    location: 'Shelf 3, box 12',
    custodian: OFFICER.name,
    custody: { collectedBy: 'A fictional archivist', collectedAt: '1402-05-24' },
  })
  const erasedItemId = await itemOf(clerk, collection.id, 'to-be-erased')
  await post(clerk, '/api/items/register', { items: [erasedItemId] })
  await erase(clerk, second, erasedItemId)
  await post(second, '/api/erasures', {
    itemIds: [await itemOf(clerk, collection.id, 'empty')],
    legalBasis: 'Retention schedule 4, line 2 (fictional)',
  })
  await keepIdentity(admin, second, secondId, source.id)
  const places = {
    collectionId: collection.id,
    batchId,
    itemId,
    longId,
    thingId: thing.id,
    erasedItemId,
    sourceId: source.id,
    personId,
    compartmentId: compartment.id,
  }
  return { administrator, officer, secondOfficer, places }
}

/** Invites a person and accepts for them; answers their id. */
async function letIn(
  admin: APIRequestContext,
  who: APIRequestContext,
  person: typeof OFFICER,
  roles: readonly string[],
): Promise<string> {
  const { link } = await post<{ link: string }>(admin, '/api/invitations', { name: person.name, roles })
  await post(who, '/api/invitations/accept', { secret: secretOf(link), ...person })
  return (await get<{ person: { id: string } }>(who, '/api/session')).person.id
}

/** Erases an item as two people do, and waits until it is done. */
async function erase(first: APIRequestContext, second: APIRequestContext, itemId: string): Promise<void> {
  const { id } = await post<{ id: string }>(first, '/api/erasures', {
    itemIds: [itemId],
    legalBasis: 'Order 17/1402 of a fictional court',
  })
  await post(second, `/api/erasures/${id}/approve`)
  await until(async () => {
    const { erasures } = await get<{ erasures: { id: string; state: string }[] }>(first, '/api/erasures')
    return erasures.some((one) => one.id === id && one.state === 'done')
  }, 'the erasure is done')
}

/** Who a source is, in a compartment of its own. */
async function keepIdentity(
  admin: APIRequestContext,
  officer: APIRequestContext,
  officerId: string,
  sourceId: string,
): Promise<void> {
  const { id } = await post<{ id: string }>(admin, '/api/compartments', {
    name: 'Who the sources are',
    kind: 'source-identity',
    memberIds: [officerId],
  })
  await must(
    await officer.put(`/api/sources/${sourceId}/identity`, {
      headers: MARK,
      data: { name: 'A fictional archivist', contact: 'Through a fictional friend', compartmentId: id },
    }),
  )
}

/** Takes the papers in through the interface and waits until all of them are read. */
export async function takeIn(
  clerk: APIRequestContext,
  collectionId: string,
  sourceId: string,
): Promise<string> {
  const { id } = await post<{ id: string }>(clerk, '/api/batches', {
    collectionId,
    sourceId,
    label: 'Folder from the archive',
    key: 'journey-papers',
    custody: { collectedBy: 'A fictional archivist', collectedAt: '1402-05-24', place: 'Reading room' },
  })
  const papers = Object.entries({ ...PAPERS, ...HARD_PAPERS }).map(([path, text]) => ({
    path,
    bytes: Buffer.from(text),
  }))
  const announced = await post<{ files: { id: string }[] }>(clerk, `/api/batches/${id}/files`, {
    files: papers.map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })),
  })
  for (const [at, { bytes }] of papers.entries())
    await must(
      await clerk.put(`/api/batches/${id}/files/${announced.files[at]!.id}?offset=0`, {
        data: bytes,
        headers: { ...MARK, 'content-type': 'application/octet-stream' },
      }),
    )
  await post(clerk, `/api/batches/${id}/close`)
  await until(
    async () => (await get<{ state: string }>(clerk, `/api/batches/${id}`)).state === 'done',
    'the batch is done',
  )
  return id
}

export async function itemOf(clerk: APIRequestContext, collectionId: string, name: string): Promise<string> {
  const { items } = await get<{ items: { id: string; name: string }[] }>(
    clerk,
    `/api/items?collection=${collectionId}`,
  )
  const item = items.find((one) => one.name.includes(name))
  if (!item) throw new Error(`no item ${name} among ${items.map((one) => one.name).join(', ')}`)
  return item.id
}

export async function until(
  holds: () => Promise<boolean>,
  what: string,
  milliseconds = 60_000,
): Promise<void> {
  const end = Date.now() + milliseconds
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`after ${milliseconds} ms it is still not so: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

export async function post<T>(who: APIRequestContext, address: string, data?: unknown): Promise<T> {
  return must<T>(await who.post(address, { headers: MARK, ...(data === undefined ? {} : { data }) }))
}

export async function get<T>(who: APIRequestContext, address: string): Promise<T> {
  return must<T>(await who.get(address))
}

type Answered = Awaited<ReturnType<APIRequestContext['get']>>

async function must<T>(answer: Answered): Promise<T> {
  const text = await answer.text()
  if (!answer.ok()) throw new Error(`${answer.status()} ${answer.url()}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

function secretOf(link: string): string {
  return new URL(link).hash.slice(1)
}
