import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { PersonName } from '../../contract/identity.ts'
import type { Approval } from '../../contract/people.ts'
import { ROLES } from '../../contract/roles.ts'
import { rolesGive, type Verb } from '../../contract/verbs.ts'
import { toCanonical, type JsonObject } from '../../proof/canonical.ts'
import { digestBytes } from './secrets.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { notFound, requireMay } from './policy.ts'

/** Acts that need two people, and the verb that both must have. */
export const TWO_PERSON_ACTS = {
  'evidence.erase': 'item.erase',
  'evidence.export': 'search.export',
  'ledger.continue': 'keys.manage',
} as const satisfies Record<string, Verb>

export type TwoPersonAct = keyof typeof TWO_PERSON_ACTS

const LASTS_DAYS = 14

export interface ProposalOrder {
  readonly act: TwoPersonAct
  readonly subjectId?: string
  /** Exactly what will be done; approval is for this and nothing else. */
  readonly order: JsonObject
  /** In plain words, for the second person. No names of protected persons. */
  readonly summary: string
  readonly why: string
}

/** Who agreed to an act that is now carried out. */
export interface Agreed {
  readonly approvalId: string
  readonly proposedBy: PersonName
  readonly decidedBy: PersonName
}

/**
 * Proposes an act that needs a second person.
 *
 * Refuses: not_permitted; two_people_needed, where nobody else on this desk could agree.
 */
export async function propose(tx: Tx, order: ProposalOrder): Promise<Approval> {
  const verb = TWO_PERSON_ACTS[order.act]
  await requireMay(tx, verb)
  await requireSomebodyElse(tx, verb)
  const [id, now] = [tx.desk.newId(), tx.desk.now()]
  await tx.sql
    .insertInto('identity.approval')
    .values({
      id,
      act: order.act,
      subject_id: order.subjectId ?? null,
      order_digest: digestOfOrder(order.order),
      summary: order.summary,
      why: order.why,
      state: 'proposed',
      proposed_by: tx.actor.id,
      proposed_at: now,
      expires_at: new Date(now.getTime() + LASTS_DAYS * 86_400_000),
    })
    .execute()
  await record(tx, 'identity.approval.proposed', id, order.act, order.why)
  return readApproval(tx, id)
}

/**
 * Somebody else who can sign in must have the verb. The local operator is a seat, not a person: whoever proposed from it
 * could agree as themselves, so nothing that needs two people begins there.
 */
async function requireSomebodyElse(tx: Tx, verb: Verb): Promise<void> {
  if (await isLocalOperator(tx)) {
    throw new Refusal(
      'two_people_needed',
      'The local operator is whoever sits at this machine; what needs two people begins with somebody signed in as themselves. ' +
        'Nothing was done. Sign in to the desk, or use --desk with a token of your own.',
      { verb },
    )
  }
  const rows = await sql<{
    id: string
  }>`select p.id from identity.people_with(${rolesGiving(verb)}::text[]) as p(id)
    where p.id <> ${tx.actor.id}::uuid`.execute(tx.sql)
  if (rows.rows.length > 0) return
  throw new Refusal(
    'two_people_needed',
    `This needs two people who can sign in and whose roles allow "${verb}"; this desk has not got them. Nothing was done. ` +
      'An administrator can invite a second person or give the role.',
    { verb },
  )
}

function rolesGiving(verb: Verb): string[] {
  return ROLES.filter((role) => rolesGive([role], verb))
}

/**
 * Agrees or declines, as the second person.
 *
 * Refuses: not_found, conflict (decided or over), two_people_needed (one's own proposal; the local operator),
 * not_permitted.
 */
export async function decide(
  tx: Tx,
  id: string,
  decision: 'approved' | 'declined',
  why: string,
): Promise<Approval> {
  const found = await lockApproval(tx, id)
  const verb = verbOf(found.act)
  if (!rolesGive(tx.actor.roles, verb))
    throw new Refusal('not_permitted', `None of your roles allows "${verb}". Nothing was decided.`, { verb })
  if (found.proposed_by === tx.actor.id || (await isLocalOperator(tx)))
    throw new Refusal(
      'two_people_needed',
      'The second person must be somebody else, signed in as themselves. Nothing was decided.',
    )
  requireState(found, 'proposed', tx.desk.now())
  const change = { state: decision, decided_by: tx.actor.id, decided_at: tx.desk.now(), decided_why: why }
  await tx.sql.updateTable('identity.approval').set(change).where('id', '=', id).execute()
  await record(tx, `identity.approval.${decision}`, id, found.act, why)
  return readApproval(tx, id)
}

