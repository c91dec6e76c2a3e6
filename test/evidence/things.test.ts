import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCustody, recordHandover } from '../../src/modules/evidence/custody.ts'
import { foldTally } from '../../src/modules/evidence/fold-tally.ts'
import { createPhysicalItem } from '../../src/modules/evidence/physical.ts'
import { registerItems } from '../../src/modules/evidence/register.ts'
import { search } from '../../src/modules/search/search.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { createWorld, takeIn } from '../intake/world.ts'
import { asOwner } from '../search/people.ts'

test('a thing is found at once, registered, handed over, and its custody tells it', async (t) => {
  const world = await createWorld(t)
  const { desk, officer } = world
  const thing = await inTransaction(desk, officer, (tx) =>
    createPhysicalItem(tx, {
      collectionId: world.collectionId,
      sourceId: null,
      name: 'Fictional telephone with a cracked screen',
      condition: 'cracked',
      seal: 'S-17',
      barcode: '',
      location: 'Shelf 3',
      custodian: 'Fictional Keeper',
      custody: { collectedBy: 'Fictional Collector', place: 'a fictional town' },
    }),
  )
  const found = await search(desk, officer, {
    query: '"cracked screen"',
    sort: 'relevance',
    after: null,
    limit: 10,
    withFacets: false,
  })
  assert.deepEqual(
    found.hits.map((hit) => hit.subjectId),
    [thing.id],
  )
  const registered = await registerItems(desk, officer, { items: [thing.id] })
  assert.equal(registered.changedCount, 1)
  const handover = {
    giver: 'Fictional Keeper',
    receiver: 'Fictional Laboratory',
    at: '2026-03-01T10:00:00.000Z',
    place: 'a fictional laboratory',
    purpose: 'examination',
    seal: 'S-18',
  }
  await inTransaction(desk, officer, (tx) => recordHandover(tx, thing.id, handover))
  const custody = await inTransaction(desk, officer, (tx) => readCustody(tx, thing.id))
  assert.deepEqual(
    custody.map((event) => event.kind.split('.').at(-1)),
    ['collected', 'received_physically', 'registered', 'handed_over'],
  )
  assert.equal(custody[0]?.who, 'Fictional Collector')
  assert.equal(custody[1]?.who, officer.name)
  assert.match(custody[3]?.words ?? '', /^Handed over by Fictional Keeper to Fictional Laboratory, on /)
})

test('counts of a collection are the same before and after they are added up', async (t) => {
  const world = await createWorld(t)
  const { desk, officer } = world
  const receipt = await takeIn(world, { 'a.txt': 'One fictional text.', 'b.txt': 'Another fictional text.' })
  await registerItems(desk, officer, { batch: receipt.batch })
  const counts = async () => {
    const { rows } = await asOwner(
      desk,
      'select state, sum(delta)::integer as items, count(*)::integer as rows from evidence.tally group by 1 having sum(delta) <> 0 order by 1',
    )
    return rows as { state: string; items: number; rows: number }[]
  }
  const before = await counts()
  await Promise.all([foldTally(desk), foldTally(desk)])
  const after = await counts()
  assert.deepEqual(
    after.map(({ state, items }) => [state, items]),
    [['processed', 2]],
  )
  assert.deepEqual(
    before.map(({ state, items }) => [state, items]),
    [['processed', 2]],
  )
  assert.deepEqual(
    after.map((one) => one.rows),
    [1],
  )
})
