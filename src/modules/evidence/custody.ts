import { sql } from 'kysely'
import type { z } from 'zod'
import type { custodyEvent } from '../../contract/evidence-shapes.ts'
import type { Tx } from '../../platform/tx.ts'
import { parseSignedEntry } from '../../proof/entry.ts'
import { append } from '../ledger/append.ts'
import { entriesOf, type EntryRow } from '../ledger/read.ts'
import { openItem } from './policy.ts'
import { CUSTODY_KINDS, custodyWords } from './custody-words.ts'

export type CustodyEvent = z.input<typeof custodyEvent>

const AT_MOST = 10_000

/**
 * An item's chain of custody from its log entries, oldest first; before them what was stated of the time before
 * the desk. Views, searches and downloads are in the access log, which never leaves.
 * Refuses: not_permitted, not_found.
 */
export async function readCustody(tx: Tx, id: string): Promise<CustodyEvent[]> {
  await openItem(tx, id, 'item.read')
  return custodyOf(tx, id)
}

/** The same, for callers that have opened the item. */
export async function custodyOf(tx: Tx, id: string): Promise<CustodyEvent[]> {
  const rows = await entriesOf(tx, { type: 'item', id }, { kinds: CUSTODY_KINDS, limit: AT_MOST })
  const names = await namesOf(
    tx,
    rows.flatMap((row) => actorOf(row)?.onBehalfOf ?? []),
  )
  return rows.flatMap((row) => [...collectionEvents(row), toEvent(row, names)])
}

interface LoggedActor {
  readonly name?: string
  readonly onBehalfOf?: string | null
}

function actorOf(row: EntryRow): LoggedActor | undefined {
  return sealedOf(row)['actor'] as LoggedActor | undefined
}

/** The entry keeps the id of the person whom the desk acted for; the name is what it is now. */
async function namesOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; name: string | null }>`
    select id, identity.name_of(id) ->> 'name' as name
    from unnest(${[...new Set(ids)]}::uuid[]) as id`.execute(tx.sql)
  return new Map(rows.flatMap(({ id, name }) => (name === null ? [] : [[id, name]])))
}

/** “desk, for Local operator” where the desk did in the background what a person had asked for. */
function whoActed(actor: LoggedActor | undefined, names: ReadonlyMap<string, string>): string {
  const name = actor?.name ?? 'erased'
  const forWhom = actor?.onBehalfOf ?? null
  return forWhom === null ? name : `${name}, for ${names.get(forWhom) ?? forWhom}`
}

/** Records a handover: giver, receiver, time, place, purpose, seal. */
export async function recordHandover(
  tx: Tx,
  id: string,
  order: { giver: string; receiver: string; at: string; place: string; purpose: string; seal: string },
): Promise<{ id: string; entryId: string }> {
  await openItem(tx, id, 'item.describe')
  const entryId = await append(tx, {
    kind: 'evidence.item.handed_over',
    subjects: [{ type: 'item', id }],
    sealed: { handover: { ...order } },
  })
  return { id, entryId }
}

function toEvent(row: EntryRow, names: ReadonlyMap<string, string>): CustodyEvent {
  const sealed = sealedOf(row)
  const open = row.envelope === null ? {} : parseSignedEntry(row.envelope).entry.detail
  const { actor: _actor, why, ...rest } = sealed
  const detail = { ...open, ...rest }
  return {
    id: row.id,
    at: row.at.toISOString(),
    kind: row.kind,
    words:
      row.erased_by === null ? custodyWords(row.kind, detail) : `Erased by order (entry ${row.erased_by}).`,
    who: whoActed(actorOf(row), names),
    why: typeof why === 'string' ? why : null,
    detail,
    sealed: row.index,
  }
}

/** Custody before the desk stands in the entry of the arrival; it is shown as an event of its own. */
function collectionEvents(row: EntryRow): CustodyEvent[] {
  const stated = sealedOf(row)['custody'] as Record<string, unknown> | undefined
  if (stated === undefined || Object.keys(stated).length === 0) return []
  const holders = Array.isArray(stated['priorHolders']) ? stated['priorHolders'] : []
  return [
    {
      id: row.id,
      at: row.at.toISOString(),
      kind: 'evidence.item.collected',
      words: custodyWords('evidence.item.collected', stated),
      who: String(stated['collectedBy'] ?? holders.at(-1) ?? 'not stated'),
      why: null,
      detail: stated,
      sealed: row.index,
    },
  ]
}

function sealedOf(row: EntryRow): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row.disclosures ?? {}).map(([name, { value }]) => [name, value]))
}
