import { sql } from 'kysely'
import type { PersonName } from '../../contract/identity.ts'
import type { Person } from '../../contract/people.ts'
import type { Role } from '../../contract/roles.ts'
import type { Tx } from '../../platform/tx.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly kind: Person['kind']
  readonly sign_in_name: string | null
  readonly state: Person['state']
  readonly created_at: Date
  readonly roles: Role[]
  readonly compartments: { id: string; name: string }[]
  readonly second_factor: boolean
  readonly last_seen_at: Date | null
}

/** People with their roles and compartments, by name; one where `id` is given. */
export async function readPeople(tx: Tx, id: string | null = null): Promise<Person[]> {
  const rows = await sql<Row>`
    select p.id, p.name, p.kind, p.sign_in_name, p.state, p.created_at,
      coalesce((select array_agg(r.role order by r.role) from identity.person_role r where r.person_id = p.id), '{}') as roles,
      coalesce((select json_agg(json_build_object('id', c.id, 'name', c.name) order by c.name)
        from identity.membership m join identity.compartment c on c.id = m.compartment_id
        where m.person_id = p.id), '[]') as compartments,
      identity.has_second_factor(p.id) as second_factor,
      (select max(s.seen_at) from identity.session s where s.person_id = p.id) as last_seen_at
    from identity.person p
    where p.kind <> 'system' and (${id}::uuid is null or p.id = ${id}::uuid)
    order by p.name collate "und-x-icu", p.id`.execute(tx.sql)
  return rows.rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    signInName: row.sign_in_name,
    state: row.state,
    roles: row.roles,
    compartments: row.compartments,
    secondFactor: row.second_factor,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
  }))
}

/** Names that the actor may know of (row-level security decides), for choosing from. */
export async function readNames(tx: Tx): Promise<PersonName[]> {
  const rows = await tx.sql
    .selectFrom('identity.person')
    .select(['id', 'name', 'kind'])
    .where('kind', '<>', 'system')
    .where('state', '=', 'active')
    .orderBy(sql`name collate "und-x-icu"`)
    .execute()
  return rows.map((row) => ({ id: row.id, name: row.name, kind: row.kind as PersonName['kind'] }))
}

export async function inSourceIdentity(tx: Tx, personId: string): Promise<boolean> {
  const row = await tx.sql
    .selectFrom('identity.membership as m')
    .innerJoin('identity.compartment as c', 'c.id', 'm.compartment_id')
    .select('c.id')
    .where('m.person_id', '=', personId)
    .where('c.kind', '=', 'source-identity')
    .executeTakeFirst()
  return row !== undefined
}
