import { z } from 'zod'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { defineJob, type JobKind } from '../jobs/define.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { mergeWhenNeeded } from './merge-when-needed.ts'
import { rebuildIndex } from './rebuild-index.ts'

export const MERGE = 'search.merge'
export const REBUILD = 'search.rebuild'
const MERGE_PAUSE_MS = 1_000

/** Segments are merged in the background; a merge that finds nothing to do costs one short question. */
export const SEARCH_JOBS: readonly JobKind[] = [
  defineJob(MERGE, z.object({}), async (desk) => void (await mergeWhenNeeded(desk))),
  defineJob(REBUILD, z.object({}), async (desk) => void (await rebuildIndex(desk))),
]

const waiting = new WeakSet<Desk>()

/**
 * Asks for a merge soon, once for many changes. Not in the caller's transaction: two of them adding the same
 * waiting job would wait for one another.
 */
export function requestMerge(desk: Desk): void {
  if (waiting.has(desk)) return
  waiting.add(desk)
  setTimeout(() => {
    waiting.delete(desk)
    if (desk.signal.aborted) return
    inTransaction(desk, SYSTEM_ACTOR, (tx) => enqueue(tx, MERGE, {}, { key: MERGE })).catch(
      (fault: unknown) =>
        desk.log.error(
          { fault },
          'a merge of the search index could not be asked for; the next change asks again',
        ),
    )
  }, MERGE_PAUSE_MS).unref()
}
