import { sql } from 'kysely'
import type { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import type {
  collectionRoutes,
  source as shape,
  sourceIdentity,
} from '../../contract/evidence-collections.ts'
import type { Order } from '../../contract/route.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { type Actor } from '../../platform/actor.ts'
import { requireMay } from '../identity/policy.ts'
import { append } from '../ledger/append.ts'
import { takeNumbers } from './numbers.ts'
import { mustSeeCompartment, openSource } from './policy.ts'

export type Source = z.input<typeof shape>
export type SourceIdentity = z.output<typeof sourceIdentity>
type SourceOrder = Order<typeof collectionRoutes.createSource>['body']
type PermissionOrder = Order<typeof collectionRoutes.permitSource>['body']

/** Gives a source its code (S-0001, never given again). Refuses: not_permitted, not_found, invalid_input. */
export async function createSource(desk: Desk, actor: Actor, order: SourceOrder): Promise<Source> {
  await inTransaction(desk, actor, (tx) => requireMay(tx, 'source.manage'))
  const number = await takeNumbers(desk, 'source', 1)
  return inTransaction(desk, actor, async (tx) => {
    await mustSeeCompartment(tx, order.compartmentId, ['ordinary', 'named-reader'])
    const id = desk.newId()
    const code = `S-${String(number).padStart(4, '0')}`
    const { kind, provider, permission, terms, note } = order
    await tx.sql
      .insertInto('evidence.source')
      .values({
        id,
        code,
        kind,
        provider,
        permission,
        terms,
        note,
        compartment_id: order.compartmentId,
        created_by: actor.id,
        created_at: desk.now(),
      })
      .execute()
    await append(tx, {
      kind: 'evidence.source.created',
      subjects: [{ type: 'source', id }],
      detail: { code },
      sealed: { kind, provider, permission, terms, note },
    })
    return readSource(tx, id)
  })
}

export async function readSource(tx: Tx, id: string): Promise<Source> {
  await openSource(tx, id, 'item.list')
  const [found] = await select(tx, sql`s.id = ${id}::uuid`, 1)
  if (!found) throw new Error('a source vanished within its transaction')
  return found
}

/** Sources in the order they were made. */
export async function listSources(
  tx: Tx,
  page: { after?: string | undefined; limit: number },
): Promise<{ sources: Source[]; next: string | null }> {
  await requireMay(tx, 'item.list')
  const sources = await select(tx, page.after ? sql`s.id > ${page.after}::uuid` : sql`true`, page.limit)
  return { sources, next: sources.length < page.limit ? null : (sources.at(-1)?.id ?? null) }
}

/** Records what the provider permits. Unknown blocks sharing; nothing is taken from what was shared already. */
export async function permitSource(tx: Tx, id: string, order: PermissionOrder): Promise<Source> {
  await openSource(tx, id, 'source.manage')
  const { status, terms, reason } = order
  await tx.sql
    .updateTable('evidence.source')
    .set({ permission: status, terms })
    .where('id', '=', id)
    .execute()
  await append(tx, {
    kind: 'evidence.source.permission_changed',
    subjects: [{ type: 'source', id }],
    why: reason,
    detail: { permission: status },
    sealed: { terms },
  })
  return readSource(tx, id)
}

/** Keeps who a source is, in a compartment for source identities that the actor is in. */
export async function keepSourceIdentity(
  tx: Tx,
  id: string,
  order: SourceIdentity & { compartmentId: string },
): Promise<void> {
  await openSource(tx, id, 'source.identity')
  await mustSeeCompartment(tx, order.compartmentId, ['source-identity'])
  const { name, contact, note } = order
  const kept = {
    name,
    contact,
    note,
    compartment_id: order.compartmentId,
    kept_by: tx.actor.id,
    kept_at: tx.desk.now(),
  }
  await tx.sql
    .insertInto('evidence.source_identity')
    .values({ source_id: id, ...kept })
    .onConflict((conflict) => conflict.column('source_id').doUpdateSet(kept))
    .execute()
  await append(tx, { kind: 'evidence.source.identity_kept', subjects: [{ type: 'source', id }] })
}

/** Who a source is. The entry of the read commits before the answer leaves. Refuses: not_permitted, not_found. */
export async function readSourceIdentity(
  desk: Desk,
  actor: Actor,
  id: string,
  why: string,
): Promise<SourceIdentity> {
  return inTransaction(desk, actor, async (tx) => {
    await openSource(tx, id, 'source.identity')
    const found = await tx.sql
      .selectFrom('evidence.source_identity')
      .select(['name', 'contact', 'note'])
      .where('source_id', '=', id)
      .executeTakeFirst()
    if (!found) throw new Refusal('not_found', 'No identity of this source is kept that you may see.', { id })
    await append(tx, { kind: 'evidence.source.identity_read', subjects: [{ type: 'source', id }], why })
    return found
  })
}

interface Row {
  id: string
  code: string
  kind: Source['kind']
  provider: string | null
  compartment_id: string
  compartment_name: string
  permission: Source['permission']['status']
  terms: string | null
  note: string
  created_at: Date
  has_identity: boolean
}

async function select(tx: Tx, where: ReturnType<typeof sql>, limit: number): Promise<Source[]> {
  const { rows } = await sql<Row>`
    select s.id, s.code, s.kind, s.provider, s.compartment_id, k.name as compartment_name, s.permission, s.terms,
      s.note, s.created_at, exists (select 1 from evidence.source_identity i where i.source_id = s.id) as has_identity
    from evidence.source s join identity.compartment k on k.id = s.compartment_id
    where ${where} order by s.id limit ${limit}`.execute(tx.sql)
  return rows.map((row) => ({
    id: row.id,
    code: row.code,
    kind: row.kind,
    provider: row.provider,
    compartment: { id: row.compartment_id, name: row.compartment_name },
    permission: { status: row.permission, terms: row.terms },
    note: row.note,
    hasIdentity: row.has_identity,
    createdAt: row.created_at.toISOString(),
  }))
}
