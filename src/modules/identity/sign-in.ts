import { SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { attemptKey, checkAttempts, countFailure, forgetFailures, wrongSignIn } from './attempts.ts'
import * as credentials from './credentials-store.ts'
import { verifyPassword } from './password.ts'
import { openSession, type OpenedSession } from './sessions.ts'
import * as store from './store.ts'
import { acceptsCode } from './totp.ts'

export type Way = 'totp' | 'passkey'

export interface SignedIn {
  readonly session: OpenedSession
  /** What completes it; empty where it is complete. */
  readonly ways: readonly Way[]
}

/** The desk's work, said to be on behalf of the person who signs in. */
export function onBehalfOf(personId: string): Actor {
  return { ...SYSTEM_ACTOR, onBehalfOf: personId }
}

/**
 * First step. Who has a one-time code or a passkey gets a session that opens nothing until the second step.
 *
 * Wrong name, wrong password and suspended person are told in the same words and take the same time.
 * Refuses: sign_in_failed, too_many_tries.
 */
export async function signInWithPassword(
  desk: Desk,
  order: { readonly signInName: string; readonly password: string; readonly agent: string },
): Promise<SignedIn> {
  const key = attemptKey('password', order.signInName)
  const found = await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await checkAttempts(tx, key)
    return credentials.findBySignInName(tx, order.signInName)
  })
  // Outside a transaction: deriving takes long, and a connection must not wait for it.
  const right = await verifyPassword(order.password, found?.password_hash ?? null)
  if (!found || !right || found.state !== 'active') {
    await inTransaction(desk, SYSTEM_ACTOR, (tx) => countFailure(tx, key))
    throw wrongSignIn()
  }
  return inTransaction(desk, onBehalfOf(found.person_id), async (tx) => {
    await forgetFailures(tx, key)
    const ways = await waysOf(tx, found.person_id)
    const session = await openSession(tx, found.person_id, ['password'], ways.length === 0, order.agent)
    return { session, ways }
  })
}

/**
 * Second step with a one-time code: the half-open session ends and a complete one begins.
 *
 * Refuses: sign_in_failed, too_many_tries.
 */
export async function signInWithTotp(
  desk: Desk,
  half: Actor,
  order: { readonly code: string; readonly agent: string },
): Promise<SignedIn> {
  const key = attemptKey('totp', half.id)
  const session = await inTransaction(desk, onBehalfOf(half.id), async (tx) => {
    await checkAttempts(tx, key)
    if (!(await acceptsCode(tx, half.id, order.code))) {
      await countFailure(tx, key) // committed: the refusal is thrown after this transaction
      return null
    }
    await forgetFailures(tx, key)
    return completeSession(tx, half, ['password', 'totp'], order.agent)
  })
  if (!session) throw wrongSignIn()
  return { session, ways: [] }
}

/** Replaces a half-open session by a complete one with a secret of its own. */
export async function completeSession(
  tx: Tx,
  half: Actor | null,
  factors: readonly string[],
  agent: string,
  personId = half?.id ?? '',
): Promise<OpenedSession> {
  if (half?.sessionId) await store.endSessions(tx, half.id, { id: half.sessionId })
  return openSession(tx, personId, factors, true, agent)
}

/** The second factors a person has set up. */
export async function waysOf(tx: Tx, personId: string): Promise<Way[]> {
  const credential = await credentials.findCredential(tx, personId)
  const ways: Way[] = []
  if (credential?.totp_confirmed_at) ways.push('totp')
  if ((await credentials.passkeysOf(tx, personId)).length > 0) ways.push('passkey')
  return ways
}
