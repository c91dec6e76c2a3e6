import { sql } from 'kysely'
import type { z } from 'zod'
import type { receipt as shape } from '../../contract/intake.ts'
import type { Tx } from '../../platform/tx.ts'
import { csvCell } from '../evidence/custody-export.ts'
import { countBatch } from './counts.ts'
import { openBatch } from './policy.ts'

export type Receipt = z.input<typeof shape>
type Line = Receipt['failed'][number]

const LISTED = 10_000

/** The receipt as far as the batch is. Refuses: not_permitted, not_found. */
export async function readReceipt(tx: Tx, batchId: string): Promise<Receipt> {
  await openBatch(tx, batchId, 'intake.read')
  return makeReceipt(tx, batchId)
}

/** The same, for callers that have opened the batch. */
export async function makeReceipt(tx: Tx, batchId: string): Promise<Receipt> {
  const head = await tx.sql
    .selectFrom('intake.batch as b')
    .leftJoin('evidence.collection as c', 'c.id', 'b.collection_id')
    .leftJoin('evidence.source as s', 's.id', 'b.source_id')
    .select(['b.id', 'b.label', 'b.state', 'b.created_at', 'b.done_at', 'b.receipt_entry', 'b.collection_id'])
    .select(['c.name as collection', 's.code'])
    .where('b.id', '=', batchId)
    .executeTakeFirstOrThrow()
  const held = await heldFiles(tx, batchId)
  const quarantined = await fileLines(tx, batchId, ['quarantined'])
  const failed = await fileLines(tx, batchId, ['failed', 'cancelled'])
  const unread = await unreadLines(tx, batchId)
  return {
    batch: head.id,
    label: head.label,
    collection: { id: head.collection_id, name: head.collection ?? 'another collection' },
    source: head.code,
    state: head.state as Receipt['state'],
    startedAt: head.created_at.toISOString(),
    finishedAt: head.done_at?.toISOString() ?? null,
    counts: await countBatch(tx, batchId),
    alreadyHeld: held,
    quarantined: [...quarantined, ...(await quarantinedChildren(tx, batchId))].slice(0, LISTED),
    failed,
    unread,
    cut: [held, quarantined, failed, unread].some((lines) => lines.length === LISTED),
    entryId: head.receipt_entry,
  }
}

async function heldFiles(tx: Tx, batchId: string): Promise<Receipt['alreadyHeld']> {
  const rows = await tx.sql
    .selectFrom('intake.batch_file')
    .select(['path', 'item_id'])
    .where('batch_id', '=', batchId)
    .where('state', '=', 'held')
    .orderBy('id')
    .limit(LISTED)
    .execute()
  return rows.map((row) => ({ path: row.path, itemId: row.item_id ?? '' }))
}

async function fileLines(tx: Tx, batchId: string, states: readonly string[]): Promise<Line[]> {
  const rows = await tx.sql
    .selectFrom('intake.batch_file')
    .select(['id', 'item_id', 'path', 'step', 'reason', 'retryable'])
    .where('batch_id', '=', batchId)
    .where('state', 'in', [...states])
    .orderBy('id')
    .limit(LISTED)
    .execute()
  return rows.map((row) => ({
    fileId: row.id,
    itemId: row.item_id,
    path: row.path,
    step: row.step,
    reason: row.reason ?? 'no reason was kept',
    kept: row.item_id !== null,
    retryable: row.retryable,
  }))
}

/** Files of containers, named with the container's path before theirs. */
const WHOLE_PATH = sql<string>`(with recursive above as (
  select i.parent_id, i.path, 0 as step
  union all select p.parent_id, p.path || ' › ' || above.path, step + 1
  from evidence.item p join above on p.id = above.parent_id where step < 64)
  select path from above where parent_id is null)`

