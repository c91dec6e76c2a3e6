import { sql } from 'kysely'
import type { Tx } from '../../platform/tx.ts'
import { appendMany } from '../ledger/append.ts'
import { reindexItems } from './index-items.ts'

/** What was read of an item, ready to be kept. */
export interface ItemReading {
  readonly itemId: string
  readonly mediaType: string
  readonly format: string
  readonly family: string
  readonly outcome: 'read' | 'partly' | 'unread'
  readonly language: string | null
  readonly found: readonly { name: string; value: string | number | boolean; saidBy: string }[]
  readonly notices: readonly { code: string; words: string; step: string; retryable: boolean }[]
  readonly parts: readonly ReadPart[]
}

export interface ReadPart {
  readonly label: string
  readonly text: string
  readonly locator: Readonly<Record<string, string | number | boolean>>
  readonly needsOcr: boolean
  readonly language: string | null
}

/**
 * Keeps what was read of items, in place of an earlier reading, and hands their text to the index. A registered
 * item is processed with it. The language a person stated stays.
 */
export async function recordReadings(tx: Tx, readings: readonly ItemReading[]): Promise<void> {
  if (readings.length === 0) return
  const entries = await appendMany(tx, readings.map(entryOf))
  const ids = readings.map((one) => one.itemId)
  const at = tx.desk.now()
  await tx.sql.deleteFrom('evidence.text_part').where('item_id', 'in', ids).execute()
  const rows = readings.map((one, place) => ({
    item_id: one.itemId,
    found: JSON.stringify(one.found.map((field) => ({ ...field, value: clean(field.value) }))),
    notices: JSON.stringify(one.notices.map((notice) => ({ ...notice, words: clean(notice.words) }))),
    read_at: at,
    entry_id: entries[place] ?? '',
  }))
  await tx.sql
    .insertInto('evidence.reading')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('item_id').doUpdateSet((row) => ({
        found: row.ref('excluded.found'),
        notices: row.ref('excluded.notices'),
        read_at: row.ref('excluded.read_at'),
        entry_id: row.ref('excluded.entry_id'),
      })),
    )
    .execute()
  await insertParts(tx, readings)
  await updateItems(tx, readings)
  await reindexItems(tx, ids)
}

function entryOf(one: ItemReading) {
  return {
    kind: 'evidence.item.read',
    subjects: [{ type: 'item', id: one.itemId }],
    detail: { outcome: one.outcome, parts: one.parts.length },
    sealed: { format: one.format, notices: one.notices.slice(0, 20).map((notice) => notice.code) },
  }
}

/** A few hundred parts a statement: a workbook may have thousands, a mailbox more. */
async function insertParts(tx: Tx, readings: readonly ItemReading[]): Promise<void> {
  const parts = readings.flatMap((one) =>
    one.parts.map((part, place) => ({ itemId: one.itemId, part, place })),
  )
  for (let at = 0; at < parts.length; at += 200) {
    const rows = parts.slice(at, at + 200).map(({ itemId, part, place }) => {
      const text = clean(part.text)
      return {
        item_id: itemId,
        part: place,
        label: clean(part.label),
        locator: JSON.stringify(
          Object.fromEntries(Object.entries(part.locator).map(([name, value]) => [name, clean(value)])),
        ),
        language: part.language,
        needs_ocr: part.needsOcr,
        characters: text.length,
        text,
      }
    })
    await tx.sql.insertInto('evidence.text_part').values(rows).execute()
  }
}

async function updateItems(tx: Tx, readings: readonly ItemReading[]): Promise<void> {
  await sql`
    update evidence.item i set media_type = r.media_type, format = r.format, family = r.family, reading = r.outcome,
      state = case when i.state = 'registered' then 'processed' else i.state end,
      language = case when exists (select 1 from evidence.statement s where s.item_id = i.id and s.name = 'language'
        and s.superseded_by is null and s.value <> '') then i.language else r.language end
    from jsonb_to_recordset(${JSON.stringify(
      readings.map((one) => ({
        id: one.itemId,
        media_type: clean(one.mediaType),
        format: clean(one.format),
        family: one.family,
        outcome: one.outcome,
        language: one.language,
      })),
    )}::jsonb) as r (id uuid, media_type text, format text, family text, outcome text, language text)
    where i.id = r.id`.execute(tx.sql)
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair. */
function clean<T>(value: T): T
function clean(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\u0000', '').toWellFormed() : value
}
