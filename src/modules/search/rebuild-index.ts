import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { makeDoc } from './document.ts'
import { liveIndex } from './live.ts'
import { SegmentWriter } from './segment-writer.ts'
import * as store from './store.ts'

const PASSAGES_AT_ONCE = 2_000
const DOCS_IN_SEGMENT = 100_000

/**
 * Makes the whole index anew from the stored passages, while the desk runs: one snapshot is read; what comes or
 * goes meanwhile has segments and removals of its own, which stay. Old and new change places at the commit.
 * Returns how many passages were indexed.
 */
export async function rebuildIndex(desk: Desk): Promise<number> {
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => store.lockReplacing(tx.sql)) // before the snapshot: no merge is half done in it
  return inTransaction(desk, SYSTEM_ACTOR, rebuild, 'repeatable read')
}

async function rebuild(tx: Tx): Promise<number> {
  await store.lockReplacing(tx.sql)
  const before = await store.readChanges(tx.sql, '0')
  let passages = 0
  let writer = new SegmentWriter()
  let after = 0
  for (;;) {
    const rows = await store.readPassagesAfter(tx.sql, after, PASSAGES_AT_ONCE)
    for (const row of rows) writer.add(makeDoc(row, row.body))
    after = rows.at(-1)?.passageNo ?? after
    passages += rows.length
    const isLast = rows.length < PASSAGES_AT_ONCE
    if (writer.docs > 0 && (isLast || writer.docs >= DOCS_IN_SEGMENT)) {
      await store.addSegment(tx.sql, writer.finish())
      writer = new SegmentWriter()
    }
    if (isLast || tx.desk.signal.aborted) break
  }
  tx.desk.signal.throwIfAborted()
  await store.deleteSegments(tx.sql, before.live)
  await store.deleteGone(tx.sql, before.gone)
  tx.afterCommit(
    () =>
      void liveIndex(tx.desk.db)
        .refresh()
        .catch(() => undefined),
  )
  return passages
}
