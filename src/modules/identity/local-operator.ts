import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { Role } from '../../contract/roles.ts'
import { SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { actorForPerson } from './resolve.ts'
import * as store from './store.ts'

/** What whoever sits at the desk's own machine may do: everything but what needs a second person's eyes. */
const OPERATOR_ROLES: readonly Role[] = [
  'administrator',
  'evidence-officer',
  'witness-protection-officer',
  'auditor',
]
const FIRST_COMPARTMENT = 'General'

/**
 * Makes, once, the local operator and the first compartment; their entry is the desk's first.
 * Returns the local operator's id.
 */
export async function ensureLocalOperator(desk: Desk): Promise<string> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('identity.local-operator'))`.execute(tx.sql)
    const found = await store.findLocalOperator(tx)
    return found ?? makeLocalOperator(tx)
  })
}

async function makeLocalOperator(tx: Tx): Promise<string> {
  const { desk } = tx
  const [personId, compartmentId, at] = [desk.newId(), desk.newId(), desk.now()]
  await store.insertPerson(tx, {
    id: personId,
    kind: 'local-operator',
    name: 'local operator',
    created_at: at,
  })
  await store.giveRoles(tx, personId, OPERATOR_ROLES, at)
  await store.insertCompartment(tx, {
    id: compartmentId,
    name: FIRST_COMPARTMENT,
    kind: 'ordinary',
    created_by: SYSTEM_ACTOR.id,
    created_at: at,
  })
  await store.insertMember(tx, compartmentId, personId, at)
  await append(tx, {
    kind: 'identity.local_operator.created',
    subjects: [
      { type: 'person', id: personId },
      { type: 'compartment', id: compartmentId },
    ],
    why: 'first start of this desk',
    detail: { roles: [...OPERATOR_ROLES] },
  })
  return personId
}

/** Whoever holds the socket in the desk's folder and this run's token. Made on first use. */
export async function actorForLocalOperator(desk: Desk): Promise<Actor> {
  const actor = await actorForPerson(desk, await ensureLocalOperator(desk))
  if (!actor)
    throw new Refusal(
      'not_permitted',
      'The local operator of this desk is suspended. Sign in as yourself (--desk URL).',
    )
  return actor
}
