import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeBatch } from '../../src/modules/intake/batches.ts'
import { finishBatches } from '../../src/modules/intake/finish.ts'
import { openPasswords } from '../../src/modules/intake/passwords.ts'
import { closeWorkshops } from '../../src/modules/intake/pools.ts'
import { readTasks } from '../../src/modules/intake/read-tasks.ts'
import { retryFiles } from '../../src/modules/intake/retry.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { packed } from '../fixtures/containers/packed.ts'
import { asOwner } from '../search/people.ts'
import { takenOf } from './taken-corpus.ts'
import { createWorld, openTestBatch, readAll, send } from './world.ts'

const PASSWORD = 'a fictional password'
const letter = Buffer.from('A fictional letter that lies in a locked archive inside a locked archive.')

test('a password given for a retry survives a restart, opens what is inside too, and is kept no longer', async (t) => {
  const world = await createWorld(t)
  const { desk, officer } = world
  const inner = await packed(t, 'zip', { 'letter.txt': letter }, [`-p${PASSWORD}`])
  const outer = await packed(t, '7z', { 'inner.zip': inner }, [`-p${PASSWORD}`, '-mhe=on'])
  const batchId = await openTestBatch(world)
  const [file] = await send(world, batchId, { 'outer.7z': outer })
  await inTransaction(desk, officer, (tx) => closeBatch(tx, batchId))
  await readAll(world)
  const [locked] = await takenOf(world, batchId)
  assert.equal(locked?.reading, 'unread')
  assert.ok(locked.notices.some((notice) => notice.code === 'encrypted' && notice.retryable))

  const order = { items: [file?.itemId ?? ''], passwords: ['wrong', PASSWORD] }
  await inTransaction(desk, officer, (tx) => retryFiles(tx, batchId, order))
  const waiting = await asOwner(desk, 'select sealed_passwords from intake.task')
  const sealed = (waiting.rows as { sealed_passwords: Buffer | null }[])[0]?.sealed_passwords
  assert.ok(sealed && !sealed.includes(PASSWORD))
  const logged = await asOwner(
    desk,
    `select count(*)::integer as n from ledger.entry where disclosures::text like $1`,
    [`%${PASSWORD}%`],
  )
  assert.equal((logged.rows[0] as { n: number }).n, 0)

  const restarted = { ...desk } // the same desk in another process: nothing of this one's memory
  t.after(() => closeWorkshops(restarted))
  await readTasks(restarted, restarted.signal)
  await finishBatches(restarted)
  const opened = await takenOf(world, batchId)
  assert.deepEqual(
    opened.map(({ path, reading }) => ({ path, reading })).toSorted((a, b) => a.path.localeCompare(b.path)),
    [
      { path: 'inner.zip', reading: 'read' },
      { path: 'letter.txt', reading: 'read' },
      { path: 'outer.7z', reading: 'read' },
    ],
  )
  const left = await asOwner(desk, 'select item_id from intake.task')
  assert.deepEqual(left.rows, [])
})

test('passwords sealed by another key are none, and the file is said to be locked again', async (t) => {
  const world = await createWorld(t)
  const { desk, officer } = world
  const batchId = await openTestBatch(world)
  const locked = await packed(t, 'zip', { 'letter.txt': letter }, [`-p${PASSWORD}`])
  await send(world, batchId, { 'locked.zip': locked })
  await inTransaction(desk, officer, (tx) => closeBatch(tx, batchId))
  await readAll(world)
  await inTransaction(desk, officer, (tx) => retryFiles(tx, batchId, { passwords: [PASSWORD] }))
  const another = { ...desk, entryKey: { ...desk.entryKey, sign: () => Buffer.alloc(64, 7) } }
  const { rows } = await asOwner(desk, 'select batch_id, sealed_passwords from intake.task')
  const task = rows[0] as { batch_id: string; sealed_passwords: Buffer }
  assert.deepEqual(openPasswords(desk, task), [PASSWORD])
  assert.deepEqual(openPasswords(another, task), [])
  assert.deepEqual(openPasswords(desk, { ...task, batch_id: desk.newId() }), [])
})
