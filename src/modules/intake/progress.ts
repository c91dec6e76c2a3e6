import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import type { progress as shape } from '../../contract/intake.ts'
import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { countBatch, type BatchCounts } from './counts.ts'
import { openBatch } from './policy.ts'

export type Progress = z.input<typeof shape>

const LOOK_MS = 500
const WINDOW_MS = 10_000

interface Sample {
  readonly at: number
  readonly files: number
  readonly bytes: number
}

/**
 * How a batch goes, twice a second until it is done, cancelled, or nobody watches. Sight is checked each time: who
 * loses it sees no more. Refuses: not_permitted, not_found.
 */
export async function* watchBatch(
  desk: Desk,
  actor: Actor,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Progress> {
  const samples: Sample[] = []
  while (!signal.aborted) {
    const { state, counts } = await inTransaction(desk, actor, async (tx) => {
      const batch = await openBatch(tx, id, 'intake.read')
      return { state: batch.state as Progress['state'], counts: await countBatch(tx, id) }
    })
    samples.push({ at: desk.now().getTime(), files: settled(counts), bytes: counts.bytesReceived })
    while ((samples[0]?.at ?? 0) < desk.now().getTime() - WINDOW_MS) samples.shift()
    const done = state === 'done' || (state === 'cancelled' && counts.waiting === 0)
    yield { state, counts, ...rates(samples, counts), done }
    if (done) return
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined) // whoever watched has gone; the loop ends
  }
}

/** Files and children of which nothing is left to do. */
function settled(counts: BatchCounts): number {
  return (
    counts.taken + counts.alreadyHeld + counts.quarantined + counts.failed + counts.children - counts.waiting
  )
}

function rates(samples: readonly Sample[], counts: BatchCounts) {
  const [first, last] = [samples[0], samples.at(-1)]
  const seconds = first && last ? (last.at - first.at) / 1_000 : 0
  if (!first || !last || seconds < 0.5) return { filesPerSecond: 0, bytesPerSecond: 0, secondsLeft: null }
  const filesPerSecond = Math.max(0, last.files - first.files) / seconds
  const left = counts.files + counts.children - settled(counts)
  return {
    filesPerSecond,
    bytesPerSecond: Math.max(0, last.bytes - first.bytes) / seconds,
    secondsLeft: filesPerSecond > 0 ? left / filesPerSecond : null,
  }
}
