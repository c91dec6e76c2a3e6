import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { sql } from 'kysely'
import { classifyItem, describeItem, flagItem, holdItem } from '../../src/modules/evidence/change.ts'
import { readCustody } from '../../src/modules/evidence/custody.ts'
import { openDownload } from '../../src/modules/evidence/download.ts'
import { countItems, listItems } from '../../src/modules/evidence/list.ts'
import { decideQuarantine, quarantineItems } from '../../src/modules/evidence/quarantine.ts'
import { readItem } from '../../src/modules/evidence/detail.ts'
import { readItemText } from '../../src/modules/evidence/text.ts'
import { registerItems } from '../../src/modules/evidence/register.ts'
import { inTransaction, type Tx } from '../../src/platform/tx.ts'
import type { Actor } from '../../src/platform/actor.ts'
import { createWorld, takeIn, type World } from '../intake/world.ts'
import { asOwner, grantItem, makeCompartment, makePerson } from '../search/people.ts'

const PAGE = { sort: 'name', order: 'asc', limit: 200 } as const

async function worldWith(
  t: Parameters<typeof createWorld>[0],
  count: number,
): Promise<World & { ids: string[] }> {
  const world = await createWorld(t)
  const files = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`file-${at}.txt`, `Fictional text ${at}.`]),
  )
  await takeIn(world, files)
  const items = await as(world, world.officer, (tx) => listItems(tx, PAGE))
  return { ...world, ids: items.items.map((item) => item.id) }
}

function as<T>({ desk }: World, actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(desk, actor, work)
}

test('two officers register at once: each item once, no number twice, none given again', async (t) => {
  const world = await worldWith(t, 12)
  const { desk, officer, ids } = world
  const other = await makePerson(desk, 'fictional-second', ['evidence-officer'], [world.compartmentId])
  const [mine, theirs] = await Promise.all([
    registerItems(desk, officer, { items: ids }),
    registerItems(desk, other, { items: ids }),
  ])
  assert.equal(mine.changedCount + theirs.changedCount, ids.length)
  const refused = [...mine.refused, ...theirs.refused]
  assert.ok(refused.every((one) => one.code === 'already_registered'))
  const numbers = [...mine.changed, ...theirs.changed].map((one) => one.registrationNumber)
  assert.equal(new Set(numbers).size, ids.length)
  assert.match(numbers[0] ?? '', /^\d{4}-\d{6}$/)
  const again = await takeIn(world, { 'later.txt': 'A later fictional text.' }, 'a-later-batch')
  const late = await registerItems(desk, officer, { batch: again.batch })
  assert.ok(!numbers.includes(late.changed[0]?.registrationNumber ?? ''))
  assert.ok((late.changed[0]?.registrationNumber ?? '') > (numbers.toSorted().at(-1) ?? ''))
})

test('outside the compartment nothing is there; a grant opens one item and nothing else', async (t) => {
  const world = await worldWith(t, 3)
  const { desk, ids } = world
  const elsewhere = await makeCompartment(desk, 'Elsewhere')
  const stranger = await makePerson(desk, 'fictional-stranger', ['investigator'], [elsewhere])
  const [first, second] = ids
  assert.equal((await as(world, stranger, (tx) => listItems(tx, PAGE))).items.length, 0)
  assert.equal((await as(world, stranger, (tx) => countItems(tx, {}))).count, 0)
  await assert.rejects(
    as(world, stranger, (tx) => readItem(tx, first ?? '')),
    { code: 'not_found' },
  )
  await grantItem(desk, stranger, first ?? '', 1)
  assert.deepEqual(
    (await as(world, stranger, (tx) => listItems(tx, PAGE))).items.map((item) => item.id),
    [first],
  )
  assert.equal((await as(world, stranger, (tx) => countItems(tx, {}))).count, 1)
  const seen = await as(world, stranger, (tx) => readItem(tx, first ?? ''))
  assert.equal(seen.compartment.name, 'another compartment')
  await assert.rejects(
    as(world, stranger, (tx) => readItemText(tx, second ?? '', { part: 0, offset: 0, characters: 10 })),
    {
      code: 'not_found',
    },
  )
  for (const table of ['item', 'reading', 'text_part', 'acquisition', 'tally', 'collection', 'source'])
    assert.equal(
      await as(world, stranger, async (tx) => {
        const rows = await sql<{
          n: number
        }>`select count(*) as n from ${sql.table(`evidence.${table}`)}`.execute(tx.sql)
        return rows.rows[0]?.n
      }),
      ['item', 'reading', 'text_part', 'acquisition'].includes(table) ? 1 : 0,
      table,
    )
})

