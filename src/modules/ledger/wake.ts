/**
 * Tells the sequencer of this process that something was committed. A sequencer in another process finds it by
 * looking (docs/decisions/0002): PostgreSQL's NOTIFY would make all commits wait for one another.
 */
const sleepers = new Map<string, () => void>()

export function wakeSequencer(home: string): void {
  sleepers.get(home)?.()
}

/** Calls `wake` after each commit of this process that appended; returns how to stop. */
export function onAppend(home: string, wake: () => void): () => void {
  sleepers.set(home, wake)
  return () => void sleepers.delete(home)
}
