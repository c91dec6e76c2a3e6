import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { Erasure } from '../../contract/integrity.ts'
import type { Tx } from '../../platform/tx.ts'
import { lockFamilies } from '../evidence/erase.ts'
import type { ItemRecord } from '../evidence/policy.ts'
import { decide, propose, useApproval, withdrawApproval } from '../identity/approvals.ts'
import { requireMay } from '../identity/policy.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { append } from '../ledger/append.ts'

/** The job that carries an approved erasure out. */
export const ERASE_JOB = 'integrity.erase'

/**
 * Proposes to erase items and everything that came out of them.
 *
 * Refuses: not_found, not_permitted, legal_hold, conflict, two_people_needed (nobody else on this desk could agree).
 */
export async function proposeErasure(
  tx: Tx,
  order: { itemIds: readonly string[]; legalBasis: string },
): Promise<Erasure> {
  const family = await lockFamilies(tx, order.itemIds)
  await refuseContained(tx, family)
  const id = tx.desk.newId()
  const itemIds = family.map((item) => item.id)
  const approval = await propose(tx, {
    act: 'evidence.erase',
    subjectId: id,
    order: { itemIds, legalBasis: order.legalBasis },
    summary: `Erase ${order.itemIds.length} items and ${itemIds.length - order.itemIds.length} that came out of them`,
    why: order.legalBasis,
  })
  const row = {
    id,
    item_ids: itemIds,
    registration_numbers: family.map((item) => item.registration_number ?? ''),
    legal_basis: order.legalBasis,
    proposed_by: tx.actor.id,
    proposed_at: tx.desk.now(),
    approval_id: approval.id,
    state: 'proposed',
  }
  await tx.sql.insertInto('integrity.erasure').values(row).execute()
  return readErasure(tx, id)
}

/** The bytes of what came out of a container stand in the container still: erasing the part alone would erase nothing. */
async function refuseContained(tx: Tx, family: readonly ItemRecord[]): Promise<void> {
  const ids = new Set(family.map((item) => item.id))
  const parents = family.flatMap((item) =>
    item.parent_id === null || ids.has(item.parent_id) ? [] : [item.parent_id],
  )
  if (parents.length === 0) return
  const standing = await tx.sql
    .selectFrom('evidence.item')
    .select(['id', 'registration_number'])
    .where('id', 'in', parents)
    .where('erased_by', 'is', null)
    .execute()
  const names = standing.map((item) => item.registration_number ?? item.id)
  if (names.length === 0) return
  throw new Refusal(
    'conflict',
    `What was named came out of ${names.join(', ')}, which holds its bytes still. Nothing was done. Name the outermost container: it is erased with everything that came out of it.`,
    { containers: standing.map((item) => item.id) },
  )
}

/**
 * Agrees, as the second person; a job carries the erasure out at once.
 *
 * Refuses: not_found, not_permitted, two_people_needed (one's own proposal), legal_hold (set meanwhile), conflict.
 */
export async function approveErasure(tx: Tx, id: string): Promise<Erasure> {
  const row = await lockErasure(tx, id)
  if (row.state !== 'proposed')
    throw new Refusal('conflict', `This erasure is ${row.state}. Nothing was done.`)
  await lockFamilies(tx, row.item_ids)
  await decide(tx, row.approval_id ?? '', 'approved', row.legal_basis)
  await useApproval(tx, row.approval_id ?? '', 'evidence.erase', {
    itemIds: row.item_ids,
    legalBasis: row.legal_basis,
  })
  const change = { state: 'approved', step: 'approved', approved_by: tx.actor.id, approved_at: tx.desk.now() }
  await tx.sql.updateTable('integrity.erasure').set(change).where('id', '=', id).execute()
  await enqueue(tx, ERASE_JOB, { id }, { key: id })
  return readErasure(tx, id)
}

/** Withdraws one's own proposal. Refuses: not_found, not_permitted, conflict. */
export async function withdrawErasure(tx: Tx, id: string): Promise<Erasure> {
  const row = await lockErasure(tx, id)
  if (row.state !== 'proposed')
    throw new Refusal('conflict', `This erasure is ${row.state}; it can no longer be withdrawn.`)
  await withdrawApproval(tx, row.approval_id ?? '')
  await tx.sql
    .updateTable('integrity.erasure')
    .set({ state: 'withdrawn', step: 'withdrawn' })
    .where('id', '=', id)
    .execute()
  return readErasure(tx, id)
}