test('an administrator manages people and sees no content', async (t) => {
  const world = await worldWith(t, 1)
  const admin = await makePerson(world.desk, 'fictional-admin', ['administrator'], [world.compartmentId])
  await assert.rejects(
    as(world, admin, (tx) => listItems(tx, PAGE)),
    { code: 'not_permitted' },
  )
})

test('what arrived cannot be changed by the application', async (t) => {
  const world = await worldWith(t, 1)
  for (const column of ['sha256', 'address', 'path', 'received_at', 'size_bytes', 'received_entry'])
    await assert.rejects(
      as(world, world.officer, (tx) =>
        sql`update evidence.item set ${sql.ref(column)} = null`.execute(tx.sql),
      ),
      /permission denied/,
    )
  await assert.rejects(
    as(world, world.officer, (tx) => sql`delete from evidence.item`.execute(tx.sql)),
    /permission denied/,
  )
})

test('pages follow one another in every sort, both ways, and hold each item once', async (t) => {
  const world = await worldWith(t, 7)
  await registerItems(world.desk, world.officer, { items: world.ids.slice(0, 4) })
  for (const sort of ['received', 'registered', 'name', 'size', 'type'] as const)
    for (const order of ['asc', 'desc'] as const) {
      const found: string[] = []
      let after: string | undefined
      do {
        const page = await as(world, world.officer, (tx) => listItems(tx, { sort, order, limit: 2, after }))
        found.push(...page.items.map((item) => item.id))
        after = page.next ?? undefined
      } while (after !== undefined)
      assert.deepEqual(found.toSorted(), world.ids.toSorted(), `${sort} ${order}`)
    }
  await assert.rejects(
    as(world, world.officer, (tx) => listItems(tx, { ...PAGE, after: 'nonsense' })),
    {
      code: 'invalid_input',
    },
  )
})

test('filters: name with folded letters, date in either calendar, hold, state', async (t) => {
  const world = await createWorld(t)
  await takeIn(world, { 'گزارش کابل.txt': 'متن', 'other.txt': 'text' })
  const all = (await as(world, world.officer, (tx) => listItems(tx, PAGE))).items
  const report = all.find((item) => item.name !== 'other.txt')
  const names = async (filter: object) =>
    (await as(world, world.officer, (tx) => listItems(tx, { ...PAGE, ...filter }))).items.map(
      (item) => item.name,
    )
  assert.deepEqual(await names({ name: 'كابل' }), ['گزارش کابل.txt'])
  assert.deepEqual(await names({ name: '%' }), [])
  await as(world, world.officer, (tx) =>
    describeItem(tx, report?.id ?? '', { fields: [], contentDate: '1402-05-24' }),
  )
  assert.deepEqual(await names({ dateFrom: '2023-08-15', dateTo: '2023-08-15' }), ['گزارش کابل.txt'])
  assert.deepEqual(await names({ dateFrom: '1403' }), [])
  await as(world, world.officer, (tx) =>
    holdItem(tx, report?.id ?? '', { hold: true, reason: 'a fictional order' }),
  )
  assert.deepEqual(await names({ hold: true }), ['گزارش کابل.txt'])
  assert.deepEqual(await names({ state: ['quarantined'] }), [])
})

