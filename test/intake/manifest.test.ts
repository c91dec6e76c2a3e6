import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { listQuarantine } from '../../src/modules/evidence/list.ts'
import { readItem } from '../../src/modules/evidence/detail.ts'
import { readCustody } from '../../src/modules/evidence/custody.ts'
import { sendManifest } from '../../src/modules/intake/manifest/send.ts'
import { readReconciliation } from '../../src/modules/intake/manifest/report.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { createWorld, filesOf, once, openTestBatch, readAll, send, type World } from './world.ts'

const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex')

function sendCsv(world: World, batchId: string, lines: readonly string[]) {
  const body = once(Buffer.from(lines.join('\r\n')))
  return sendManifest(world.desk, world.officer, { batchId, name: 'list.csv', body })
}

test('a manifest sent before the files: matched, missing, extra, mismatch; fields and custody kept', async (t) => {
  const world = await createWorld(t)
  const batchId = await openTestBatch(world)
  await sendCsv(world, batchId, [
    'File path,MD5,Author,Collected by',
    `D:\\export\\a.txt,${digest('md5', 'one')},Fictional Author,Fictional Collector`,
    `export/b.txt,${digest('md5', 'not two')},,`,
    'export/gone.txt,,,',
  ])
  await send(world, batchId, { 'export/a.txt': 'one', 'export/b.txt': 'two', 'export/extra.txt': 'three' })
  await readAll(world)
  const report = await inTransaction(world.desk, world.officer, (tx) => readReconciliation(tx, batchId))
  assert.deepEqual(report.counts, { rows: 3, matched: 1, unhashed: 0, missing: 1, extra: 1, mismatch: 1 })
  assert.equal(report.missing[0]?.path, 'export/gone.txt')
  assert.equal(report.extra[0]?.path, 'export/extra.txt')
  assert.equal(report.mismatch[0]?.computed, digest('md5', 'two'))
  const files = await filesOf(world, batchId)
  const states = Object.fromEntries(files.map((file) => [file.path, file.state]))
  assert.deepEqual(states, {
    'export/a.txt': 'done',
    'export/b.txt': 'quarantined',
    'export/extra.txt': 'done',
  })
  const a = files.find((file) => file.path === 'export/a.txt')?.itemId ?? ''
  const detail = await inTransaction(world.desk, world.officer, (tx) => readItem(tx, a))
  assert.deepEqual(
    detail.asserted.map(({ name, value, saidBy }) => ({ name, value, saidBy })),
    [{ name: 'Author', value: 'Fictional Author', saidBy: 'manifest list.csv' }],
  )
  const custody = await inTransaction(world.desk, world.officer, (tx) => readCustody(tx, a))
  assert.equal(custody[0]?.kind, 'evidence.item.collected')
  assert.equal(custody[0]?.who, 'Fictional Collector')
})

test('a manifest sent after the files quarantines what does not match', async (t) => {
  const world = await createWorld(t)
  const batchId = await openTestBatch(world)
  await send(world, batchId, { 'x/a.txt': 'one', 'x/b.txt': 'two' })
  await readAll(world)
  const report = await sendManifest(world.desk, world.officer, {
    batchId,
    name: 'manifest-sha1.txt',
    body: once(
      Buffer.from(`${digest('sha1', 'one')}  a.txt\n${digest('sha1', 'changed')} *b.txt\nnot a line\n`),
    ),
  })
  assert.equal(report.format, 'bagit')
  assert.deepEqual([report.counts.matched, report.counts.mismatch], [1, 1])
  assert.equal(report.problems[0]?.row, 3)
  const list = await inTransaction(world.desk, world.officer, (tx) => listQuarantine(tx, { limit: 10 }))
  assert.equal(list.items.length, 1)
  assert.equal(list.items[0]?.quarantineReason, 'hash-mismatch')
  assert.match(list.items[0]?.words ?? '', /sha1/)
})