/**
 * Says, for one who has seen to it, that every copy from before the erasure is destroyed or replaced: backups on disks
 * that were away, key backups, and what the carrying out could not reach. It stands on the log in their name.
 *
 * Refuses: not_found, not_permitted, conflict (not done yet; confirmed already).
 */
export async function confirmCopies(tx: Tx, id: string): Promise<Erasure> {
  const row = await lockErasure(tx, id)
  if (row.state !== 'done' || row.copies_confirmed_at !== null)
    throw new Refusal(
      'conflict',
      row.state === 'done'
        ? 'This was confirmed already. Nothing was done.'
        : `This erasure is ${row.state}; its copies can be confirmed once it is done.`,
    )
  const before = await readErasure(tx, id)
  const at = tx.desk.now()
  await tx.sql
    .updateTable('integrity.erasure')
    .set({ copies_confirmed_at: at })
    .where('id', '=', id)
    .execute()
  await tx.sql
    .updateTable('integrity.backup')
    .set({ confirmed_gone_at: at })
    .where('made_at', '<', row.approved_at ?? at)
    .where('confirmed_gone_at', 'is', null)
    .execute()
  await append(tx, {
    kind: 'integrity.copies.confirmed',
    subjects: [{ type: 'erasure', id }],
    sealed: { copies: before.unconfirmedCopies },
  })
  return readErasure(tx, id)
}

async function lockErasure(tx: Tx, id: string) {
  await requireMay(tx, 'item.erase')
  const row = await tx.sql
    .selectFrom('integrity.erasure')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!row) throw new Refusal('not_found', 'There is no erasure of this id that you may see.', { id })
  return row
}

interface Row {
  readonly id: string
  readonly item_ids: string[]
  readonly registration_numbers: string[]
  readonly legal_basis: string
  readonly proposed_by: string
  readonly proposed_at: Date
  readonly approved_by: string | null
  readonly state: Erasure['state']
  readonly done_before: Date | null
  readonly left_over: string[]
  readonly copies_confirmed_at: Date | null
}

/** Newest first, at most two hundred. */
export async function listErasures(tx: Tx, id: string | null = null): Promise<Erasure[]> {
  await requireMay(tx, 'item.erase')
  const rows = await sql<Row>`
    select e.id, e.item_ids, e.registration_numbers, e.legal_basis, identity.name_of(e.proposed_by) ->> 'name' as proposed_by,
      e.proposed_at, identity.name_of(e.approved_by) ->> 'name' as approved_by, e.state, e.approved_at as done_before, e.left_over, e.copies_confirmed_at
    from integrity.erasure e where ${id}::uuid is null or e.id = ${id}::uuid order by e.proposed_at desc limit 200`.execute(
    tx.sql,
  )
  const copies = await tx.sql
    .selectFrom('integrity.backup')
    .select(['folder', 'made_at'])
    .where('confirmed_gone_at', 'is', null)
    .orderBy('made_at')
    .execute()
  return rows.rows.map((row) => ({
    id: row.id,
    itemIds: row.item_ids,
    registrationNumbers: row.registration_numbers.map((number) => (number === '' ? null : number)),
    legalBasis: row.legal_basis,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at.toISOString(),
    approvedBy: row.approved_by,
    state: row.state,
    unconfirmedCopies: unconfirmed(row, copies),
  }))
}

/** Copies from before the erasure that nobody has confirmed as replaced: backups by folder, and key backups always. */
function unconfirmed(row: Row, copies: readonly { folder: string; made_at: Date }[]): string[] {
  const since = row.copies_confirmed_at === null ? row.done_before : null
  if (since === null || (row.state !== 'done' && row.state !== 'approved')) return []
  const newest = new Map(copies.map((copy) => [copy.folder, copy.made_at]))
  const old = [...newest]
    .filter(([, madeAt]) => madeAt < since)
    .map(([folder, madeAt]) => `backup in ${folder} of ${madeAt.toISOString()}`)
  return [
    ...row.left_over,
    ...old,
    `every copy of the keys (amanat keys backup) made before ${since.toISOString()}`,
  ]
}

async function readErasure(tx: Tx, id: string): Promise<Erasure> {
  const [found] = await listErasures(tx, id)
  if (!found) throw new Refusal('not_found', 'There is no erasure of this id that you may see.', { id })
  return found
}
