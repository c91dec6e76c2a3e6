import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { enqueue } from '../jobs/enqueue.ts'

export const READ = 'intake.read'

interface Ear {
  running: boolean
  again: boolean
  asked: boolean
}

const ears = new WeakMap<Desk, Ear>()

function earOf(desk: Desk): Ear {
  const known = ears.get(desk) ?? { running: false, again: false, asked: false }
  ears.set(desk, known)
  return known
}

/**
 * Says that there is something to read: a reader of this process that runs looks again, else a job is asked for.
 * Called after the commit: many transactions adding one waiting job would wait for one another. What a crash loses
 * between the two is found by the next start (`requestReading` again).
 */
export function requestReading(desk: Desk): void {
  const ear = earOf(desk)
  if (ear.running) ear.again = true
  if (ear.running || ear.asked || desk.signal.aborted) return
  ear.asked = true
  inTransaction(desk, SYSTEM_ACTOR, (tx) => enqueue(tx, READ, {}, { key: READ }))
    .catch((fault: unknown) =>
      desk.log.error({ fault }, 'reading could not be asked for; the next file asks again'),
    )
    .finally(() => (ear.asked = false))
}

/** A reader begins: false where one runs already, which then looks again. */
export function beginReading(desk: Desk): boolean {
  const ear = earOf(desk)
  if (ear.running) ear.again = true
  if (ear.running) return false
  ear.running = true
  ear.again = false
  return true
}

/** A reader found nothing more: true where it may end; false where something came meanwhile. */
export function mayEndReading(desk: Desk): boolean {
  const ear = earOf(desk)
  if (ear.again) {
    ear.again = false
    return false
  }
  ear.running = false
  return true
}

/** A reader ends whatever is left: it was stopped, or it failed. */
export function endReading(desk: Desk): void {
  earOf(desk).running = false
}
