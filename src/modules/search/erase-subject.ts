import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { liveIndex } from './live.ts'
import { replaceSegments } from './merge-when-needed.ts'
import { mergeSegments } from './merge.ts'
import * as store from './store.ts'

/**
 * Destroys what search holds of subjects: text, names, filters, and every segment that knew their words is written
 * anew without them, in `tx`. `purgeErased` then takes the remains off the disk, after the commit.
 */
export async function eraseSubject(tx: Tx, subjectIds: readonly string[]): Promise<void> {
  await store.lockReplacing(tx.sql)
  await store.removeSubjects(tx.sql, subjectIds)
  const erased = new Set(subjectIds)
  for (const segment of await liveIndex(tx.desk.db).refresh()) {
    if (!segment.head.columns.subjects.values.some((value) => erased.has(value))) continue
    const merged = await mergeSegments([segment], (subjectId) => erased.has(subjectId))
    await replaceSegments(tx.sql, [segment], merged)
  }
}

/**
 * Rewrites the tables' files, so that no page keeps what was erased. Questions wait meanwhile. The write-ahead log
 * and older backups are the caller's to renew. Rows that a snapshot from before the erasure could still see are carried
 * over once more: the caller waits for such snapshots, then purges again (integrity does).
 */
export async function purgeErased(desk: Desk): Promise<void> {
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await store.lockReplacing(tx.sql)
    await store.rewriteFiles(tx.sql)
  })
}
