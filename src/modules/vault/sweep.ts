import type { Desk } from '../../platform/tx.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'

/** Younger objects may belong to an intake that is still under way. */
const KEEP_MS = 3_600_000
const AT_ONCE = 500

/**
 * Removes what no register row stands for: sealed blobs that never were kept, drafts of killed processes (both
 * older than an hour), and the bytes of erased blobs that a crash left. Returns how many objects went.
 */
export async function sweepOrphans(desk: Desk): Promise<number> {
  const { store: objects } = await vaultOf(desk)
  const before = new Date(desk.now().getTime() - KEEP_MS)
  let removed = await objects.removeDrafts(before)
  let gathered: string[] = []
  const sweep = async (): Promise<void> => {
    const live = new Set(
      (await store.find(desk.db, gathered)).filter((row) => row.erased_by === null).map((row) => row.address),
    )
    for (const name of gathered) {
      if (live.has(name)) continue
      await objects.remove(name)
      removed++
    }
    gathered = []
  }
  for await (const object of objects.list()) {
    if (object.modifiedAt < before) gathered.push(object.name)
    if (gathered.length >= AT_ONCE) await sweep()
  }
  await sweep()
  return removed
}
