import { Refusal } from '../../base/refusal.ts'
import type { Person } from '../../contract/people.ts'
import type { Role } from '../../contract/roles.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { requireMay } from './policy.ts'
import { recordEnd } from './sessions.ts'
import * as list from './people-list.ts'
import * as store from './store.ts'

/** Everyone but the desk itself, by name. Refuses: not_permitted. */
export async function listPeople(tx: Tx): Promise<Person[]> {
  await requireMay(tx, 'people.manage')
  return list.readPeople(tx)
}

/** Refuses: not_permitted, not_found. */
export async function readPerson(tx: Tx, id: string): Promise<Person> {
  await requireMay(tx, 'people.manage')
  const [person] = await list.readPeople(tx, id)
  if (!person) throw new Refusal('not_found', 'There is no such person on this desk.')
  return person
}

/**
 * Makes these the person's roles. Nobody widens their own: an administrator who could would see content by a
 * click. The last administrator who can sign in keeps that role.
 *
 * Refuses: not_permitted (own roles widened), not_found, conflict (last administrator; a witness-protection officer
 * who still is in a source-identity compartment).
 */
export async function setRoles(tx: Tx, id: string, order: { roles: Role[]; why: string }): Promise<Person> {
  const person = await readPerson(tx, id)
  const given = order.roles.filter((role) => !person.roles.includes(role))
  const taken = person.roles.filter((role) => !order.roles.includes(role))
  if (id === tx.actor.id && given.length > 0)
    throw new Refusal('not_permitted', 'Nobody gives roles to themselves. Ask another administrator.')
  if (taken.includes('administrator')) await keepOneAdministrator(tx, id)
  if (taken.includes('witness-protection-officer') && (await list.inSourceIdentity(tx, id)))
    throw new Refusal(
      'conflict',
      'This person is in a compartment of source identities. Take them out of it first, then take the role.',
    )
  await store.giveRoles(tx, id, given, tx.desk.now())
  await store.takeRoles(tx, id, taken)
  if (given.length + taken.length > 0) {
    await append(tx, {
      kind: 'identity.roles.changed',
      subjects: [{ type: 'person', id }],
      why: order.why,
      detail: { given, taken },
    })
  }
  return readPerson(tx, id)
}

/** Sessions and tokens end at once. Refuses: not_permitted, not_found, conflict (oneself, the last administrator). */
export async function suspendPerson(tx: Tx, id: string, why: string): Promise<Person> {
  const person = await readPerson(tx, id)
  if (id === tx.actor.id)
    throw new Refusal('conflict', 'Nobody suspends themselves. Ask another administrator.')
  if (person.roles.includes('administrator')) await keepOneAdministrator(tx, id)
  await store.setState(tx, id, 'suspended')
  await store.revokeTokens(tx, id)
  await recordEnd(tx, id, await store.endSessions(tx, id, {}), why)
  await append(tx, { kind: 'identity.person.suspended', subjects: [{ type: 'person', id }], why })
  return readPerson(tx, id)
}

/** Refuses: not_permitted, not_found. */
export async function resumePerson(tx: Tx, id: string, why: string): Promise<Person> {
  await readPerson(tx, id)
  await store.setState(tx, id, 'active')
  await append(tx, { kind: 'identity.person.resumed', subjects: [{ type: 'person', id }], why })
  return readPerson(tx, id)
}

async function keepOneAdministrator(tx: Tx, leaving: string): Promise<void> {
  const person = await store.findPerson(tx, leaving)
  if (person?.kind !== 'person' || (await store.hasAdministrator(tx, leaving))) return
  throw new Refusal('conflict', 'This is the last administrator who can sign in. Make another one first.')
}
