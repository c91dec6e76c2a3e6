import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nativePrimitives as p } from '../../src/platform/primitives-native.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { isSignedBy, parseSignedEntry } from '../../src/proof/entry.ts'
import { readAuthorisedKey } from '../../src/proof/item-entries.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '../../src/proof/merkle.ts'
import {
  entriesById,
  proveConsistency,
  proveInclusion,
  readCheckpoint,
} from '../../src/modules/ledger/read.ts'
import { keyEntries } from '../../src/modules/ledger/key-entries.ts'
import type { LogSigner } from '../../src/modules/ledger/signer-process.ts'
import { verifyLog } from '../../src/modules/ledger/verify-log.ts'
import { appendSome, createLedgerDesk, openSigner, runLedger, sealedPlaces } from './ledger-desk.ts'

test('entries get contiguous places, and each is proven under the signed checkpoint', async (t) => {
  const made = await createLedgerDesk(t)
  const running = await runLedger(made)
  t.after(() => running.stop())
  const { desk } = made
  const first = await sealedPlaces(desk, await appendSome(desk, 3))
  const before = await readCheckpoint(desk)
  const ids = await appendSome(desk, 700)
  const places = await sealedPlaces(desk, ids)
  assert.deepEqual(
    first.concat(places).sort((a, b) => a - b),
    Array.from({ length: 703 }, (_, at) => at + 1),
    '0 is the entry key',
  )
  const { size, root } = await readCheckpoint(desk)
  assert.equal(size, 704)
  const rows = await inTransaction(desk, SYSTEM_ACTOR, (tx) => entriesById(tx, ids))
  for (const row of rows.slice(0, 50)) {
    const index = row.index ?? -1
    const proof = await proveInclusion(desk, { index, size })
    assert.ok(verifyInclusion(p, { index, size, leafHash: leafHash(p, row.leaf), root, proof }))
  }
  const proof = await proveConsistency(desk, { oldSize: before.size, size })
  assert.ok(verifyConsistency(p, { oldSize: before.size, oldRoot: before.root, size, root, proof }))
  const { logKey } = await running.signer.view()
  assert.deepEqual(await verifyLog(desk, logKey), {
    size: 704,
    entriesRead: 704,
    entriesErased: 0,
    problems: [],
  })
})

test('the entry key is authorised at place 0 before a start returns, also after a crash in between', async (t) => {
  const made = await createLedgerDesk(t)
  const { desk } = made
  const lost = { signer: await lostSigner(desk), firstSealMs: 500 }
  await assert.rejects(runLedger(made, lost), { code: 'not_sealed_yet' })
  const running = await runLedger(made)
  t.after(() => running.stop())
  const [key, ...others] = await keyEntries(desk)
  assert.deepEqual(
    [key?.index, others.length, await readCheckpoint(desk).then(({ size }) => size)],
    [0, 0, 1],
  )
  const { entry, envelope } = parseSignedEntry(key?.envelope ?? new Uint8Array(0))
  assert.deepEqual(readAuthorisedKey(entry), made.keys.entryKey.publicKey)
  assert.ok(isSignedBy(p, envelope, made.keys.entryKey.publicKey))
  await running.stop()
  const again = await runLedger(made)
  t.after(() => again.stop())
  assert.equal((await keyEntries(desk)).length, 1)
})

test('a log whose first entry came before the key, and another key later, are refused in plain words', async (t) => {
  const early = await createLedgerDesk(t)
  await appendSome(early.desk, 1)
  await assert.rejects(runLedger(early), { code: 'entry_key_not_authorised' })

  const made = await createLedgerDesk(t)
  await (await runLedger(made)).stop()
  const other = (await createLedgerDesk(t)).keys
  const changed = { ...made, keys: other, desk: { ...made.desk, entryKey: other.entryKey } }
  await assert.rejects(runLedger(changed), { code: 'entry_key_not_authorised' })
  assert.equal((await keyEntries(made.desk)).length, 1, 'nothing was appended')
  const running = await runLedger(made)
  t.after(() => running.stop())
  assert.deepEqual(await sealedPlaces(made.desk, await appendSome(made.desk, 1)), [1])
})

/** A signer that is gone when it is asked to sign: the start fails after the key's entry was committed. */
async function lostSigner(desk: Parameters<typeof openSigner>[0]): Promise<LogSigner> {
  const signer = await openSigner(desk)
  return {
    ...signer,
    sign: async () => {
      await signer.stop()
      throw new Error('planned')
    },
  }
}
