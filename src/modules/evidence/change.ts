import { Refusal } from '../../base/refusal.ts'
import { readPeriod } from '../../base/calendar-period.ts'
import { fromDay, printDate } from '../../base/calendar.ts'
import type { evidenceRoutes } from '../../contract/evidence.ts'
import type { Order } from '../../contract/route.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { applyFlags } from './flags.ts'
import { reindexItems } from './index-items.ts'
import { lockItem } from './policy.ts'

export interface ItemChanged {
  readonly id: string
  readonly entryId: string
}

/** Puts an item under legal hold or lifts it. Under hold nothing of it is returned, disposed of or erased. */
export async function holdItem(
  tx: Tx,
  id: string,
  order: { hold: boolean; reason: string },
): Promise<ItemChanged> {
  const item = await lockItem(tx, id, 'item.hold')
  if (item.legal_hold === order.hold)
    throw new Refusal(
      'conflict',
      order.hold ? 'It is under legal hold already.' : 'It is not under legal hold.',
    )
  await tx.sql.updateTable('evidence.item').set({ legal_hold: order.hold }).where('id', '=', id).execute()
  const entryId = await append(tx, {
    kind: order.hold ? 'evidence.item.held' : 'evidence.item.hold_lifted',
    subjects: [{ type: 'item', id }],
    why: order.reason,
  })
  return { id, entryId }
}

export async function classifyItem(
  tx: Tx,
  id: string,
  order: { classification: string; reason: string },
): Promise<ItemChanged> {
  const item = await lockItem(tx, id, 'item.describe')
  const [entryId] = await applyFlags(tx, [item], order)
  return { id, entryId: entryId ?? '' }
}

export async function flagItem(
  tx: Tx,
  id: string,
  order: { flags: readonly string[]; compartmentId?: string | undefined; reason: string },
): Promise<ItemChanged> {
  const item = await lockItem(tx, id, 'item.describe')
  const [entryId] = await applyFlags(tx, [item], order)
  return { id, entryId: entryId ?? '' }
}

type DescribeOrder = Order<typeof evidenceRoutes.describeItem>['body']

/**
 * States metadata of an item. A statement of the same name by anybody is superseded, never overwritten; what was
 * found stays beside it. Refuses: not_found, not_permitted, invalid_input (a date no calendar has).
 */
export async function describeItem(tx: Tx, id: string, order: DescribeOrder): Promise<ItemChanged> {
  await lockItem(tx, id, 'item.describe')
  const stated = {
    ...Object.fromEntries(order.fields.map((field) => [field.name, field.value])),
    ...(order.language === undefined ? {} : { language: order.language ?? '' }),
    ...(order.contentDate === undefined ? {} : { contentDate: order.contentDate ?? '' }),
  }
  const date = order.contentDate === undefined ? {} : contentDate(order.contentDate)
  const entryId = await append(tx, {
    kind: 'evidence.item.described',
    subjects: [{ type: 'item', id }],
    ...(order.reason === undefined ? {} : { why: order.reason }),
    sealed: { stated },
  })
  await stateFields(tx, id, { fields: stated, saidBy: tx.actor.name, entryId })
  const change = { ...date, ...(order.language === undefined ? {} : { language: order.language }) }
  if (Object.keys(change).length > 0)
    await tx.sql.updateTable('evidence.item').set(change).where('id', '=', id).execute()
  await reindexItems(tx, [id])
  return { id, entryId }
}

/** Adds statements to an item; earlier ones of the same name are marked as superseded. */
export async function stateFields(
  tx: Tx,
  itemId: string,
  said: { fields: Readonly<Record<string, string>>; saidBy: string; entryId: string },
): Promise<void> {
  for (const [name, value] of Object.entries(said.fields)) {
    const id = tx.desk.newId()
    const statement = {
      id,
      item_id: itemId,
      name,
      value,
      said_by: said.saidBy,
      said_at: tx.desk.now(),
      entry_id: said.entryId,
    }
    await tx.sql.insertInto('evidence.statement').values(statement).execute()
    await tx.sql
      .updateTable('evidence.statement')
      .set({ superseded_by: id })
      .where('item_id', '=', itemId)
      .where('name', '=', name)
      .where('id', '<>', id)
      .where('superseded_by', 'is', null)
      .execute()
  }
}

/** A date as written into its columns. Refuses: invalid_input. */
export function contentDate(written: string | null) {
  if (written === null || written.trim() === '')
    return { content_written: null, content_calendar: null, content_precision: null, content_days: null }
  const period = readPeriod(written)
  if (period === null)
    throw new Refusal(
      'invalid_input',
      `“${written}” is not a date: write 1402-05-24, 2023-08, or 1402. Nothing was changed.`,
    )
  const { calendar, precision, firstDay, lastDay } = period
  const bound = (day: number | null) => (day === null ? '' : printDate(fromDay('gregorian', day)))
  return {
    content_written: written.trim(),
    content_calendar: calendar,
    content_precision: precision,
    content_days: `[${bound(firstDay)},${bound(lastDay)}]`,
  }
}
