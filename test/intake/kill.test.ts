import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readReceipt } from '../../src/modules/intake/receipt.ts'
import { receiveLocal } from '../../src/modules/intake/local.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { asOwner } from '../search/people.ts'
import { createWorld, openTestBatch, type World } from './world.ts'
import { zipOf } from './zip.ts'

const FILES = 40
const KILLS = 3

/** Runs the child; kills it with SIGKILL after so long, or lets it end. True where it ended by itself. */
async function run(
  world: World,
  batchId: string,
  aheadMs: number,
  killAfterMs: number | null,
): Promise<boolean> {
  const { desk } = world
  const order = JSON.stringify({ home: desk.home, login: desk.login, batchId, aheadMs })
  const child = fork(path.join(import.meta.dirname, 'kill-child.ts'), [order], { stdio: 'inherit' })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  if (killAfterMs !== null) void sleep(killAfterMs).then(() => child.kill('SIGKILL'))
  return (await ended) === 0
}

test('killed again and again in the middle of a batch: nothing lost, nothing twice', async (t) => {
  const world = await createWorld(t, { trustsIntake: true })
  const { desk, officer } = world
  const folder = path.join(desk.home, 'given')
  mkdirSync(folder)
  for (let at = 0; at < FILES; at++) {
    writeFileSync(path.join(folder, `file-${at}.txt`), `The fictional file number ${at}.`)
    if (at % 10 === 0)
      writeFileSync(path.join(folder, `box-${at}.zip`), zipOf({ 'inside.txt': `Inside of box ${at}.` }))
  }
  const boxes = Math.ceil(FILES / 10)
  const batchId = await openTestBatch(world)
  await inTransaction(desk, officer, (tx) => receiveLocal(tx, batchId, { paths: [folder], close: true }))
  for (let kill = 1; kill <= KILLS; kill++) await run(world, batchId, kill * 120_000, 700 + kill * 500)
  // Claims of the killed have run out by then: the clock of each run is ahead of the last one's.
  assert.ok(await run(world, batchId, (KILLS + 1) * 120_000, null))
  const receipt = await inTransaction(desk, officer, (tx) => readReceipt(tx, batchId))
  assert.equal(receipt.state, 'done')
  assert.deepEqual(
    [receipt.counts.taken, receipt.counts.children, receipt.counts.waiting],
    [FILES + boxes, boxes, 0],
  )
  assert.deepEqual([receipt.counts.failed, receipt.counts.alreadyHeld], [0, 0])
  const items = await asOwner(
    desk,
    `select count(*)::int as n, count(distinct registration_number)::int as numbers,
    count(distinct (sha256, parent_id))::int as bytes from evidence.item`,
  )
  const whole = FILES + 2 * boxes
  assert.deepEqual(items.rows[0], { n: whole, numbers: whole, bytes: whole })
  const entries = await asOwner(
    desk,
    `select count(*)::int as n from ledger.entry where kind = 'evidence.item.received'`,
  )
  assert.equal(entries.rows[0].n, whole)
  const blobs = await asOwner(desk, 'select count(*)::int as n from vault.blob')
  assert.equal(blobs.rows[0].n, whole)
})
