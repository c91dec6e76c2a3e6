import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../../src/base/refusal.ts'
import { readCheckpoint, waitSealed } from '../../src/modules/ledger/read.ts'
import { verifyLog } from '../../src/modules/ledger/verify-log.ts'
import { nativePrimitives as p } from '../../src/platform/primitives-native.ts'
import { verifyConsistency } from '../../src/proof/merkle.ts'
import { proveConsistency } from '../../src/modules/ledger/read.ts'
import {
  appendSome,
  createLedgerDesk,
  openSigner,
  runLedger,
  sealedPlaces,
  type LedgerDesk,
} from './ledger-desk.ts'

/** Runs the sequencer in a process of its own that dies at step `dieAt`; says at which step it died, or 'done'. */
function runAndDie(made: LedgerDesk, dieAt: number, until: number): Promise<string> {
  const orders = JSON.stringify({ home: made.desk.home, sequencerLogin: made.sequencerLogin, dieAt, until })
  const child = path.join(import.meta.dirname, 'ledger-crash-child.ts')
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [child, orders], { timeout: 30_000 }, (error, stdout, stderr) => {
      if (error && (error as { signal?: string }).signal !== 'SIGKILL')
        reject(new Error(stderr, { cause: error }))
      else resolve(error && stdout === 'done' ? 'killed late' : stdout)
    })
  })
}

test('kill -9 at every step of sealing: nothing acknowledged is lost, nothing forked, every start recovers', async (t) => {
  const made = await createLedgerDesk(t)
  const { desk } = made
  const running = await runLedger(made)
  await sealedPlaces(desk, await appendSome(desk, 250))
  await running.stop()
  let entries = 251
  let before = await readCheckpoint(desk)
  const died: string[] = []
  for (let dieAt = 1; ; dieAt++) {
    const ids = await appendSome(desk, 3) // crosses from one bundle to the next after a few rounds
    entries += ids.length
    const step = await runAndDie(made, dieAt, entries)
    const again = await runLedger(made)
    const places = await sealedPlaces(desk, ids)
    assert.equal(new Set(places).size, ids.length)
    const { logKey } = await again.signer.view()
    const report = await verifyLog(desk, logKey)
    assert.deepEqual(report.problems, [], `after dying at ${step}`)
    assert.equal(report.size, entries)
    await again.stop()
    const now = await readCheckpoint(desk)
    const proof = await proveConsistency(desk, { oldSize: before.size, size: now.size })
    assert.ok(
      verifyConsistency(p, {
        oldSize: before.size,
        oldRoot: before.root,
        size: now.size,
        root: now.root,
        proof,
      }),
    )
    before = now
    died.push(step.replace(/^tile .*/, 'tile'))
    if (step === 'done') break
    assert.ok(dieAt < 40, 'the child never finished')
  }
  for (const step of ['stage', 'reread', 'sign', 'signed', 'tile', 'publish', 'prune', 'record', 'recorded'])
    assert.ok(died.includes(step), `no crash at "${step}": ${died.join()}`)
})

test('two sequencers at once: one leads, nothing forks, and the other takes over', async (t) => {
  const made = await createLedgerDesk(t)
  const { desk } = made
  const signer = await openSigner(desk)
  t.after(() => signer.stop())
  const one = await runLedger(made, { signer })
  const two = await runLedger(made, { signer })
  assert.deepEqual([one.sequencer.status().state, two.sequencer.status().state], ['leading', 'standby'])
  await sealedPlaces(desk, await appendSome(desk, 20))
  await one.sequencer.stop()
  const ids = await appendSome(desk, 20)
  await sealedPlaces(desk, ids)
  assert.equal(two.sequencer.status().state, 'leading')
  const { logKey } = await signer.view()
  assert.deepEqual((await verifyLog(desk, logKey)).problems, [])
  await two.sequencer.stop()
})

test('a sequencer that lost its lease unnoticed cannot fork: the signer signs one tree of a size', async (t) => {
  const made = await createLedgerDesk(t)
  const signer = await openSigner(made.desk)
  t.after(() => signer.stop())
  const sign = (byte: number): Promise<string> =>
    signer.sign({ size: 1, root: new Uint8Array(32).fill(byte), proof: [] })
  assert.match(await sign(1), /^amanat\.org\/log\//)
  assert.equal(await sign(1), await sign(1))
  await assert.rejects(sign(2), { code: 'log_refused' })
})

test('a signer that dies is said so; entries wait and are sealed after the next start', async (t) => {
  const made = await createLedgerDesk(t)
  const { desk } = made
  const running = await runLedger(made)
  await sealedPlaces(desk, await appendSome(desk, 2))
  await running.signer.stop()
  const [id = ''] = await appendSome(desk, 1)
  await assert.rejects(waitSealed(desk, id, 300), (error: Refusal) => error.code === 'not_sealed_yet')
  for (let tries = 0; running.sequencer.status().state !== 'failing' && tries < 100; tries++) await sleep(20)
  assert.match(running.sequencer.status().reason ?? '', /signer of the log is not running/)
  await running.sequencer.stop()
  const again = await runLedger(made)
  t.after(() => again.stop())
  assert.equal((await sealedPlaces(desk, [id])).length, 1)
})
