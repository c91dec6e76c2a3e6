import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nativePrimitives as p } from '../../src/platform/primitives-native.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '../../src/proof/merkle.ts'
import {
  entriesById,
  proveConsistency,
  proveInclusion,
  readCheckpoint,
} from '../../src/modules/ledger/read.ts'
import { verifyLog } from '../../src/modules/ledger/verify-log.ts'
import { appendSome, createLedgerDesk, runLedger, sealedPlaces } from './ledger-desk.ts'

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