test('flags for named readers ask for their compartment, and take the item there', async (t) => {
  const world = await worldWith(t, 1)
  const { desk, officer, ids } = world
  const order = { flags: ['child'], reason: 'shows a child' } as const
  await assert.rejects(
    as(world, officer, (tx) => flagItem(tx, ids[0] ?? '', order)),
    { code: 'named_readers_needed' },
  )
  const named = await makeCompartment(desk, 'Named readers')
  await asOwner(desk, `update identity.compartment set kind = 'named-reader' where id = $1`, [named])
  await assert.rejects(
    as(world, officer, (tx) => flagItem(tx, ids[0] ?? '', { ...order, compartmentId: named })),
    {
      code: 'not_found',
    },
  )
  await asOwner(desk, 'insert into identity.membership values ($1, $2, $2, now())', [named, officer.id])
  await as(world, officer, (tx) => flagItem(tx, ids[0] ?? '', { ...order, compartmentId: named }))
  const colleague = await makePerson(desk, 'fictional-colleague', ['investigator'], [world.compartmentId])
  assert.equal((await as(world, colleague, (tx) => listItems(tx, PAGE))).items.length, 0)
  assert.equal((await as(world, officer, (tx) => listItems(tx, PAGE))).items.length, 1)
})

test('quarantine holds registration back until somebody decides', async (t) => {
  const world = await worldWith(t, 1)
  const { desk, officer, ids } = world
  await as(world, officer, (tx) =>
    quarantineItems(tx, [{ id: ids[0] ?? '', reason: 'malware', words: 'fictional' }]),
  )
  assert.equal((await registerItems(desk, officer, { items: ids })).refused[0]?.code, 'quarantined')
  const decision = { items: ids, decision: 'release', reason: 'looked at, harmless' } as const
  assert.equal(
    (await as(world, officer, (tx) => decideQuarantine(tx, decision))).changed[0]?.state,
    'received',
  )
  assert.equal((await registerItems(desk, officer, { items: ids })).changedCount, 1)
})

test('a download is logged before the first byte, whole or a range, and is the same bytes', async (t) => {
  const world = await worldWith(t, 1)
  const { desk, officer, ids } = world
  const download = await openDownload(desk, officer, { id: ids[0] ?? '', copy: 'working' })
  const logged = await asOwner(
    desk,
    `select count(*)::int as n from ledger.entry where kind = 'evidence.item.downloaded'`,
  )
  assert.equal(logged.rows[0].n, 1)
  const hash = createHash('sha256')
  for await (const bytes of download.bytes) hash.update(bytes)
  const detail = await as(world, officer, (tx) => readItem(tx, ids[0] ?? ''))
  assert.equal(hash.digest('hex'), detail.digests.sha256)
  const part = await openDownload(desk, officer, {
    id: ids[0] ?? '',
    copy: 'working',
    range: { start: 2, end: 5 },
  })
  const pieces: Uint8Array[] = []
  for await (const bytes of part.bytes) pieces.push(bytes)
  assert.equal(Buffer.concat(pieces).toString(), 'cti')
  await assert.rejects(
    openDownload(desk, officer, { id: ids[0] ?? '', copy: 'working', range: { start: 999, end: null } }),
    { code: 'range_not_satisfiable' },
  )
  const analyst = await makePerson(desk, 'fictional-analyst', ['analyst'], [world.compartmentId])
  await assert.rejects(
    openDownload(desk, analyst, { id: ids[0] ?? '', copy: 'original', reason: 'to look' }),
    {
      code: 'not_permitted',
    },
  )
})

test('custody tells each change in order, views and downloads not', async (t) => {
  const world = await worldWith(t, 1)
  const { desk, officer, ids } = world
  const id = ids[0] ?? ''
  await as(world, officer, (tx) => readItem(tx, id))
  await registerItems(desk, officer, { items: ids, note: 'complete' })
  await as(world, officer, (tx) =>
    classifyItem(tx, id, { classification: 'internal', reason: 'nothing secret' }),
  )
  const events = await as(world, officer, (tx) => readCustody(tx, id))
  assert.deepEqual(
    events.map((event) => event.kind),
    ['evidence.item.received', 'evidence.item.read', 'evidence.item.registered', 'evidence.item.classified'],
  )
  assert.equal(events[2]?.who, officer.name)
  assert.equal(events[2]?.why, 'complete')
})
