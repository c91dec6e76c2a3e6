import { sql } from 'kysely'
import type { evidenceRoutes } from '../../contract/evidence.ts'
import type { Order } from '../../contract/route.ts'
import type { Tx } from '../../platform/tx.ts'
import { appendMany } from '../ledger/append.ts'
import { reindexItems } from './index-items.ts'
import { lockItems, type ItemRecord } from './policy.ts'
import type { StateChange } from './register.ts'

type Decision = Order<typeof evidenceRoutes.decideQuarantine>['body']

export interface QuarantineOrder {
  readonly id: string
  readonly reason: string
  readonly words: string
}

/** Puts items into quarantine; one that is registered keeps its number. One that stands there keeps its reason. */
export async function quarantineItems(tx: Tx, orders: readonly QuarantineOrder[]): Promise<void> {
  if (orders.length === 0) return
  const { rows } = await sql<QuarantineOrder>`
    update evidence.item i set state = 'quarantined', quarantine_reason = q.reason,
      quarantine_words = q.words, quarantined_at = ${tx.desk.now()}
    from unnest(${orders.map((one) => one.id)}::uuid[], ${orders.map((one) => one.reason)}::text[],
      ${orders.map((one) => one.words.toWellFormed())}::text[]) as q (id, reason, words)
    where i.id = q.id and i.state <> 'quarantined' returning q.*`.execute(tx.sql)
  await appendMany(
    tx,
    rows.map(({ id, reason, words }) => ({
      kind: 'evidence.item.quarantined',
      subjects: [{ type: 'item', id }],
      sealed: { reason, words },
    })),
  )
}

/**
 * Decides on quarantined items: `release` lets them be registered, `return` gives them back to the provider (bytes
 * and entries stay). What cannot be decided is answered with its reason.
 */
export async function decideQuarantine(tx: Tx, order: Decision): Promise<StateChange> {
  const items = await lockItems(tx, order.items, 'item.register')
  const refused: StateChange['refused'] = order.items
    .filter((id) => !items.some((item) => item.id === id))
    .map((id) => ({ id, code: 'not_found', words: 'There is no item of this id that you may see.' }))
  const ready = items.filter((item) => {
    const why = whyNot(item, order.decision)
    if (why) refused.push({ id: item.id, ...why })
    return why === null
  })
  const changed = ready.map((item) => ({
    id: item.id,
    registrationNumber: item.registration_number,
    state: order.decision === 'return' ? ('returned' as const) : releasedState(item),
  }))
  for (const state of new Set(changed.map((one) => one.state))) {
    const ids = changed.filter((one) => one.state === state).map((one) => one.id)
    await tx.sql.updateTable('evidence.item').set({ state }).where('id', 'in', ids).execute()
  }
  await appendMany(
    tx,
    ready.map((item) => ({
      kind: order.decision === 'return' ? 'evidence.item.returned' : 'evidence.item.released_from_quarantine',
      subjects: [{ type: 'item', id: item.id }],
      why: order.reason,
      sealed: { reason: item.quarantine_reason },
    })),
  )
  await reindexItems(
    tx,
    changed.map((one) => one.id),
  )
  return { changed, refused, changedCount: changed.length }
}

function releasedState(item: ItemRecord): 'received' | 'registered' | 'processed' {
  if (item.registration_number === null) return 'received'
  return item.reading === null ? 'registered' : 'processed'
}

function whyNot(item: ItemRecord, decision: Decision['decision']): { code: string; words: string } | null {
  if (item.state !== 'quarantined')
    return { code: 'wrong_state', words: `It is not in quarantine; its state is ${item.state}.` }
  if (decision === 'return' && item.legal_hold)
    return { code: 'legal_hold', words: 'It is under legal hold.' }
  return null
}

/** Opens processed items for review. */
export async function openForReview(tx: Tx, order: { items: readonly string[] }): Promise<StateChange> {
  const items = await lockItems(tx, order.items, 'item.register')
  const ready = items.filter((item) => item.state === 'processed')
  const refused = order.items
    .filter((id) => !ready.some((item) => item.id === id))
    .map((id) => {
      const item = items.find((one) => one.id === id)
      return item === undefined
        ? { id, code: 'not_found', words: 'There is no item of this id that you may see.' }
        : {
            id,
            code: 'wrong_state',
            words: `Only processed items open for review; its state is ${item.state}.`,
          }
    })
  const ids = ready.map((item) => item.id)
  if (ids.length > 0)
    await tx.sql.updateTable('evidence.item').set({ state: 'reviewable' }).where('id', 'in', ids).execute()
  await appendMany(
    tx,
    ids.map((id) => ({ kind: 'evidence.item.opened_for_review', subjects: [{ type: 'item', id }] })),
  )
  await reindexItems(tx, ids)
  const changed = ready.map((item) => ({
    id: item.id,
    registrationNumber: item.registration_number,
    state: 'reviewable' as const,
  }))
  return { changed, refused, changedCount: changed.length }
}

/** Containers that stood in quarantine because nothing of them could be read, and now were: back to where they were. */
export async function releaseRead(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const { rows } = await sql<{ id: string }>`
    update evidence.item set state = case when registration_number is null then 'received' else 'processed' end
    where id = any (${[...ids]}::uuid[]) and state = 'quarantined' and quarantine_reason = 'unreadable-container'
    returning id`.execute(tx.sql)
  await appendMany(
    tx,
    rows.map(({ id }) => ({
      kind: 'evidence.item.released_from_quarantine',
      subjects: [{ type: 'item', id }],
      why: 'It could be read.',
    })),
  )
}
