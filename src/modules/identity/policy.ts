import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import { rolesGive, type Verb } from '../../contract/verbs.ts'
import type { Tx } from '../../platform/tx.ts'

/** A record that lies in a compartment. `id`: the item's or collection's; `collectionId`: of an item. */
export interface Sighted {
  readonly compartmentId: string
  readonly id: string
  readonly collectionId?: string | null
}

/**
 * The one decision: do the actor's roles give the verb, and does the actor see the subject?
 * The desk itself may everything. Without a subject only the roles count.
 */
export async function may(tx: Tx, verb: Verb, subject?: Sighted): Promise<boolean> {
  if (tx.actor.kind === 'system') return true
  if (!rolesGive(tx.actor.roles, verb)) return false
  return subject === undefined || sees(tx, subject)
}

/**
 * Refuses: not_found, where the actor may not even know of the subject; not_permitted, where no role of the
 * actor gives the verb.
 */
export async function requireMay(tx: Tx, verb: Verb, subject?: Sighted): Promise<void> {
  if (tx.actor.kind === 'system') return
  if (subject !== undefined && !(await sees(tx, subject))) throw notFound()
  if (!rolesGive(tx.actor.roles, verb))
    throw new Refusal(
      'not_permitted',
      `None of your roles allows "${verb}". Nothing was done. An administrator can give a role that does.`,
      { verb },
    )
}

/** Membership of the compartment, or a grant that runs; as the row-level policies decide it. */
export async function sees(tx: Tx, subject: Sighted): Promise<boolean> {
  const answer = await sql<{ sees: boolean }>`
    select identity.sees(${subject.compartmentId}::uuid, ${subject.id}::uuid)
      or (${subject.collectionId ?? null}::uuid is not null
          and identity.sees(${subject.compartmentId}::uuid, ${subject.collectionId ?? null}::uuid)) as sees`.execute(
    tx.sql,
  )
  return answer.rows[0]?.sees === true
}

/**
 * True where a grant that runs lets the actor download the original, not only a working copy. A grant to a collection
 * counts for what lies in ordinary compartments only, as it does for sight.
 */
export async function grantedOriginal(tx: Tx, subject: Sighted): Promise<boolean> {
  const answer = await sql<{ granted: boolean }>`select exists (
    select 1 from identity.dated_grant g
    where g.person_id = ${tx.actor.id}::uuid and g.original and g.revoked_at is null and g.until > ${tx.desk.now()}
      and (g.subject_id = ${subject.id}::uuid
        or (g.subject_id = ${subject.collectionId ?? null}::uuid
          and ${subject.compartmentId}::uuid = any (identity.ordinary_compartments())))) as granted`.execute(
    tx.sql,
  )
  return answer.rows[0]?.granted === true && sees(tx, subject)
}

/** What one may not see and what does not exist are told in the same words. */
export function notFound(): Refusal {
  return new Refusal('not_found', 'There is no such record, or you may not see it.')
}
