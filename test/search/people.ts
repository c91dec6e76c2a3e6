import pg from 'pg'
import type { Role } from '../../src/contract/roles.ts'
import type { Actor } from '../../src/platform/actor.ts'
import type { TestDesk } from '../support/desk.ts'

/** A compartment made by the desk, behind every verb's back: this is arrangement, not what is tested. */
export async function makeCompartment(desk: TestDesk, name: string): Promise<string> {
  const id = desk.newId()
  await asOwner(
    desk,
    `insert into identity.compartment (id, name, kind, created_by, created_at)
     values ($1, $2, 'ordinary', '00000000-0000-7000-8000-000000000001', now())`,
    [id, name],
  )
  return id
}

/** A fictional person with roles, in some compartments. */
export async function makePerson(
  desk: TestDesk,
  name: string,
  roles: readonly Role[],
  compartments: readonly string[],
): Promise<Actor> {
  const id = desk.newId()
  const system = '00000000-0000-7000-8000-000000000001'
  await asOwner(
    desk,
    `insert into identity.person (id, kind, name, sign_in_name, created_at) values ($1, 'person', $2, $3, now())`,
    [id, name, `${name}@example.org`],
  )
  for (const role of roles)
    await asOwner(desk, 'insert into identity.person_role values ($1, $2, $3, now())', [id, role, system])
  for (const compartment of compartments)
    await asOwner(desk, 'insert into identity.membership values ($1, $2, $3, now())', [
      compartment,
      id,
      system,
    ])
  return { id, kind: 'person', name, sessionId: null, roles, onBehalfOf: null }
}

/** Lets a person see one item until a date. */
export async function grantItem(desk: TestDesk, person: Actor, itemId: string, days: number): Promise<void> {
  await asOwner(
    desk,
    `insert into identity.dated_grant (id, person_id, subject_kind, subject_id, purpose, until, given_by, given_at)
     values ($1, $2, 'item', $3, 'a test', now() + make_interval(days => $4), '00000000-0000-7000-8000-000000000001', now())`,
    [desk.newId(), person.id, itemId, days],
  )
}

export async function asOwner(
  desk: TestDesk,
  text: string,
  values: readonly unknown[] = [],
): Promise<pg.QueryResult> {
  const client = new pg.Client(desk.owner)
  await client.connect()
  try {
    return await client.query(text, [...values])
  } finally {
    await client.end()
  }
}
