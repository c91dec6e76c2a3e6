import type { Role } from '../../contract/roles.ts'
import { SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { digestOf } from './secrets.ts'
import * as store from './store.ts'

const SEEN_EVERY_MS = 60_000

/** The person whose session this secret opens; `complete` is false until the second factor. Null: no such session. */
export async function actorForSession(
  desk: Desk,
  secret: string,
): Promise<{ actor: Actor; complete: boolean } | null> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const now = desk.now()
    const found = await store.openSession(tx, digestOf(secret), now)
    if (!found) return null
    if (now.getTime() - found.seen_at.getTime() > SEEN_EVERY_MS) await store.touchSession(tx, found.id, now)
    const { person_id: id, name, complete } = found
    // Between the two factors a person has no roles: only the second step is open.
    const roles = complete ? await store.rolesOf(tx, id) : []
    return { actor: asActor(id, name, roles, found.id), complete }
  })
}

/** The person a token stands for; null where it is unknown, revoked or over. */
export async function actorForToken(desk: Desk, secret: string): Promise<Actor | null> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const now = desk.now()
    const found = await store.openToken(tx, digestOf(secret), now)
    if (!found) return null
    const lastMs = found.last_used_at?.getTime() ?? 0
    if (now.getTime() - lastMs > SEEN_EVERY_MS) await store.touchToken(tx, found.id, now)
    return asActor(found.person_id, found.name, await store.rolesOf(tx, found.person_id), null)
  })
}

/** A person as an actor, outside any session: for tests and for the local operator. Null: suspended or unknown. */
export async function actorForPerson(desk: Desk, personId: string): Promise<Actor | null> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const person = await store.findPerson(tx, personId)
    if (!person || person.state !== 'active' || person.kind === 'system') return null
    return asActor(person.id, person.name, await store.rolesOf(tx, person.id), null)
  })
}

function asActor(id: string, name: string, roles: readonly Role[], sessionId: string | null): Actor {
  return { id, kind: 'person', name, sessionId, roles, onBehalfOf: null }
}
