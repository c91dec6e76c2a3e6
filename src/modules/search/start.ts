import type { Desk } from '../../platform/tx.ts'
import { liveIndex } from './live.ts'

/** Opens the index in the background, so that the first question of a process is as fast as any other. */
export function startSearch(desk: Desk): void {
  const index = liveIndex(desk.db)
  const tell = (fault: unknown): void => {
    if (!desk.signal.aborted)
      desk.log.warn(
        { fault },
        'the search index could not be read ahead; the next question reads what it needs',
      )
  }
  index.refresh().then(() => index.keepWarm(tell), tell)
}
