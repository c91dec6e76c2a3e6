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

const MARK = { 'x-amanat': 'desk' }

interface Furnished {
  readonly administrator: Person
  readonly officer: Person
  readonly places: Places
}

/** A desk with two people, a compartment, a collection, a batch of papers taken in, one registered. */
export async function furnish(browser: Browser, origin: string, firstLink: string): Promise<Furnished> {
  const administrator = await newPerson(browser, origin, 'en', 'light')
  const officer = await newPerson(browser, origin, 'en', 'light')
  const admin = administrator.context.request
  await post(admin, '/api/invitations/accept', { secret: secretOf(firstLink), ...ADMINISTRATOR })
  const { link } = await post<{ link: string }>(admin, '/api/invitations', {
    name: OFFICER.name,
    roles: ['evidence-officer', 'investigator', 'auditor'],
  })
  const clerk = officer.context.request
  await post(clerk, '/api/invitations/accept', { secret: secretOf(link), ...OFFICER })
  const { person } = await get<{ person: { id: string } }>(clerk, '/api/session')
  const compartment = await post<{ id: string }>(admin, '/api/compartments', {
    name: 'Customs house',
    memberIds: [person.id],
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
  })
  const batchId = await takeIn(clerk, collection.id, source.id)
  const itemId = await itemOf(clerk, collection.id, 'statement-01')
  await post(clerk, '/api/items/register', { items: [itemId] })
  const places = {
    collectionId: collection.id,
    batchId,
    itemId,
    personId: person.id,
    compartmentId: compartment.id,
  }
  return { administrator, officer, places }
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
  const papers = Object.entries(PAPERS).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
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
