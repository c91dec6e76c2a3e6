import { sql } from 'kysely'
import type { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import type { evidenceRoutes } from '../../contract/evidence.ts'
import type { Order } from '../../contract/route.ts'
import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { ITEM_KIND, registeredDetail } from '../../proof/item-entries.ts'
import { requireMay } from '../identity/policy.ts'
import { appendMany } from '../ledger/append.ts'
import { applyFlags } from './flags.ts'
import { reindexItems } from './index-items.ts'
import { takeRegistrationNumbers, type RegistrationNumber } from './numbers.ts'
import { lockItems, type ItemRecord } from './policy.ts'

export type StateChange = z.input<typeof evidenceRoutes.registerItems.answer>
export type RegisterOrder = Order<typeof evidenceRoutes.registerItems>['body']

const AT_ONCE = 250
const LISTED = 10_000

/**
 * Registers items, each under a number that was never given: ids, or everything a batch brought. In groups, each a
 * transaction; what cannot be registered is answered with its reason and the rest stands.
 *
 * Refuses: not_permitted; invalid_input (neither items nor a batch). Per item: not_found, already_registered,
 * part_of_image, quarantined, wrong_state, named_readers_needed.
 */
export async function registerItems(desk: Desk, actor: Actor, order: RegisterOrder): Promise<StateChange> {
  await inTransaction(desk, actor, (tx) => requireMay(tx, 'item.register'))
  if ((order.items === undefined) === (order.batch === undefined))
    throw new Refusal('invalid_input', 'Name items, or a batch: one of the two. Nothing was registered.')
  const total: StateChange = { changed: [], refused: [], changedCount: 0 }
  for await (const ids of groups(desk, actor, order)) {
    const numbers = await takeRegistrationNumbers(desk, ids.length)
    const done = await inTransaction(desk, actor, (tx) => registerGroup(tx, ids, numbers, order))
    total.changedCount += done.changedCount
    total.changed.push(...done.changed.slice(0, LISTED - total.changed.length))
    total.refused.push(...done.refused.slice(0, LISTED - total.refused.length))
  }
  return total
}

async function* groups(desk: Desk, actor: Actor, order: RegisterOrder): AsyncGenerator<string[]> {
  const asked = [...new Set(order.items ?? [])]
  for (let at = 0; at < asked.length; at += AT_ONCE) yield asked.slice(at, at + AT_ONCE)
  let after = '00000000-0000-0000-0000-000000000000'
  while (order.batch !== undefined) {
    const ids = await inTransaction(desk, actor, (tx) => receivedAfter(tx, order.batch ?? '', after))
    if (ids.length === 0) return
    yield ids
    after = ids.at(-1) ?? after
  }
}

async function receivedAfter(tx: Tx, batch: string, after: string): Promise<string[]> {
  const rows = await tx.sql
    .selectFrom('evidence.item')
    .select('id')
    .where('batch_id', '=', batch)
    .where('state', '=', 'received')
    .where('segment', 'is', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(AT_ONCE)
    .execute()
  return rows.map((row) => row.id)
}

async function registerGroup(
  tx: Tx,
  ids: readonly string[],
  numbers: readonly RegistrationNumber[],
  order: RegisterOrder,
): Promise<StateChange> {
  const items = await lockItems(tx, ids, 'item.register')
  const refused: StateChange['refused'] = ids
    .filter((id) => !items.some((item) => item.id === id))
    .map((id) => ({ id, code: 'not_found', words: 'There is no item of this id that you may see.' }))
  const ready = items.filter((item) => {
    const why = whyNot(item)
    if (why) refused.push({ id: item.id, ...why })
    return why === null
  })
  if (order.flags !== undefined || order.classification !== undefined) await applyFlags(tx, ready, order)
  const pairs = ready.flatMap((item, at) => (numbers[at] ? [{ id: item.id, number: numbers[at] }] : []))
  const states = await enterRegistrations(tx, pairs, order.note)
  await reindexItems(
    tx,
    ready.filter((item) => item.reading !== null).map((item) => item.id),
  )
  const changed = pairs.map(({ id, number }) => ({
    id,
    registrationNumber: number.written,
    state: states.get(id) ?? ('registered' as const),
  }))
  return { changed, refused, changedCount: changed.length }
}

function whyNot(item: ItemRecord): { code: string; words: string } | null {
  if (item.registration_number !== null)
    return { code: 'already_registered', words: `Registered already, as ${item.registration_number}.` }
  if (item.segment !== null)
    return {
      code: 'part_of_image',
      words: 'Is a segment of a disk image, and registered with its first one.',
    }
  if (item.state === 'quarantined')
    return { code: 'quarantined', words: 'Stands in quarantine: decide there first.' }
  if (item.state !== 'received') return { code: 'wrong_state', words: `Its state is ${item.state}.` }
  return null
}

/**
 * Gives numbers to received items and logs each. Checks nothing: its callers have. An item that was read already
 * is processed at once.
 */
export async function enterRegistrations(
  tx: Tx,
  pairs: readonly { id: string; number: RegistrationNumber }[],
  why?: string,
): Promise<Map<string, 'registered' | 'processed'>> {
  if (pairs.length === 0) return new Map()
  const entries = await appendMany(
    tx,
    pairs.map(({ id, number }) => ({
      kind: ITEM_KIND.registered,
      subjects: [{ type: 'item', id }],
      detail: registeredDetail(number.written),
      ...(why === undefined ? {} : { why }),
    })),
  )
  const { rows } = await sql<{ id: string; state: 'registered' | 'processed' }>`
    update evidence.item i set registration_number = n.number, registration_order = n.place,
      registered_entry = n.entry, registered_at = ${tx.desk.now()},
      state = case when i.reading is null then 'registered' else 'processed' end
    from unnest(${pairs.map((one) => one.id)}::uuid[], ${pairs.map((one) => one.number.written)}::text[],
      ${pairs.map((one) => one.number.order)}::bigint[], ${entries}::uuid[]) as n (id, number, place, entry)
    where i.id = n.id returning i.id, i.state`.execute(tx.sql)
  if (rows.length !== pairs.length) throw new Error('not every item could be registered')
  await settleSegments(
    tx,
    rows.map((row) => row.id),
  )
  return new Map(rows.map((row) => [row.id, row.state]))
}

/** The segments of a registered image are registered with it: its number is theirs. */
export async function settleSegments(tx: Tx, heads: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    update evidence.item m set state = 'processed' from evidence.item h
    where m.parent_id = any (${[...heads]}::uuid[]) and m.segment is not null and m.state = 'received'
      and h.id = m.parent_id and h.registration_number is not null returning m.id`.execute(tx.sql)
  if (rows.length > 0)
    await reindexItems(
      tx,
      rows.map((row) => row.id),
    )
}
