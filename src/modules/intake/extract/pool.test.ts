import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openPool, type Pool } from './pool.ts'
import { DEFAULT_LIMITS, type Limits } from './port.ts'

const root = mkdtempSync(join(tmpdir(), 'extract-pool-'))
const secret = mkdtempSync(join(tmpdir(), 'extract-secret-'))
const limits: Limits = { ...DEFAULT_LIMITS, timeMs: 20_000, memoryMb: 400 }
let pool: Pool
let number = 0

before(async () => {
  writeFileSync(join(secret, 'key'), 'do not read')
  pool = await openPool({
    workers: 2,
    workRoot: root,
    registry: new URL('../../../../test/extract/hostile-readers.ts', import.meta.url),
  })
})
after(async () => {
  await pool.close()
  for (const folder of [root, secret]) rmSync(folder, { recursive: true, force: true })
})

/** Has the hostile reader do what `order` says. */
function ask(order: string, more: Partial<Limits> = {}) {
  const workFolder = join(root, `job-${++number}`)
  mkdirSync(workFolder)
  const path = `${workFolder}.bin`
  writeFileSync(path, order)
  return pool.read({
    path,
    name: 'x',
    sizeBytes: order.length,
    passwords: [],
    limits: { ...limits, ...more },
    workFolder,
  })
}

const codes = (reading: Awaited<ReturnType<typeof ask>>) =>
  reading.result.notices.map((notice) => notice.code)

test('a plain file is read', async () => {
  const reading = await ask('say hello')
  assert.equal(reading.result.outcome, 'read')
  assert.equal(reading.result.parts[0]?.text, 'hello')
})

test('each way of dying costs its own file and no other', async () => {
  const deaths = [
    ['loop', 'time-limit', { timeMs: 400 }],
    ['sleep', 'time-limit', { timeMs: 400 }],
    ['allocate-heap', 'memory-limit', { timeMs: 60_000 }],
    ['allocate-buffers', 'memory-limit', { timeMs: 60_000 }],
    ['exit', 'crashed', {}],
    ['abort', 'crashed', {}],
    ['throw', 'crashed', {}],
    ['throw-later', 'crashed', {}],
    ['reject-later', 'crashed', {}],
    ['answer-twice', 'read', {}],
    ['flood-channel', 'crashed', {}],
  ] as const
  const readings = await Promise.all(
    deaths.flatMap(([order, , more]) => [ask(order, more), ask(`say between ${order}`)]),
  )
  for (const [index, [order, code]] of deaths.entries()) {
    const died = readings[index * 2]!
    if (code !== 'read') {
      assert.deepEqual(codes(died), [code], order)
      assert.equal(died.result.outcome, 'unread', order)
      assert.equal(died.result.notices[0]?.retryable, true, order)
    }
    assert.equal(readings[index * 2 + 1]!.result.parts[0]?.text, `between ${order}`)
  }
})

test('standard output full of noise hurts nobody', async () => {
  assert.equal((await ask('spam')).result.parts[0]?.text, 'spammed')
})

test('a result of 30 MB arrives whole', async () => {
  const reading = await ask('large')
  assert.equal(reading.result.parts.length, 30)
  assert.equal(reading.result.parts[29]?.text.length, 1_000_000)
})

test('the network and other processes are closed', async () => {
  for (const order of ['fetch', 'net', 'http', 'dns', 'udp', 'spawn', 'raw-socket', 'worker-thread']) {
    const reading = await ask(order)
    assert.match(reading.result.parts[0]?.text ?? '', /^closed: /, order)
  }
})

test('files outside the work root can be neither read nor written', async () => {
  const read = await ask(`read ${join(secret, 'key')}`)
  assert.match(read.result.parts[0]?.text ?? '', /^closed: /)
  const wrote = await ask(`write ${join(secret, 'planted')}`)
  assert.match(wrote.result.parts[0]?.text ?? '', /^closed: /)
  assert.equal(existsSync(join(secret, 'planted')), false)
})

test('children outside the work folder, links and missing ones are not believed', async () => {
  const reading = await ask('lying-children')
  assert.deepEqual(
    reading.result.children.map((child) => child.path),
    ['good.txt'],
  )
  assert.equal(reading.result.children[0]?.sizeBytes, 4)
  assert.equal(codes(reading).filter((code) => code === 'unsafe-name').length, 2)
})

test('an answer without shape costs its own file only', async () => {
  assert.deepEqual(codes(await ask('no-shape')), ['crashed'])
  assert.equal((await ask('say after')).result.parts[0]?.text, 'after')
})

test('more children than allowed are cut and said', async () => {
  const reading = await ask('many-children', { maxChildren: 5 })
  assert.equal(reading.result.children.length, 5)
  assert.ok(codes(reading).includes('too-many'))
})

test('environment holds no secret of the server', async () => {
  process.env.AMANAT_TEST_SECRET = 'x'
  assert.equal((await ask('environment AMANAT_TEST_SECRET')).result.parts[0]?.text, 'undefined')
})