/** Refuses: not_found, not_permitted (somebody else's), conflict (carried out, declined or over). */
export async function withdrawApproval(tx: Tx, id: string): Promise<Approval> {
  const found = await lockApproval(tx, id)
  if (found.proposed_by !== tx.actor.id)
    throw new Refusal('not_permitted', 'Only who proposed it can withdraw it; decline it instead.')
  if (found.state !== 'approved') requireState(found, 'proposed', tx.desk.now())
  await tx.sql.updateTable('identity.approval').set({ state: 'withdrawn' }).where('id', '=', id).execute()
  await record(tx, 'identity.approval.withdrawn', id, found.act)
  return readApproval(tx, id)
}

/**
 * Uses an approval up, in the transaction that carries the act out.
 *
 * Refuses: not_found; conflict, where it is not approved, is over, or was given for another order.
 */
export async function useApproval(tx: Tx, id: string, act: TwoPersonAct, order: JsonObject): Promise<Agreed> {
  const found = await lockApproval(tx, id)
  requireState(found, 'approved', tx.desk.now())
  if (found.act !== act || !digestOfOrder(order).equals(found.order_digest))
    throw new Refusal(
      'conflict',
      'What was agreed to is not what would be done now. Nothing was done; propose it anew.',
    )
  const at = tx.desk.now()
  await tx.sql
    .updateTable('identity.approval')
    .set({ state: 'carried-out', carried_out_at: at })
    .where('id', '=', id)
    .execute()
  await record(tx, 'identity.approval.carried_out', id, act)
  const { proposedBy, decidedBy } = await readApproval(tx, id)
  if (!decidedBy) throw new Error(`approval ${id} was approved by nobody`)
  return { approvalId: id, proposedBy, decidedBy }
}

interface Row {
  readonly id: string
  readonly act: string
  readonly subject_id: string | null
  readonly summary: string
  readonly why: string
  readonly state: Approval['state']
  readonly proposed_by: PersonName
  readonly proposed_at: Date
  readonly expires_at: Date
  readonly decided_by: PersonName | null
  readonly decided_at: Date | null
  readonly decided_why: string | null
}

/** What waits, and the last hundred, that the actor may know of. */
export async function listApprovals(tx: Tx, id: string | null = null): Promise<Approval[]> {
  const rows = await sql<Row>`
    select id, act, subject_id, summary, why, state, identity.name_of(proposed_by) as proposed_by, proposed_at,
      expires_at, identity.name_of(decided_by) as decided_by, decided_at, decided_why
    from identity.approval where ${id}::uuid is null or id = ${id}::uuid
    order by (state in ('proposed', 'approved')) desc, proposed_at desc limit 100`.execute(tx.sql)
  const now = tx.desk.now()
  return rows.rows.map((row) => ({
    id: row.id,
    act: row.act,
    subjectId: row.subject_id,
    summary: row.summary,
    why: row.why,
    state: isOver(row, now) ? 'expired' : row.state,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decidedWhy: row.decided_why,
  }))
}

async function readApproval(tx: Tx, id: string): Promise<Approval> {
  const [found] = await listApprovals(tx, id)
  if (!found) throw notFound()
  return found
}

interface Locked {
  readonly act: string
  readonly state: string
  readonly order_digest: Buffer
  readonly proposed_by: string
  readonly expires_at: Date
}

async function lockApproval(tx: Tx, id: string): Promise<Locked> {
  const row = await tx.sql
    .selectFrom('identity.approval')
    .select(['act', 'state', 'order_digest', 'proposed_by', 'expires_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw notFound()
  return row
}

function isOver(row: { state: string; expires_at: Date }, now: Date): boolean {
  return (row.state === 'proposed' || row.state === 'approved') && row.expires_at <= now
}

function requireState(row: Locked, state: string, now: Date): void {
  const is = isOver(row, now) ? 'over' : row.state
  if (is !== state) throw new Refusal('conflict', `This is ${is}, not ${state}. Nothing was done.`)
}

function verbOf(act: string): Verb {
  const verb = (TWO_PERSON_ACTS as Record<string, Verb | undefined>)[act]
  if (!verb) throw new Error(`an act of this database is unknown to this Amanat: ${act}`)
  return verb
}

async function isLocalOperator(tx: Tx): Promise<boolean> {
  const row = await tx.sql
    .selectFrom('identity.person')
    .select('kind')
    .where('id', '=', tx.actor.id)
    .executeTakeFirst()
  return row?.kind === 'local-operator'
}

function digestOfOrder(order: JsonObject): Buffer {
  return digestBytes(toCanonical(order))
}

async function record(tx: Tx, kind: string, id: string, act: string, why?: string): Promise<void> {
  await append(tx, {
    kind,
    subjects: [{ type: 'approval', id }],
    detail: { act },
    ...(why === undefined ? {} : { why }),
  })
}
