import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { PersonName } from '../../contract/identity.ts'
import type { Grant } from '../../contract/people.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { requireMay } from './policy.ts'
import * as store from './store.ts'

const LONGEST_DAYS = 366

interface Row {
  readonly id: string
  readonly person: PersonName
  readonly subject_kind: Grant['subjectKind']
  readonly subject_id: string
  readonly purpose: string
  readonly original: boolean
  readonly until: Date
  readonly given_by: PersonName
  readonly given_at: Date
  readonly revoked_at: Date | null
}

export interface GrantsWanted {
  readonly id?: string | undefined
  readonly subjectId?: string | undefined
  readonly personId?: string | undefined
}

/** Grants that the actor may know of, newest first; the newest thousand. */
export async function listGrants(tx: Tx, wanted: GrantsWanted): Promise<Grant[]> {
  const rows = await sql<Row>`
    select g.id, g.subject_kind, g.subject_id, g.purpose, g.original, g.until, g.given_at, g.revoked_at,
      identity.name_of(g.person_id) as person, identity.name_of(g.given_by) as given_by
    from identity.dated_grant g
    where (${wanted.id ?? null}::uuid is null or g.id = ${wanted.id ?? null}::uuid)
      and (${wanted.subjectId ?? null}::uuid is null or g.subject_id = ${wanted.subjectId ?? null}::uuid)
      and (${wanted.personId ?? null}::uuid is null or g.person_id = ${wanted.personId ?? null}::uuid)
    order by g.given_at desc, g.id desc limit 1000`.execute(tx.sql)
  const now = tx.desk.now()
  return rows.rows.map((row) => ({
    id: row.id,
    person: row.person,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    purpose: row.purpose,
    original: row.original,
    until: row.until.toISOString(),
    givenBy: row.given_by,
    givenAt: row.given_at.toISOString(),
    state: row.revoked_at ? 'revoked' : row.until <= now ? 'ended' : 'running',
  }))
}

export interface GrantOrder {
  readonly personId: string
  readonly subjectKind: Grant['subjectKind']
  readonly subjectId: string
  readonly purpose: string
  readonly original: boolean
  readonly until: string
}

/**
 * Lets a person see one item or collection until a date. The caller has made sure that the actor sees the subject
 * (`subjectSeen`): nobody passes on what they cannot see.
 *
 * Refuses: not_permitted, not_found, invalid_input (a date that has passed or is more than a year away).
 */
export async function giveGrant(
  tx: Tx,
  order: GrantOrder,
  subjectSeen: (tx: Tx, kind: Grant['subjectKind'], id: string) => Promise<boolean>,
): Promise<Grant> {
  await requireMay(tx, 'grants.give')
  if (!(await subjectSeen(tx, order.subjectKind, order.subjectId)))
    throw new Refusal('not_found', 'There is no such record, or you may not see it.')
  if (order.personId === tx.actor.id)
    throw new Refusal('not_permitted', 'Nobody gives a grant to themselves.')
  const person = await store.findPerson(tx, order.personId)
  if (person?.kind !== 'person' || person.state !== 'active')
    throw new Refusal('not_found', 'There is no such active person on this desk.')
  const [until, now] = [new Date(order.until), tx.desk.now()]
  if (until <= now || until.getTime() - now.getTime() > LONGEST_DAYS * 86_400_000)
    throw new Refusal(
      'invalid_input',
      'until: must lie in the future, at most a year away. Nothing was done.',
    )
  const id = tx.desk.newId()
  await tx.sql
    .insertInto('identity.dated_grant')
    .values({
      id,
      person_id: order.personId,
      subject_kind: order.subjectKind,
      subject_id: order.subjectId,
      purpose: order.purpose,
      original: order.original,
      until,
      given_by: tx.actor.id,
      given_at: now,
    })
    .execute()
  await append(tx, {
    kind: 'identity.grant.given',
    subjects: [
      { type: 'grant', id },
      { type: 'person', id: order.personId },
      { type: order.subjectKind, id: order.subjectId },
    ],
    why: order.purpose,
    detail: { until: until.toISOString(), original: order.original },
  })
  return readGrant(tx, id)
}

/** Ends a grant at once. Refuses: not_permitted, not_found (unknown or revoked). */
export async function revokeGrant(tx: Tx, id: string, why: string): Promise<Grant> {
  await requireMay(tx, 'grants.give')
  const row = await tx.sql
    .updateTable('identity.dated_grant')
    .set({ revoked_at: tx.desk.now(), revoked_by: tx.actor.id })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning(['person_id', 'subject_id', 'subject_kind'])
    .executeTakeFirst()
  if (!row) throw new Refusal('not_found', 'There is no such running grant.')
  await append(tx, {
    kind: 'identity.grant.revoked',
    subjects: [
      { type: 'grant', id },
      { type: 'person', id: row.person_id },
      { type: row.subject_kind, id: row.subject_id },
    ],
    why,
  })
  return readGrant(tx, id)
}

async function readGrant(tx: Tx, id: string): Promise<Grant> {
  const [found] = await listGrants(tx, { id })
  if (!found) throw new Refusal('not_found', 'There is no such grant.')
  return found
}
