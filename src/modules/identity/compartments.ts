import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { PersonName } from '../../contract/identity.ts'
import type { Compartment } from '../../contract/people.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { requireMay } from './policy.ts'
import * as store from './store.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly kind: Compartment['kind']
  readonly created_at: Date
  readonly members: PersonName[]
  readonly mine: boolean
}

/** The compartments that the actor may know of, with their members. */
export async function listCompartments(tx: Tx, id: string | null = null): Promise<Compartment[]> {
  const rows = await sql<Row>`
    select c.id, c.name, c.kind, c.created_at,
      coalesce((select json_agg(json_build_object('id', p.id, 'name', p.name, 'kind', p.kind) order by p.name)
        from identity.membership m join identity.person p on p.id = m.person_id
        where m.compartment_id = c.id), '[]') as members,
      exists (select 1 from identity.membership m
        where m.compartment_id = c.id and m.person_id = identity.actor_id()) as mine
    from identity.compartment c
    where ${id}::uuid is null or c.id = ${id}::uuid
    order by c.name`.execute(tx.sql)
  return rows.rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at.toISOString() }))
}

async function readCompartment(tx: Tx, id: string): Promise<Compartment> {
  const [found] = await listCompartments(tx, id)
  if (!found) throw new Refusal('not_found', 'There is no such compartment, or you may not see it.')
  return found
}

/** Makes a compartment with its first members. Refuses: not_permitted, not_found, conflict (name taken). */
export async function createCompartment(
  tx: Tx,
  order: { name: string; kind: Compartment['kind']; memberIds: string[] },
): Promise<Compartment> {
  await requireMay(tx, 'compartments.manage')
  const taken = await tx.sql
    .selectFrom('identity.compartment')
    .select('id')
    .where('name', '=', order.name)
    .executeTakeFirst()
  if (taken)
    throw new Refusal('conflict', 'A compartment of that name is there already. Choose another name.')
  const id = tx.desk.newId()
  const at = tx.desk.now()
  await store.insertCompartment(tx, {
    id,
    name: order.name,
    kind: order.kind,
    created_by: tx.actor.id,
    created_at: at,
  })
  for (const personId of order.memberIds) await letIn(tx, id, personId)
  await append(tx, {
    kind: 'identity.compartment.created',
    subjects: [
      { type: 'compartment', id },
      ...order.memberIds.map((person) => ({ type: 'person', id: person })),
    ],
    detail: { compartmentKind: order.kind },
    sealed: { name: order.name },
  })
  return readCompartment(tx, id)
}

/**
 * Lets a person see into a compartment. An administrator who is not an evidence officer lets nobody in who is
 * themselves: managing people must not become seeing content.
 *
 * Refuses: not_permitted, not_found, conflict (source identities and no witness-protection officer).
 */
export async function addMember(
  tx: Tx,
  id: string,
  order: { personId: string; why: string },
): Promise<Compartment> {
  await requireMay(tx, 'compartments.manage')
  await readCompartment(tx, id)
  if (await letIn(tx, id, order.personId)) await record(tx, 'identity.membership.given', id, order)
  return readCompartment(tx, id)
}

/** Takes a person out of a compartment. Refuses: not_permitted, not_found. */
export async function removeMember(
  tx: Tx,
  id: string,
  order: { personId: string; why: string },
): Promise<Compartment> {
  await requireMay(tx, 'compartments.manage')
  await readCompartment(tx, id)
  if (!(await store.deleteMember(tx, id, order.personId)))
    throw new Refusal('not_found', 'This person is not in the compartment.')
  await record(tx, 'identity.membership.taken', id, order)
  return readCompartment(tx, id)
}

async function letIn(tx: Tx, compartmentId: string, personId: string): Promise<boolean> {
  const person = await store.findPerson(tx, personId)
  if (!person || person.kind === 'system' || person.state !== 'active')
    throw new Refusal('not_found', 'There is no such active person on this desk.')
  if (personId === tx.actor.id && !tx.actor.roles.includes('evidence-officer'))
    throw new Refusal(
      'not_permitted',
      'An administrator lets others in, not themselves. Ask an evidence officer.',
    )
  await store.requireCompartmentFor(tx, compartmentId, await store.rolesOf(tx, personId))
  return store.insertMember(tx, compartmentId, personId, tx.desk.now())
}

async function record(
  tx: Tx,
  kind: string,
  id: string,
  order: { personId: string; why: string },
): Promise<void> {
  await append(tx, {
    kind,
    subjects: [
      { type: 'compartment', id },
      { type: 'person', id: order.personId },
    ],
    why: order.why,
  })
}
