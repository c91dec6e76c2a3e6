import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { readItem } from '../../src/modules/evidence/detail.ts'
import { decideQuarantine } from '../../src/modules/evidence/quarantine.ts'
import { registerItems } from '../../src/modules/evidence/register.ts'
import { cancelBatch, readBatch } from '../../src/modules/intake/batches.ts'
import { announceFiles } from '../../src/modules/intake/files.ts'
import { sendManifest } from '../../src/modules/intake/manifest/send.ts'
import { uploadFile } from '../../src/modules/intake/upload.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { digestOfSealed, takenOf } from './taken-corpus.ts'
import { createWorld, filesOf, once, openTestBatch, readAll, send, type World } from './world.ts'

const LISTS = {
  'manifest-md5.txt': (path: string, text: string) => `${hash('md5', text)}  ${path}`,
  'manifest-sha1.txt': (path: string, text: string) => `${hash('sha1', text)}  ${path}`,
  'manifest-sha256.txt': (path: string, text: string) => `${hash('sha256', text)}  ${path}`,
  'list.dat': (path: string, text: string) => `þ${path}þ\u0014þ${hash('sha1', text)}þ`,
} as const

for (const [name, line] of Object.entries(LISTS))
  test(`${name}: what does not match waits in quarantine until somebody decides`, async (t) => {
    const world = await createWorld(t)
    const { desk, officer } = world
    const batchId = await openTestBatch(world)
    const lines = [
      ...(name.endsWith('.dat') ? ['þFile pathþ\u0014þHashþ'] : []),
      line('data/same.txt', 'the same'),
      line('data/100%25.txt', 'the same, named with a sign'),
      line('data/other.txt', 'what the provider had'),
      line('data/wrong.txt', 'what the provider had, too'),
    ]
    const body = once(Buffer.from(lines.join('\n')))
    await sendManifest(desk, officer, { batchId, name, body })
    await send(world, batchId, {
      'data/same.txt': 'the same',
      [name.endsWith('.dat') ? 'data/100%25.txt' : 'data/100%.txt']: 'the same, named with a sign',
      'data/other.txt': 'what came',
      'data/wrong.txt': 'what came instead',
    })
    await readAll(world)
    const files = new Map((await filesOf(world, batchId)).map((file) => [file.path, file]))
    const states = [...files.values()].map((file) => file.state).toSorted()
    assert.deepEqual(states, ['done', 'done', 'quarantined', 'quarantined'])
    const [released, returned] = ['data/other.txt', 'data/wrong.txt'].map(
      (path) => files.get(path)?.itemId ?? '',
    ) as [string, string]
    const held = await registerItems(desk, officer, { items: [released, returned] })
    assert.deepEqual([...new Set(held.refused.map((one) => one.code))], ['quarantined'])
    const decide = (id: string, decision: 'release' | 'return') =>
      inTransaction(desk, officer, (tx) =>
        decideQuarantine(tx, { items: [id], decision, reason: 'a fictional reason' }),
      )
    await decide(released, 'release')
    await decide(returned, 'return')
    const registered = await registerItems(desk, officer, { items: [released, returned] })
    assert.deepEqual([registered.changedCount, registered.refused[0]?.code], [1, 'wrong_state'])
    const detail = await inTransaction(desk, officer, (tx) => readItem(tx, returned))
    assert.equal(detail.state, 'returned')
  })

async function announceOne({ desk, officer }: World, batchId: string, sizeBytes: number) {
  const order = { files: [{ path: 'long.txt', sizeBytes }] }
  const { files } = await inTransaction(desk, officer, (tx) => announceFiles(tx, batchId, order))
  const [file] = files
  assert.ok(file)
  return file
}

test('an upload in pieces goes on where it was, and is the same bytes in the end', async (t) => {
  const world = await createWorld(t)
  const { desk, officer } = world
  const bytes = Buffer.from('A fictional text that comes in pieces. '.repeat(5_000))
  const batchId = await openTestBatch(world)
  const { id: fileId } = await announceOne(world, batchId, bytes.length)
  const upload = (offset: number, end: number) =>
    uploadFile(desk, officer, { batchId, fileId, offset, body: once(bytes.subarray(offset, end)) })
  assert.equal((await upload(0, 70_000)).offset, 70_000)
  assert.equal((await upload(0, 70_000)).offset, 70_000, 'sent again, it is not taken again')
  assert.equal((await announceOne(world, batchId, bytes.length)).offset, 70_000)
  assert.equal((await upload(70_000, 150_000)).offset, 150_000)
  assert.equal((await upload(150_000, bytes.length)).state, 'received')
  const [item] = await takenOf(world, batchId)
  assert.equal(item?.sha256, hash('sha256', bytes))
  assert.equal(await digestOfSealed(world, item.address), item.sha256)
})

test('a cancelled batch keeps what came, names what did not, and takes no more', async (t) => {
  const world = await createWorld(t)
  const { desk, officer } = world
  const batchId = await openTestBatch(world)
  await send(world, batchId, { 'came.txt': 'Came in time.' })
  const { id: fileId } = await announceOne(world, batchId, 10)
  await inTransaction(desk, officer, (tx) => cancelBatch(tx, batchId, 'a fictional reason'))
  const late = { batchId, fileId, offset: 0, body: once(Buffer.from('0123456789')) }
  await assert.rejects(uploadFile(desk, officer, late), { code: 'batch_closed' })
  await readAll(world)
  const states = (await filesOf(world, batchId)).map((file) => [file.path, file.state])
  assert.deepEqual(states, [
    ['came.txt', 'done'],
    ['long.txt', 'cancelled'],
  ])
  const batch = await inTransaction(desk, officer, (tx) => readBatch(tx, batchId))
  assert.equal(batch.state, 'cancelled')
})
