import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zipOf } from './zip.ts'
import { listItems } from '../../src/modules/evidence/list.ts'
import { readItem } from '../../src/modules/evidence/detail.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { createWorld, takeIn, type World } from './world.ts'

const TEXT = 'The fictional convoy left Ghazni at noon and arrived in the evening.'

async function itemsOf(world: World) {
  const query = { sort: 'name', order: 'asc', limit: 200 } as const
  return (await inTransaction(world.desk, world.officer, (tx) => listItems(tx, query))).items
}

test('files become items: read, named, findable by type and language', async (t) => {
  const world = await createWorld(t)
  const receipt = await takeIn(world, { 'folder/report.txt': TEXT, 'folder/empty.txt': '' })
  assert.equal(receipt.state, 'done')
  assert.equal(receipt.counts.taken, 2)
  assert.equal(receipt.counts.waiting, 0)
  assert.notEqual(receipt.entryId, null)
  const items = await itemsOf(world)
  const report = items.find((item) => item.name === 'report.txt')
  assert.equal(report?.format, 'txt')
  assert.equal(report?.language, 'eng')
  assert.equal(report?.reading, 'read')
  assert.equal(report?.state, 'received')
  const detail = await inTransaction(world.desk, world.officer, (tx) => readItem(tx, report?.id ?? ''))
  assert.equal(detail.path, 'folder/report.txt')
  assert.equal(detail.parts.length, 1)
  assert.match(detail.digests.sha256 ?? '', /^[0-9a-f]{64}$/)
})

test('bytes already held are a second acquisition under both names, also in one batch', async (t) => {
  const world = await createWorld(t)
  const first = await takeIn(world, { 'a.txt': TEXT, 'copy of a.txt': TEXT })
  assert.deepEqual([first.counts.taken, first.counts.alreadyHeld], [1, 1])
  const second = await takeIn(world, { 'again.txt': TEXT }, 'another-batch')
  assert.equal(second.counts.alreadyHeld, 1)
  const items = await itemsOf(world)
  assert.equal(items.length, 1)
  const detail = await inTransaction(world.desk, world.officer, (tx) => readItem(tx, items[0]?.id ?? ''))
  const paths = detail.acquisitions.map((one) => one.path).toSorted()
  assert.deepEqual(paths, ['a.txt', 'again.txt', 'copy of a.txt'])
  assert.equal(detail.acquisitions.filter((one) => one.first).length, 1)
})

test('a zip in a zip: children know parent and path', async (t) => {
  const world = await createWorld(t)
  const inner = zipOf({ 'deep/letter.txt': TEXT })
  const receipt = await takeIn(world, {
    'outer.zip': zipOf({ 'inner.zip': inner, 'note.txt': 'A fictional note.' }),
  })
  assert.equal(receipt.counts.children, 3)
  assert.equal(receipt.counts.waiting, 0)
  const items = await itemsOf(world)
  const letter = items.find((item) => item.name === 'letter.txt')
  const detail = await inTransaction(world.desk, world.officer, (tx) => readItem(tx, letter?.id ?? ''))
  assert.equal(detail.path, 'deep/letter.txt')
  assert.deepEqual(
    detail.parents.map((one) => one.name),
    ['outer.zip', 'inner.zip'],
  )
  assert.equal(items.find((item) => item.name === 'outer.zip')?.childCount, 2)
})

test('a broken archive waits in quarantine and costs no other file', async (t) => {
  const world = await createWorld(t)
  const whole = zipOf({ 'note.txt': TEXT })
  const receipt = await takeIn(world, { 'broken.zip': whole.subarray(0, 20), 'good.txt': TEXT })
  assert.equal(receipt.quarantined.length, 1)
  assert.equal(receipt.quarantined[0]?.path, 'broken.zip')
  assert.equal(receipt.quarantined[0]?.kept, true)
  assert.equal(receipt.counts.taken, 1)
  const broken = (await itemsOf(world)).find((item) => item.name === 'broken.zip')
  assert.equal(broken?.state, 'quarantined')
  assert.equal(broken?.quarantineReason, 'unreadable-container')
})

test('a collection that trusts its intake registers at once, children too', async (t) => {
  const world = await createWorld(t, { trustsIntake: true })
  await takeIn(world, { 'outer.zip': zipOf({ 'note.txt': TEXT }), 'good.txt': 'Another fictional text.' })
  const items = await itemsOf(world)
  assert.equal(items.length, 3)
  assert.ok(items.every((item) => item.state === 'processed'))
  assert.equal(new Set(items.map((item) => item.registrationNumber)).size, 3)
})
