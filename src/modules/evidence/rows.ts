import { sql } from 'kysely'
import type { z } from 'zod'
import type { itemRow } from '../../contract/evidence-shapes.ts'
import type { Tx } from '../../platform/tx.ts'
import type { ItemRecord } from './policy.ts'

export type ItemRow = z.input<typeof itemRow>

/** Every column a row or a detail needs; `content_days` as two days, both included. */
export type ItemColumns = Omit<ItemRecord, 'content_days'> & {
  content_first: string | null
  content_last: string | null
}

/** Items by id under row-level security, in the order asked; what the actor may not see is left out. */
export async function readRows(tx: Tx, ids: readonly string[]): Promise<ItemColumns[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<ItemColumns>`
    select i.*, to_char(lower(i.content_days), 'YYYY-MM-DD') as content_first,
      to_char(upper(i.content_days) - 1, 'YYYY-MM-DD') as content_last
    from evidence.item i where i.id = any (${[...ids]}::uuid[])`.execute(tx.sql)
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** An item as the contract writes a row of a list. */
export function toRow(item: ItemColumns): ItemRow {
  return {
    id: item.id,
    collectionId: item.collection_id,
    registrationNumber: item.registration_number,
    name: item.name,
    kind: item.kind as ItemRow['kind'],
    state: item.state as ItemRow['state'],
    mediaType: item.media_type,
    format: item.format,
    family: item.family as ItemRow['family'],
    sizeBytes: item.size_bytes,
    language: item.language,
    classification: item.classification as ItemRow['classification'],
    flags: item.flags as ItemRow['flags'],
    legalHold: item.legal_hold,
    contentDate: contentDateOf(item),
    receivedAt: item.received_at.toISOString(),
    registeredAt: item.registered_at?.toISOString() ?? null,
    parentId: item.parent_id,
    childCount: item.child_count,
    reading: item.reading as ItemRow['reading'],
    quarantineReason:
      item.state === 'quarantined' ? (item.quarantine_reason as ItemRow['quarantineReason']) : null,
  }
}

function contentDateOf(item: ItemColumns): ItemRow['contentDate'] {
  if (item.content_written === null) return null
  type Known = NonNullable<ItemRow['contentDate']>
  return {
    written: item.content_written,
    calendar: item.content_calendar as Known['calendar'],
    precision: item.content_precision as Known['precision'],
    first: item.content_first,
    last: item.content_last,
  }
}
