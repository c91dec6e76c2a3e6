import type { Selectable } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { Invitation } from '../../contract/identity.ts'
import type { Role } from '../../contract/roles.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import type { IdentityInvitation } from '../../platform/database.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { requireMay } from './policy.ts'
import { digestOf, newSecret } from './secrets.ts'
import * as store from './store.ts'

const DAY_MS = 86_400_000
const RESET_DAYS = 2
/** What the first person is given, explicitly: one who can let others in and can begin to work. */
const FIRST_ROLES: readonly Role[] = ['administrator', 'evidence-officer']

export type InvitationRow = Selectable<IdentityInvitation>

export interface InvitationWithLink {
  readonly invitation: Invitation
  /** The secret stands behind `#`: browsers never send that part anywhere. */
  readonly link: string
}

interface Draft {
  readonly kind: Invitation['kind']
  readonly name: string
  readonly roles: readonly Role[]
  readonly compartmentIds: readonly string[]
  readonly days: number
  readonly personId?: string
}

/**
 * Invites a person; the link works once.
 *
 * Refuses: not_permitted, not_found (a compartment), conflict (a source-identity compartment for somebody who will
 * not be a witness-protection officer).
 */
export async function invite(
  tx: Tx,
  order: { name: string; roles: Role[]; compartmentIds: string[]; days: number },
  publicUrl: URL,
): Promise<InvitationWithLink> {
  await requireMay(tx, 'people.manage')
  for (const id of order.compartmentIds) await store.requireCompartmentFor(tx, id, order.roles)
  const made = await make(tx, { kind: 'join', ...order }, publicUrl)
  await append(tx, {
    kind: 'identity.invitation.made',
    subjects: [{ type: 'invitation', id: made.invitation.id }],
    detail: { roles: [...order.roles], compartments: [...order.compartmentIds] },
    sealed: { name: order.name },
  })
  return made
}

/** A link with which a person sets a new password. Refuses: not_permitted, not_found. */
export async function resetPerson(
  tx: Tx,
  personId: string,
  why: string,
  publicUrl: URL,
): Promise<InvitationWithLink> {
  await requireMay(tx, 'people.manage')
  const person = await store.findPerson(tx, personId)
  if (person?.kind !== 'person') throw new Refusal('not_found', 'There is no such person on this desk.')
  const draft = {
    kind: 'reset',
    name: person.name,
    roles: [],
    compartmentIds: [],
    days: RESET_DAYS,
    personId,
  } as const
  await withdrawResets(tx, personId)
  const made = await make(tx, draft, publicUrl)
  await append(tx, {
    kind: 'identity.person.reset_offered',
    subjects: [{ type: 'person', id: personId }],
    why,
  })
  return made
}

async function make(tx: Tx, draft: Draft, publicUrl: URL): Promise<InvitationWithLink> {
  const { desk } = tx
  const { secret, digest } = newSecret(desk, 'inv')
  const now = desk.now()
  const row: InvitationRow = {
    id: desk.newId(),
    kind: draft.kind,
    person_id: draft.personId ?? null,
    name: draft.name,
    roles: [...draft.roles],
    compartment_ids: [...draft.compartmentIds],
    secret_digest: digest,
    created_by: tx.actor.id,
    created_at: now,
    expires_at: new Date(now.getTime() + draft.days * DAY_MS),
    used_by: null,
    used_at: null,
    withdrawn_at: null,
  }
  await tx.sql.insertInto('identity.invitation').values(row).execute()
  return { invitation: asInvitation(row, now), link: new URL(`/join#${secret}`, publicUrl).href }
}

/**
 * While nobody who can sign in is an administrator: a fresh one-time link that makes the first one (the link of an
 * earlier start stops working). Null afterwards.
 */
export async function firstAdministratorLink(desk: Desk, publicUrl: URL): Promise<string | null> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    if (await store.hasAdministrator(tx)) return null
    await tx.sql
      .updateTable('identity.invitation')
      .set({ withdrawn_at: desk.now() })
      .where('kind', '=', 'first-administrator')
      .where('used_at', 'is', null)
      .where('withdrawn_at', 'is', null)
      .execute()
    const compartmentIds = await store.firstCompartment(tx)
    const draft = {
      kind: 'first-administrator',
      name: '',
      roles: FIRST_ROLES,
      compartmentIds,
      days: 7,
    } as const
    return (await make(tx, draft, publicUrl)).link
  })
}

/** Invitations, newest first; the newest five hundred. Refuses: not_permitted. */
export async function listInvitations(tx: Tx): Promise<Invitation[]> {
  await requireMay(tx, 'people.manage')
  const rows = await tx.sql
    .selectFrom('identity.invitation')
    .selectAll()
    .orderBy('created_at', 'desc')
    .limit(500)
    .execute()
  return rows.map((row) => asInvitation(row, tx.desk.now()))
}

/** Refuses: not_permitted, not_found (unknown, used or withdrawn). */
export async function withdrawInvitation(tx: Tx, id: string): Promise<void> {
  await requireMay(tx, 'people.manage')
  const row = await tx.sql
    .updateTable('identity.invitation')
    .set({ withdrawn_at: tx.desk.now() })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (!row) throw new Refusal('not_found', 'There is no such open invitation.')
  await append(tx, { kind: 'identity.invitation.withdrawn', subjects: [{ type: 'invitation', id }] })
}

/** The open invitation of a secret, locked until the transaction ends. Refuses: link_used_up. */
export async function openInvitation(tx: Tx, secret: string): Promise<InvitationRow> {
  const row = await tx.sql
    .selectFrom('identity.invitation')
    .selectAll()
    .where('secret_digest', '=', digestOf(secret))
    .forUpdate()
    .executeTakeFirst()
  const past = row?.kind === 'first-administrator' && (await store.hasAdministrator(tx))
  const open = row && !past && asInvitation(row, tx.desk.now()).state === 'open'
  if (open && (await makerStands(tx, row.created_by))) return row
  throw new Refusal(
    'link_used_up',
    'This link is unknown, was used, was withdrawn or is over. Ask an administrator for a new one.',
  )
}

/** A link is worth what its maker may now: one of a suspended or former administrator opens nothing. */
async function makerStands(tx: Tx, makerId: string): Promise<boolean> {
  if (makerId === SYSTEM_ACTOR.id) return true
  const row = await tx.sql
    .selectFrom('identity.person as p')
    .innerJoin('identity.person_role as r', 'r.person_id', 'p.id')
    .select('p.id')
    .where('p.id', '=', makerId)
    .where('p.state', '=', 'active')
    .where('r.role', '=', 'administrator')
    .executeTakeFirst()
  return row !== undefined
}

/** Open reset links of a person stop working: a newer one was made, or one was used. */
export async function withdrawResets(tx: Tx, personId: string): Promise<void> {
  await tx.sql
    .updateTable('identity.invitation')
    .set({ withdrawn_at: tx.desk.now() })
    .where('person_id', '=', personId)
    .where('used_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .execute()
}

export function asInvitation(row: InvitationRow, now: Date): Invitation {
  const over = row.expires_at <= now ? 'expired' : 'open'
  return {
    id: row.id,
    kind: row.kind as Invitation['kind'],
    name: row.name,
    roles: row.roles as Role[],
    compartmentIds: row.compartment_ids,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    state: row.used_at ? 'used' : row.withdrawn_at ? 'withdrawn' : over,
  }
}
