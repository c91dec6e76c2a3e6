import type { Kysely } from 'kysely'
import { fromKysely, PgBoss, type Queue } from 'pg-boss'
import type { Database } from '../../platform/database.ts'
import type { Desk } from '../../platform/tx.ts'
import { SCHEMA } from './install.ts'

/** One sender for each database of this process, and the queues it is known to have. */
interface Sender {
  readonly boss: Promise<PgBoss>
  readonly queues: Map<string, Promise<void>>
}

const senders = new WeakMap<Kysely<Database>, Sender>()

/** How a queue of ours behaves; how often a job is tried is said when it is defined. */
export interface QueueSettings {
  /** Tries in all, the first included; then the job is set aside. */
  readonly tries: number
  /** A try that runs longer is given up and counts as failed. */
  readonly expireSeconds: number
}

export const DEFAULT_SETTINGS: QueueSettings = { tries: 3, expireSeconds: 900 }

function senderOf(desk: Desk): Sender {
  const found = senders.get(desk.db)
  if (found) return found
  const made: Sender = { boss: openSender(desk), queues: new Map() }
  // A sender that could not open (the database was away) must not stay broken.
  made.boss.catch(() => senders.delete(desk.db))
  senders.set(desk.db, made)
  return made
}

async function openSender(desk: Desk): Promise<PgBoss> {
  const boss = new PgBoss({
    db: fromKysely(desk.db),
    schema: SCHEMA,
    migrate: false,
    supervise: false,
    schedule: false,
    openTelemetry: { enabled: false },
  })
  boss.on('error', (fault) => desk.log.warn({ fault }, 'the job sender reported an error'))
  const stop = (): void => void boss.stop({ graceful: false, close: false })
  desk.signal.throwIfAborted()
  await boss.start()
  if (desk.signal.aborted) stop() // it ended in the meantime; its timers must not outlive it
  else desk.signal.addEventListener('abort', stop, { once: true })
  return boss
}

/** The sender of this desk, with the named queue there; its settings are the workers' to say. */
export async function openQueue(desk: Desk, name: string): Promise<PgBoss> {
  const sender = senderOf(desk)
  const boss = await sender.boss
  let ready = sender.queues.get(name)
  if (!ready) {
    ready = boss.createQueue(name, { policy: 'short', ...queueOptions(DEFAULT_SETTINGS) })
    ready.catch(() => sender.queues.delete(name))
    sender.queues.set(name, ready)
  }
  await ready
  return boss
}

/** Makes the queue where it is missing and gives it these settings. */
export async function settleQueue(boss: PgBoss, name: string, settings: QueueSettings): Promise<void> {
  const options = queueOptions(settings)
  await boss.createQueue(name, { policy: 'short', ...options })
  await boss.updateQueue(name, options)
}

/**
 * Policy `short`: while a job with a key waits, another with the same key is not added; once it runs, it is, so
 * that what happened meanwhile is not missed. Ended jobs are cleaned by `sweepDone`, never by age alone: a job set
 * aside stays until somebody decides.
 */
function queueOptions(settings: QueueSettings): Omit<Queue, 'name' | 'policy'> {
  return {
    retryLimit: settings.tries - 1,
    retryBackoff: true,
    retryDelay: 1,
    retryDelayMax: 300,
    expireInSeconds: settings.expireSeconds,
    heartbeatSeconds: 10,
    retentionSeconds: 365 * 86_400,
    deleteAfterSeconds: 0,
    notify: true,
  }
}
