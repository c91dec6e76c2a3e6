import { sql } from 'kysely'
import type { Tx } from '../../platform/tx.ts'
import { splitPassages, type Passage } from '../../text/passages.ts'
import { indexSubjects, removeSubjects, type IndexOrder } from '../search/index-subject.ts'

interface IndexRow {
  id: string
  compartment_id: string
  collection_id: string
  collection: string
  name: string
  path: string
  format: string
  language: string | null
  classification: string
  state: string
  source: string | null
  first_day: number | null
  last_day: number | null
  parts: { label: string; text: string }[] | null
}

const CHARACTERS_AT_ONCE = 2_000_000

/**
 * Hands items to the search index as they stand now: name, text and what they can be filtered by. Called in the
 * transaction of each change that search can see. Returned and disposed items leave the index.
 */
export async function reindexItems(tx: Tx, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += 50) {
    const rows = await readItems(tx, ids.slice(at, at + 50))
    const out = rows.filter(isOut)
    if (out.length > 0)
      await removeSubjects(
        tx,
        out.map((row) => row.id),
      )
    for (const group of groupsOf(rows.filter((row) => !isOut(row))))
      await indexSubjects(tx, group.map(toOrder))
  }
}

function isOut({ state }: IndexRow): boolean {
  return state === 'returned' || state === 'disposed'
}

/** Items of little text share a segment; one of very much has its own, so that memory stays bounded. */
function groupsOf(rows: readonly IndexRow[]): IndexRow[][] {
  const groups: IndexRow[][] = []
  let room = 0
  for (const row of rows) {
    const characters = (row.parts ?? []).reduce((sum, part) => sum + part.text.length, 0)
    if (characters > room || groups.length === 0) {
      groups.push([])
      room = CHARACTERS_AT_ONCE
    }
    groups.at(-1)?.push(row)
    room -= characters
  }
  return groups
}

function toOrder(row: IndexRow): IndexOrder {
  return {
    subjectType: 'item',
    subjectId: row.id,
    compartmentId: row.compartment_id,
    collectionId: row.collection_id,
    name: row.path,
    facets: {
      collection: row.collection,
      type: row.format,
      language: row.language ?? '',
      classification: row.classification,
      state: row.state,
      source: row.source ?? '',
    },
    firstDay: row.first_day,
    lastDay: row.last_day,
    passages: passagesOf(row),
  }
}

function passagesOf(row: IndexRow): Passage[] {
  return splitPassages(row.parts ?? [])
}

async function readItems(tx: Tx, ids: readonly string[]): Promise<IndexRow[]> {
  const { rows } = await sql<IndexRow>`
    select i.id, i.compartment_id, i.collection_id, coalesce(c.name, '') as collection, i.name, i.path, i.format,
      i.language, i.classification, i.state, s.code as source,
      lower(i.content_days) - date '1970-01-01' as first_day, upper(i.content_days) - 1 - date '1970-01-01' as last_day,
      (select json_agg(json_build_object('label', p.label, 'text', p.text) order by p.part)
        from evidence.text_part p where p.item_id = i.id) as parts
    from evidence.item i left join evidence.collection c on c.id = i.collection_id
      left join evidence.source s on s.id = i.source_id
    where i.id = any (${[...ids]}::uuid[])`.execute(tx.sql)
  return rows
}
