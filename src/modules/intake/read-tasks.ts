import { setTimeout as sleep } from 'node:timers/promises'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { Budget } from './budget.ts'
import { finishBatches } from './finish.ts'
import { Grouped } from './grouped.ts'
import { keepUnits, type Unit } from './keep-units.ts'
import { readOne } from './read-one.ts'
import { beginReading, endReading, mayEndReading } from './request-reading.ts'
import { claimTasks, firstClaimEnds, renewClaims, type Task } from './tasks.ts'

/** How long a claim holds unless it is renewed. */
export const LEASE_MS = 60_000
const RENEW_MS = 15_000
/** Results that are kept in one transaction, at most. */
const GROUP = 64
/** Items under work for each reader: its next ones lie ready while the results of others are being kept. */
const ITEMS_A_READER = 32
/** Bytes of working copies at once; a larger one goes alone. */
const COPIES_BYTES = 256 * 1024 * 1024

/**
 * Reads all items that wait, several at once, until none is left or `signal` stops it. What was under way then is
 * read again later: a result is kept whole or not at all.
 */
export async function readTasks(desk: Desk, signal: AbortSignal): Promise<void> {
  if (!beginReading(desk)) return
  const underWay = new Map<string, Promise<void>>()
  const renewal = setInterval(() => {
    inTransaction(desk, SYSTEM_ACTOR, (tx) => renewClaims(tx, [...underWay.keys()], LEASE_MS)).catch(
      (fault: unknown) => desk.log.warn({ fault }, 'claims on files under work could not be renewed'),
    )
  }, RENEW_MS)
  try {
    await drain(desk, signal, underWay)
  } finally {
    clearInterval(renewal)
    await Promise.allSettled(underWay.values())
    endReading(desk)
  }
}

async function drain(desk: Desk, signal: AbortSignal, underWay: Map<string, Promise<void>>): Promise<void> {
  const most = desk.config.workers * ITEMS_A_READER
  const room = new Budget(COPIES_BYTES)
  const results = new Grouped<Unit, void>((units) => keepUnits(desk, units), GROUP)
  while (!signal.aborted) {
    const free = most - underWay.size
    const tasks = free >= most / 2 ? await claim(desk, free) : []
    for (const task of tasks) {
      const work = readOne(desk, task, results, room).finally(() => underWay.delete(task.item_id))
      underWay.set(task.item_id, work)
    }
    if (underWay.size > 0) await Promise.race([...underWay.values(), sleep(1_000)])
    else if (tasks.length === 0) {
      await finishBatches(desk)
      // A reader that was killed holds its claims until they end; somebody has to be there then.
      if (await othersRead(desk)) await sleep(1_000)
      else if (mayEndReading(desk)) return
    }
  }
}

async function othersRead(desk: Desk): Promise<boolean> {
  return (await inTransaction(desk, SYSTEM_ACTOR, firstClaimEnds)) !== null
}

function claim(desk: Desk, howMany: number): Promise<Task[]> {
  return inTransaction(desk, SYSTEM_ACTOR, (tx) => claimTasks(tx, howMany, LEASE_MS))
}
