import type { Account, WhoAmI } from '../../contract/identity.ts'
import { VERBS, rolesGive, type Verb } from '../../contract/verbs.ts'
import { NOBODY, SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { listCompartments } from './compartments.ts'
import * as credentials from './credentials-store.ts'
import { hashPassword } from './password.ts'
import { recordEnd } from './sessions.ts'
import { waysOf } from './sign-in.ts'
import * as store from './store.ts'
import { requirePassword } from './totp.ts'

/** Who asks, and what the roles give; answers for nobody, too. */
export async function whoAmI(desk: Desk, actor: Actor, half: Actor | null): Promise<WhoAmI> {
  const { deskName, timeZone } = desk.config
  const nobody = actor.id === NOBODY.id
  const person = nobody
    ? undefined
    : await inTransaction(desk, SYSTEM_ACTOR, (tx) => store.findPerson(tx, actor.id))
  const ways = person?.kind === 'person' ? await inTransaction(desk, actor, (tx) => waysOf(tx, actor.id)) : []
  const verbs = (Object.keys(VERBS) as Verb[]).filter((verb) => rolesGive(actor.roles, verb))
  return {
    deskName,
    timeZone,
    person: person
      ? { id: person.id, name: person.name, kind: person.kind as 'person' | 'local-operator' }
      : null,
    roles: [...actor.roles],
    verbs,
    sessionId: actor.sessionId,
    secondFactorNeeded: half !== null,
    secondFactorMissing: person?.kind === 'person' && ways.length === 0,
  }
}

/** The actor's own account. */
export async function readAccount(tx: Tx): Promise<Account> {
  const { actor, desk } = tx
  const now = desk.now()
  const person = await store.findPerson(tx, actor.id)
  const credential = await credentials.findCredential(tx, actor.id)
  const mine = (await listCompartments(tx)).filter((compartment) => compartment.mine)
  return {
    person: {
      id: actor.id,
      name: person?.name ?? actor.name,
      kind: (person?.kind ?? 'person') as Account['person']['kind'],
    },
    signInName: person?.sign_in_name ?? null,
    roles: [...actor.roles],
    compartments: mine.map(({ id, name, kind }) => ({ id, name, kind })),
    totp: Boolean(credential?.totp_confirmed_at),
    passkeys: (await credentials.passkeysOf(tx, actor.id)).map((key) => ({
      id: key.id,
      name: key.name,
      createdAt: key.created_at.toISOString(),
      lastUsedAt: key.last_used_at?.toISOString() ?? null,
    })),
    tokens: (await store.runningTokens(tx, actor.id, now)).map((token) => ({
      id: token.id,
      name: token.name,
      createdAt: token.created_at.toISOString(),
      expiresAt: token.expires_at.toISOString(),
      lastUsedAt: token.last_used_at?.toISOString() ?? null,
    })),
    sessions: await sessionsOf(tx, actor.id),
  }
}

/** Running sessions of a person whom the actor may know them of. */
export async function sessionsOf(tx: Tx, personId: string): Promise<Account['sessions']> {
  const rows = await store.runningSessions(tx, personId, tx.desk.now())
  return rows.map((row) => ({
    id: row.id,
    agent: row.agent,
    factors: row.factors,
    createdAt: row.created_at.toISOString(),
    seenAt: row.seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    current: row.id === tx.actor.sessionId,
  }))
}

/** Changes the actor's password; every other session and every token ends. Refuses: sign_in_failed, too_many_tries. */
export async function changePassword(
  desk: Desk,
  actor: Actor,
  order: { current: string; next: string },
): Promise<void> {
  await requirePassword(desk, actor, order.current)
  const hash = await hashPassword(order.next, desk.random(16))
  await inTransaction(desk, actor, async (tx) => {
    await credentials.setCredential(tx, actor.id, { password_hash: hash, password_set_at: desk.now() })
    await append(tx, { kind: 'identity.password.changed', subjects: [{ type: 'person', id: actor.id }] })
    const ended = await store.endSessions(tx, actor.id, { except: actor.sessionId })
    await recordEnd(tx, actor.id, ended, 'the password was changed')
    for (const token of await store.revokeTokens(tx, actor.id))
      await append(tx, {
        kind: 'identity.token.revoked',
        subjects: [{ type: 'person', id: actor.id }],
        detail: { token },
      })
  })
}
