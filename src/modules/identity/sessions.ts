import { Refusal } from '../../base/refusal.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { requireMay } from './policy.ts'
import { newSecret } from './secrets.ts'
import * as store from './store.ts'

const HALF_OPEN_MS = 10 * 60_000

/** A session just begun: the secret goes into the cookie and is kept nowhere. */
export interface OpenedSession {
  readonly id: string
  readonly secret: string
  readonly complete: boolean
  readonly expiresAt: Date
}

/** Begins a session; an incomplete one (password given, second factor missing) lasts ten minutes. */
export async function openSession(
  tx: Tx,
  personId: string,
  factors: readonly string[],
  complete: boolean,
  agent: string,
): Promise<OpenedSession> {
  const { desk } = tx
  const { secret, digest } = newSecret(desk, 'ses')
  const [id, now] = [desk.newId(), desk.now()]
  const lastsMs = complete ? desk.config.sessionHours * 3_600_000 : HALF_OPEN_MS
  const expiresAt = new Date(now.getTime() + lastsMs)
  await store.insertSession(tx, {
    id,
    person_id: personId,
    secret_digest: digest,
    factors: [...factors],
    complete,
    agent: agent.slice(0, 200),
    created_at: now,
    seen_at: now,
    expires_at: expiresAt,
  })
  if (complete) {
    await append(tx, {
      kind: 'identity.session.opened',
      subjects: [{ type: 'person', id: personId }],
      detail: { session: id, factors: [...factors] },
    })
  }
  return { id, secret, complete, expiresAt }
}

/** Ends one of the actor's own sessions. Refuses: not_found. */
export async function endOwnSession(tx: Tx, id: string): Promise<void> {
  const ended = await store.endSessions(tx, tx.actor.id, { id })
  if (ended.length === 0) throw new Refusal('not_found', 'There is no such running session of yours.')
  await recordEnd(tx, tx.actor.id, ended, 'ended by its owner')
}

/** Ends one or all sessions of a person. Refuses: not_permitted, not_found. */
export async function endSessionsOf(
  tx: Tx,
  personId: string,
  order: { readonly sessionId?: string | undefined; readonly why: string },
): Promise<void> {
  await requireMay(tx, 'people.manage')
  const person = await store.findPerson(tx, personId)
  if (!person) throw new Refusal('not_found', 'There is no such person on this desk.')
  const ended = await store.endSessions(tx, personId, order.sessionId ? { id: order.sessionId } : {})
  await recordEnd(tx, personId, ended, order.why)
}

/** Records that sessions ended; nothing where none did. */
export async function recordEnd(
  tx: Tx,
  personId: string,
  ended: readonly string[],
  why: string,
): Promise<void> {
  if (ended.length === 0) return
  await append(tx, {
    kind: 'identity.session.ended',
    subjects: [{ type: 'person', id: personId }],
    why,
    detail: { sessions: [...ended] },
  })
}
