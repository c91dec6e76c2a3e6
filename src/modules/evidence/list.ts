import { sql } from 'kysely'
import type { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { readPeriod } from '../../base/calendar-period.ts'
import { fromDay, printDate } from '../../base/calendar.ts'
import type { itemFilter, itemListQuery } from '../../contract/evidence.ts'
import type { Tx } from '../../platform/tx.ts'
import { requireMay } from '../identity/policy.ts'
import { missing, openItem } from './policy.ts'
import { nameKey } from './receive.ts'
import { readRows, toRow, type ItemColumns, type ItemRow } from './rows.ts'

export type ItemFilter = z.output<typeof itemFilter>
export type ItemListQuery = z.output<typeof itemListQuery>

export interface Page {
  readonly items: ItemRow[]
  readonly next: string | null
}

/** A count stops here: beyond it the answer is "at least so many". */
const COUNT_CAP = 10_000

/**
 * A page of items that the actor may see, in any offered order, without a cap: `next` goes on behind the last one.
 * Refuses: not_permitted; invalid_input (a date or a cursor that cannot be read).
 */
export async function listItems(tx: Tx, query: ItemListQuery): Promise<Page> {
  const { rows, next } = await listPage(tx, query, query)
  return { items: rows.map(toRow), next }
}

/** What came out of an item, oldest first. */
export async function listChildren(
  tx: Tx,
  id: string,
  page: { after?: string | undefined; limit: number },
): Promise<Page> {
  await openItem(tx, id, 'item.list')
  return listItems(tx, { ...page, parent: id, sort: 'received', order: 'asc' })
}

/** How many items a filter holds; counted up to 10,000. */
export async function countItems(tx: Tx, filter: ItemFilter): Promise<{ count: number; exact: boolean }> {
  await requireMay(tx, 'item.list')
  const { rows } = await sql<{ count: number }>`
    select evidence.count_items(${JSON.stringify(toConditions(filter))}::jsonb, ${COUNT_CAP + 1}) as count`.execute(
    tx.sql,
  )
  const count = rows[0]?.count ?? 0
  return { count: Math.min(count, COUNT_CAP), exact: count <= COUNT_CAP }
}

/** The item of a registration number. Refuses: not_permitted, not_found. */
export async function findByNumber(tx: Tx, number: string): Promise<ItemRow> {
  await requireMay(tx, 'item.list')
  const found = await tx.sql
    .selectFrom('evidence.item')
    .select('id')
    .where('registration_number', '=', number)
    .executeTakeFirst()
  const [row] = found ? await readRows(tx, [found.id]) : []
  return row ? toRow(row) : missing('item', number)
}

interface QuarantineQuery {
  readonly collection?: string | undefined
  readonly reason?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** What stands in quarantine, the latest first. */
export async function listQuarantine(tx: Tx, query: QuarantineQuery) {
  const filter = {
    collection: query.collection,
    state: ['quarantined' as const],
    quarantineReason: query.reason,
  }
  const { rows, next } = await listPage(tx, filter, { ...query, sort: 'quarantined', order: 'desc' })
  const items = rows.map((row) => ({
    ...toRow(row),
    words: row.quarantine_words ?? '',
    quarantinedAt: (row.quarantined_at ?? row.received_at).toISOString(),
  }))
  return { items, next }
}

interface Paging {
  readonly sort: string
  readonly order: 'asc' | 'desc'
  readonly after?: string | undefined
  readonly limit: number
}

async function listPage(
  tx: Tx,
  filter: ItemFilter & { quarantineReason?: string | undefined },
  paging: Paging,
): Promise<{ rows: ItemColumns[]; next: string | null }> {
  await requireMay(tx, 'item.list')
  const { key, id } = readCursor(paging.after)
  const found = await sql<{ id: string; key: string }>`
    select * from evidence.list_items(${JSON.stringify(toConditions(filter))}::jsonb, ${paging.sort},
      ${paging.order === 'desc'}, ${key}, ${id}::uuid, ${paging.limit})`.execute(tx.sql)
  const rows = await readRows(
    tx,
    found.rows.map((row) => row.id),
  )
  // The function and the policies decide sight in two places; they must agree.
  if (rows.length !== found.rows.length)
    throw new Error('a list held an item that row-level security does not show')
  const last = found.rows.at(-1)
  const next = last && found.rows.length === paging.limit ? writeCursor(last) : null
  return { rows, next }
}

function toConditions(
  filter: ItemFilter & { quarantineReason?: string | undefined },
): Record<string, unknown> {
  const { collection, source, batch, parent, topOnly, state, family, language, classification } = filter
  const conditions = {
    collection_id: collection,
    source_id: source,
    batch_id: batch,
    parent_id: parent,
    topOnly: topOnly || undefined,
    state: filled(state),
    family: filled(family),
    language: filled(language),
    classification: filled(classification),
    hold: filter.hold,
    flag: filter.flag,
    days: days(filter),
    receivedFrom: filter.receivedFrom,
    receivedTo: filter.receivedTo,
    nameKey: filter.name === undefined ? undefined : nameKey(filter.name),
    quarantineReason: filter.quarantineReason,
  }
  return Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined))
}

function filled<T>(values: readonly T[] | undefined): readonly T[] | undefined {
  return values === undefined || values.length === 0 ? undefined : values
}

function days({ dateFrom, dateTo }: ItemFilter): string | undefined {
  if (dateFrom === undefined && dateTo === undefined) return undefined
  const first = dateFrom === undefined ? '' : gregorian(dateFrom, 'firstDay')
  const last = dateTo === undefined ? '' : gregorian(dateTo, 'lastDay')
  if (first !== '' && last !== '' && first > last)
    throw new Refusal('invalid_input', 'The first date lies after the last one.')
  return `[${first},${last}]`
}

function gregorian(written: string, bound: 'firstDay' | 'lastDay'): string {
  const day = readPeriod(written)?.[bound]
  if (day === undefined || day === null)
    throw new Refusal('invalid_input', `“${written}” is not a date: write 1402-05-24, 2023-08, or 1402.`)
  return printDate(fromDay('gregorian', day))
}

function writeCursor(last: { id: string; key: string }): string {
  return Buffer.from(JSON.stringify([last.key, last.id])).toString('base64url')
}

function readCursor(cursor: string | undefined): { key: string | null; id: string | null } {
  if (cursor === undefined) return { key: null, id: null }
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown]
    if (typeof key === 'string' && typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id)) return { key, id }
  } catch {
    // what cannot be read is refused below
  }
  throw new Refusal(
    'invalid_input',
    'This page cannot be found: its cursor is not one of this list. Begin at the first page.',
  )
}
