import type { Insertable, Selectable } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { Role } from '../../contract/roles.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import type {
  IdentityCompartment,
  IdentityPerson,
  IdentitySession,
  IdentityToken,
} from '../../platform/database.ts'
import type { Tx } from '../../platform/tx.ts'

export type PersonRow = Selectable<IdentityPerson>
export type SessionRow = Selectable<IdentitySession>

export async function findPerson(tx: Tx, id: string): Promise<PersonRow | undefined> {
  return tx.sql.selectFrom('identity.person').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findLocalOperator(tx: Tx): Promise<string | undefined> {
  const row = await tx.sql
    .selectFrom('identity.person')
    .select('id')
    .where('kind', '=', 'local-operator')
    .executeTakeFirst()
  return row?.id
}

export async function insertPerson(tx: Tx, person: Insertable<IdentityPerson>): Promise<void> {
  await tx.sql.insertInto('identity.person').values(person).execute()
}

export async function setState(tx: Tx, id: string, state: 'active' | 'suspended'): Promise<void> {
  await tx.sql.updateTable('identity.person').set({ state }).where('id', '=', id).execute()
}

export async function rolesOf(tx: Tx, personId: string): Promise<Role[]> {
  const rows = await tx.sql
    .selectFrom('identity.person_role')
    .select('role')
    .where('person_id', '=', personId)
    .orderBy('role')
    .execute()
  return rows.map((row) => row.role as Role)
}

export async function giveRoles(
  tx: Tx,
  personId: string,
  roles: readonly Role[],
  at: Date,
  givenBy = tx.actor.id,
): Promise<void> {
  if (roles.length === 0) return
  await tx.sql
    .insertInto('identity.person_role')
    .values(roles.map((role) => ({ person_id: personId, role, given_by: givenBy, given_at: at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function takeRoles(tx: Tx, personId: string, roles: readonly Role[]): Promise<void> {
  if (roles.length === 0) return
  await tx.sql
    .deleteFrom('identity.person_role')
    .where('person_id', '=', personId)
    .where('role', 'in', roles)
    .execute()
}

export async function insertCompartment(tx: Tx, row: Insertable<IdentityCompartment>): Promise<void> {
  await tx.sql.insertInto('identity.compartment').values(row).execute()
}

export async function insertMember(
  tx: Tx,
  compartmentId: string,
  personId: string,
  at: Date,
  givenBy = tx.actor.id,
): Promise<boolean> {
  const row = await tx.sql
    .insertInto('identity.membership')
    .values({ compartment_id: compartmentId, person_id: personId, given_by: givenBy, given_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returning('person_id')
    .executeTakeFirst()
  return row !== undefined
}

export async function deleteMember(tx: Tx, compartmentId: string, personId: string): Promise<boolean> {
  const row = await tx.sql
    .deleteFrom('identity.membership')
    .where('compartment_id', '=', compartmentId)
    .where('person_id', '=', personId)
    .returning('person_id')
    .executeTakeFirst()
  return row !== undefined
}

/** A session that is running, with its active person. */
export async function openSession(
  tx: Tx,
  digest: Buffer,
  now: Date,
): Promise<(SessionRow & { name: string }) | undefined> {
  return tx.sql
    .selectFrom('identity.session as s')
    .innerJoin('identity.person as p', 'p.id', 's.person_id')
    .selectAll('s')
    .select('p.name')
    .where('s.secret_digest', '=', digest)
    .where('s.ended_at', 'is', null)
    .where('s.expires_at', '>', now)
    .where('p.state', '=', 'active')
    .executeTakeFirst()
}

export async function touchSession(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.sql.updateTable('identity.session').set({ seen_at: now }).where('id', '=', id).execute()
}

export async function insertSession(tx: Tx, row: Insertable<IdentitySession>): Promise<void> {
  await tx.sql.insertInto('identity.session').values(row).execute()
}

export async function runningSessions(tx: Tx, personId: string, now: Date): Promise<SessionRow[]> {
  return tx.sql
    .selectFrom('identity.session')
    .selectAll()
    .where('person_id', '=', personId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .execute()
}

/** Ends running sessions of a person: one, all, or all but one. Returns the ids that ended. */
export async function endSessions(
  tx: Tx,
  personId: string,
  which: { readonly id?: string; readonly except?: string | null },
): Promise<string[]> {
  let query = tx.sql
    .updateTable('identity.session')
    .set({ ended_at: tx.desk.now(), ended_by: tx.actor.id })
    .where('person_id', '=', personId)
    .where('ended_at', 'is', null)
  if (which.id) query = query.where('id', '=', which.id)
  if (which.except) query = query.where('id', '<>', which.except)
  const rows = await query.returning('id').execute()
  return rows.map((row) => row.id)
}

export async function openToken(
  tx: Tx,
  digest: Buffer,
  now: Date,
): Promise<{ id: string; person_id: string; name: string; last_used_at: Date | null } | undefined> {
  return tx.sql
    .selectFrom('identity.token as t')
    .innerJoin('identity.person as p', 'p.id', 't.person_id')
    .select(['t.id', 't.person_id', 'p.name', 't.last_used_at'])
    .where('t.secret_digest', '=', digest)
    .where('t.revoked_at', 'is', null)
    .where('t.expires_at', '>', now)
    .where('p.state', '=', 'active')
    .executeTakeFirst()
}

export async function touchToken(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.sql.updateTable('identity.token').set({ last_used_at: now }).where('id', '=', id).execute()
}

export async function revokeTokens(tx: Tx, personId: string, id?: string): Promise<string[]> {
  let query = tx.sql
    .updateTable('identity.token')
    .set({ revoked_at: tx.desk.now() })
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
  if (id !== undefined) query = query.where('id', '=', id)
  return (await query.returning('id').execute()).map((row) => row.id)
}

/** True where somebody who can sign in is an active administrator, `except` left out. */
export async function hasAdministrator(tx: Tx, except?: string): Promise<boolean> {
  let query = tx.sql
    .selectFrom('identity.person as p')
    .innerJoin('identity.person_role as r', 'r.person_id', 'p.id')
    .select('p.id')
    .where('p.kind', '=', 'person')
    .where('p.state', '=', 'active')
    .where('r.role', '=', 'administrator')
  if (except !== undefined) query = query.where('p.id', '<>', except)
  return (await query.executeTakeFirst()) !== undefined
}

/** The compartment that the desk began with, as a list of one (or none). */
export async function firstCompartment(tx: Tx): Promise<string[]> {
  const row = await tx.sql
    .selectFrom('identity.compartment')
    .select('id')
    .where('created_by', '=', SYSTEM_ACTOR.id)
    .orderBy('created_at')
    .executeTakeFirst()
  return row ? [row.id] : []
}

/** Refuses: not_found; conflict, where only a witness-protection officer may be let in. */
export async function requireCompartmentFor(tx: Tx, id: string, roles: readonly Role[]): Promise<void> {
  const row = await tx.sql
    .selectFrom('identity.compartment')
    .select('kind')
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw new Refusal('not_found', 'There is no such compartment, or you may not see it.')
  if (row.kind === 'source-identity' && !roles.includes('witness-protection-officer'))
    throw new Refusal(
      'conflict',
      'Only a witness-protection officer may be let into a compartment of source identities.',
    )
}

export async function runningTokens(
  tx: Tx,
  personId: string,
  now: Date,
): Promise<Selectable<IdentityToken>[]> {
  return tx.sql
    .selectFrom('identity.token')
    .selectAll()
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .execute()
}
