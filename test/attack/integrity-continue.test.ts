import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { continueStopped, type ContinueOrder } from '../../src/apps/server/continue-stopped.ts'
import { readLogStatus } from '../../src/contract/integrity.ts'
import { listCompartments } from '../../src/contract/people.ts'
import { keyPaths } from '../../src/platform/keys/open.ts'
import { firstAdministrator, join, PASSWORD } from '../support/people.ts'
import {
  ENVIRONMENT,
  ROOT,
  asOwner,
  audited,
  backedUp,
  certificateOf,
  lay,
  restoreInto,
  startWhole,
  takeIn,
  temporary,
  verdictOf,
  type Running,
} from './integrity-world.ts'

const TEXT = 'A fictional statement about a blue ledger.'

const PEOPLE = [
  { signInName: 'first', password: PASSWORD },
  { signInName: 'officer', password: PASSWORD },
]

/** A running desk with two people who may continue its log, one who may not, and a paper. */
async function deskWithPeople(t: TestContext, home: string): Promise<Running & { itemId: string }> {
  const made = await startWhole(t, home)
  const { compartments } = await made.client.call(listCompartments)
  await firstAdministrator(made.running.desk)
  await join(made.running.desk, 'officer', ['evidence-officer'], [compartments[0]!.id])
  await join(made.running.desk, 'reader', ['reviewer'], [compartments[0]!.id])
  const [item] = await takeIn(made.client, 'Fictional', lay(t, { 'one.txt': TEXT }))
  return { ...made, itemId: item!.id }
}

function orderFor(home: string, lastKnownCheckpoint: string, people = PEOPLE): ContinueOrder {
  const reason = 'the newer state was lost with its disk (fictional)'
  return { home, root: ROOT, environment: ENVIRONMENT, people, reason, lastKnownCheckpoint }
}

async function continuedEntries({ running }: Running): Promise<Record<string, unknown>[]> {
  const rows = await asOwner<{ body: string }>(
    running,
    `select convert_from(decode(convert_from(envelope, 'UTF8')::json ->> 'payload', 'base64'), 'UTF8') as body
     from ledger.entry where kind = 'ledger.log.continued'`,
  )
  return rows.map((row) => (JSON.parse(row.body) as { detail: Record<string, unknown> }).detail)
}

test("yesterday's backup does not pass for today; two people may go on from it openly", async (t) => {
  const [home, yesterday] = [temporary(t, 'home'), temporary(t, 'backup')]
  const first = await deskWithPeople(t, home)
  await backedUp(first.client, yesterday)
  await takeIn(first.client, 'Fictional', lay(t, { 'two.txt': 'A newer fictional paper.' }))
  const old = await certificateOf(first.client, first.itemId)
  const before = await first.client.call(readLogStatus)
  await first.stop()
  const newest = readFileSync(path.join(home, 'log/checkpoint'), 'utf8')
  await assert.rejects(continueStopped(orderFor(home, newest)), {
    code: 'conflict',
    message: /nothing to continue/,
  })

  const restored = await restoreInto(home, yesterday)
  assert.ok(restored.treeSize < before.treeSize)
  await assert.rejects(startWhole(t, home), {
    code: 'log_rolled_back',
    message: new RegExp(`${restored.treeSize}.*older state.*continue the log openly`, 's'),
  })
  const [a, b] = [PEOPLE[0]!, PEOPLE[1]!]
  const refused = (people: ContinueOrder['people'], code: string): Promise<void> =>
    assert.rejects(continueStopped({ ...orderFor(home, newest), people }), { code })
  await refused([a, { ...b, password: 'not the right sentence' }], 'sign_in_failed')
  await refused([a, a], 'two_people_needed')
  await refused([a], 'two_people_needed')
  await refused([a, { signInName: 'reader', password: PASSWORD }], 'not_permitted')
  await assert.rejects(startWhole(t, home), { code: 'log_rolled_back' })

  const done = await continueStopped(orderFor(home, newest))
  assert.equal(done.origin, `${before.origin}/2`)
  // What was signed at the stop: the desk went on sealing after the last look at it.
  assert.equal(done.lost, Number(newest.split('\n')[1]) - restored.treeSize)
  const second = await startWhole(t, home)
  // The entry that says so is the first under the new origin; sealing it takes a moment.
  let now = await second.client.call(readLogStatus)
  while (now.treeSize <= restored.treeSize) {
    await sleep(50)
    now = await second.client.call(readLogStatus)
  }
  assert.equal(now.origin, done.origin)
  const [said] = await continuedEntries(second)
  assert.deepEqual(
    [said!['givenUp'], said!['size'], said!['lost'], said!['lastKnownCheckpoint']],
    [before.origin, restored.treeSize, done.lost, newest],
  )
  assert.equal(await verdictOf(old, before.verifierKey, TEXT), 'INTACT')
  const fresh = await certificateOf(second.client, first.itemId)
  assert.equal(await verdictOf(fresh, now.verifierKey, TEXT), 'INTACT')
  assert.equal(await verdictOf(fresh, before.verifierKey, TEXT), 'FAIL')
  const audit = await audited(second.client)
  assert.deepEqual([audit.state, audit.problems], ['intact', []])
  const after = temporary(t, 'after')
  await backedUp(second.client, after)
  await backedUp(second.client, yesterday)
  await second.stop()
  await restoreInto(home, yesterday)
  const third = await startWhole(t, home)
  assert.equal((await audited(third.client)).state, 'intact')
})

test('everything lost but backup and keys: the log goes on openly under another signer', async (t) => {
  const [home, to, empty] = [temporary(t, 'home'), temporary(t, 'backup'), temporary(t, 'empty')]
  const first = await deskWithPeople(t, home)
  const before = await first.client.call(readLogStatus)
  const old = await certificateOf(first.client, first.itemId)
  await backedUp(first.client, to)
  await first.stop()
  mkdirSync(path.join(empty, 'keys'), { mode: 0o700 })
  cpSync(keyPaths(home).desk, keyPaths(empty).desk)
  const restored = await restoreInto(empty, to)
  assert.deepEqual([restored.blobs, restored.missing, restored.keptBefore], [1, [], []])
  await assert.rejects(startWhole(t, empty), {
    code: 'log_rolled_back',
    message: /signer whose folder is not here/,
  })
  const newest = readFileSync(path.join(empty, 'log/checkpoint'), 'utf8')
  const done = await continueStopped(orderFor(empty, newest))
  assert.equal(done.lost, null)
  const second = await startWhole(t, empty)
  const now = await second.client.call(readLogStatus)
  assert.notEqual(now.verifierKey.split('+')[2], before.verifierKey.split('+')[2], 'another log key')
  const [said] = await continuedEntries(second)
  assert.deepEqual([said!['givenUp'], said!['lost']], [before.origin, null])
  assert.equal(await verdictOf(old, before.verifierKey, TEXT), 'INTACT')
  const fresh = await certificateOf(second.client, first.itemId)
  assert.equal(await verdictOf(fresh, now.verifierKey, TEXT), 'INTACT')
  const audit = await audited(second.client)
  assert.deepEqual([audit.state, audit.problems], ['intact', []])
})