async function quarantinedChildren(tx: Tx, batchId: string): Promise<Line[]> {
  const { rows } = await sql<{ id: string; path: string; words: string }>`
    select i.id, ${WHOLE_PATH} as path, i.quarantine_words as words from evidence.item i
    where i.batch_id = ${batchId}::uuid and i.parent_id is not null and i.state = 'quarantined'
    order by i.id limit ${LISTED}`.execute(tx.sql)
  return rows.map((row) => ({
    fileId: null,
    itemId: row.id,
    path: row.path,
    step: 'extract',
    reason: row.words,
    kept: true,
    retryable: true,
  }))
}

async function unreadLines(tx: Tx, batchId: string): Promise<Line[]> {
  interface Row {
    id: string
    path: string
    notices: { words: string; step: string; retryable: boolean }[] | null
  }
  const { rows } = await sql<Row>`
    select i.id, ${WHOLE_PATH} as path, r.notices from evidence.item i left join evidence.reading r on r.item_id = i.id
    where i.batch_id = ${batchId}::uuid and i.reading in ('partly', 'unread') and i.state <> 'quarantined'
    order by i.id limit ${LISTED}`.execute(tx.sql)
  return rows.map(({ id, path, notices }) => ({
    fileId: null,
    itemId: id,
    path,
    step: notices?.[0]?.step ?? 'text',
    reason: notices?.map((notice) => notice.words).join(' ') || 'Not all of it could be read.',
    kept: true,
    retryable: notices?.some((notice) => notice.retryable) ?? false,
  }))
}

export interface ReceiptFile {
  readonly name: string
  readonly mediaType: string
  readonly text: string
}

/** The receipt as a file: text for people, JSON whole, CSV of what needs somebody's eye. */
export function printReceipt(receipt: Receipt, format: 'txt' | 'json' | 'csv'): ReceiptFile {
  const name = `receipt-${receipt.batch}.${format}`
  if (format === 'json')
    return { name, mediaType: 'application/json', text: `${JSON.stringify(receipt, null, 2)}\n` }
  const lists = [
    ['quarantined', receipt.quarantined],
    ['failed', receipt.failed],
    ['not wholly read', receipt.unread],
  ] as const
  if (format === 'csv') {
    const rows = lists.flatMap(([what, lines]) =>
      lines.map((line) => [
        what,
        line.path,
        line.step,
        line.reason,
        String(line.kept),
        String(line.retryable),
        line.itemId ?? '',
      ]),
    )
    const held = receipt.alreadyHeld.map((line) => [
      'already held',
      line.path,
      '',
      '',
      'true',
      'false',
      line.itemId,
    ])
    const head = ['what', 'path', 'step', 'reason', 'kept', 'retryable', 'item']
    const text = [head, ...rows, ...held].map((row) => row.map(csvCell).join(',')).join('\r\n')
    return { name, mediaType: 'text/csv; charset=utf-8', text: `\ufeff${text}\r\n` }
  }
  const { counts } = receipt
  const text = [
    `Receipt for batch ${receipt.batch}: ${receipt.label}`,
    `Collection: ${receipt.collection.name}`,
    `Source: ${receipt.source ?? 'not stated'}`,
    `Begun ${receipt.startedAt}, ${receipt.finishedAt === null ? 'not finished' : `finished ${receipt.finishedAt}`}`,
    `Taken ${counts.taken}, already held ${counts.alreadyHeld}, quarantined ${counts.quarantined}, failed ${counts.failed}; out of containers ${counts.children}; not wholly read ${counts.unread}`,
    ...(receipt.entryId === null ? [] : [`Log entry: ${receipt.entryId}`]),
    ...lists.flatMap(([what, lines]) => [
      ...(lines.length === 0 ? [] : ['', `${what}:`]),
      ...lines.map((line) => `  \u2068${line.path}\u2069: ${line.step}: ${line.reason}`),
    ]),
    ...(receipt.alreadyHeld.length === 0 ? [] : ['', 'already held:']),
    ...receipt.alreadyHeld.map((line) => `  \u2068${line.path}\u2069`),
    ...(receipt.cut ? ['', 'The lists were cut at 10,000 lines.'] : []),
  ]
  return { name, mediaType: 'text/plain; charset=utf-8', text: `${text.join('\n')}\n` }
}
