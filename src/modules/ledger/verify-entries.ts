import { sql } from 'kysely'
import { equalBytes, toHex } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { nativePrimitives as p } from '../../platform/primitives-native.ts'
import type { Tx } from '../../platform/tx.ts'
import { isSignedBy, opensSealed, parseSignedEntry, type ReadEntry } from '../../proof/entry.ts'
import { ITEM_KIND, readAuthorisedKey } from '../../proof/item-entries.ts'
import { makeLeaf } from '../../proof/leaf.ts'
import type { EntryRow } from './store.ts'
import * as store from './store.ts'
import type { Findings } from './findings.ts'

interface Row extends EntryRow {
  readonly place: number
  readonly subjects: readonly string[]
}

interface Page {
  readonly first: number
  readonly width: number
  /** As the log has them; null where the bundle cannot be read. */
  readonly leaves: readonly Uint8Array[] | null
}

interface Into {
  readonly found: Findings
  readonly counts: { read: number; erased: number }
}

/** Checks the rows at places first … first + width − 1 against the log's leaves, and every column against its envelope. */
export async function checkEntries(tx: Tx, page: Page, into: Into): Promise<void> {
  const keys = new Map(
    (await store.entryKeys(tx.sql)).map((key) => [key.key_id, new Uint8Array(key.public_key)]),
  )
  const rows = new Map((await readPage(tx, page)).map((row) => [row.place, row]))
  for (let place = page.first; place < page.first + page.width; place++) {
    const row = rows.get(place)
    const leaf = page.leaves?.[place - page.first] ?? null
    if (row === undefined) {
      into.found.add({
        what: 'entry_missing',
        index: place,
        detail: 'the log has this entry; the database has no row for it',
      })
      continue
    }
    into.counts.read++
    if (row.erased_by !== null) into.counts.erased++
    if (leaf !== null && !equalBytes(leaf, row.leaf)) await nameMismatch(tx, row, leaf, into.found)
    if (row.erased_by === null) checkColumns(row, keys, into.found)
    else await checkErasure(tx, row, into.found)
  }
}

async function readPage(tx: Tx, page: Page): Promise<Row[]> {
  const query = sql<Row>`
    select p.index as place, e.*,
      array(select s.type || ' ' || s.id || ' ' || s.kind from ledger.subject s where s.entry_id = e.id) as subjects
    from ledger.position p join ledger.entry e on e.id = p.entry_id
    where p.index >= ${page.first} and p.index < ${page.first + page.width}`
  return (await query.execute(tx.sql)).rows
}

/** The row at a place has another leaf than the log: it was changed, or rows were moved. */
async function nameMismatch(tx: Tx, row: Row, leaf: Uint8Array, found: Findings): Promise<void> {
  const other = await sql<{
    id: string
  }>`select id from ledger.entry where leaf = ${Buffer.from(leaf)}`.execute(tx.sql)
  const moved = other.rows[0]
  if (moved === undefined)
    found.add({
      what: 'entry_changed',
      index: row.place,
      entryId: row.id,
      column: 'leaf',
      detail: 'its leaf is not the one in the log',
    })
  else
    found.add({
      what: 'entry_reordered',
      index: row.place,
      entryId: row.id,
      detail: `the log has entry ${moved.id} at this place`,
    })
}

/** Derives every column again from what was signed. */
function checkColumns(row: Row, keys: ReadonlyMap<string, Uint8Array>, found: Findings): void {
  const changed = (column: string, detail: string): void =>
    found.add({ what: 'entry_changed', index: row.place, entryId: row.id, column, detail })
  const read = readEnvelope(row)
  if (typeof read === 'string') return changed('envelope', read)
  const { entry, envelope } = read
  const { salt, envelope: bytes, disclosures } = row
  if (salt === null || bytes === null || !equalBytes(makeLeaf(p, salt, bytes), row.leaf))
    changed('envelope', 'envelope and salt do not give its leaf')
  if (entry.id !== row.id) changed('id', `it was signed as ${entry.id}`)
  if (entry.kind !== row.kind) changed('kind', `it was signed as ${entry.kind}`)
  if (entry.at !== row.at.toISOString()) changed('at', `it was signed at ${entry.at}`)
  for (const name of Object.keys(entry.sealed)) {
    const disclosure = disclosures?.[name]
    if (disclosure === undefined || !opens(read, name, disclosure))
      changed('disclosures', `the sealed field ${name} is not the one that was signed`)
  }
  const actor = disclosures?.['actor']?.value as { id?: unknown } | undefined
  if (actor?.id !== row.actor_id) changed('actor_id', 'it is not the actor that was signed')
  const signed = [...new Set(entry.subjects.map((one) => `${one.type} ${one.id} ${entry.kind}`))].sort()
  if (signed.join('\n') !== [...row.subjects].sort().join('\n'))
    changed('subjects', 'the ways to find it are not its subjects')
  const key = keys.get(envelope.keyId)
  if (key === undefined)
    found.add({
      what: 'key_unknown',
      index: row.place,
      entryId: row.id,
      detail: `it is signed by key ${envelope.keyId}, which this desk does not know`,
    })
  else if (!isSignedBy(p, envelope, key)) changed('envelope', 'its signature does not verify')
}

function opens(read: ReadEntry, name: string, disclosure: Parameters<typeof opensSealed>[3]): boolean {
  try {
    return opensSealed(p, read.entry, name, disclosure)
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

/** The entry, or why it cannot be read. */
function readEnvelope(row: Row): ReadEntry | string {
  try {
    return parseSignedEntry(row.envelope ?? new Uint8Array(0))
  } catch (error) {
    if (error instanceof Refusal) return error.detail
    throw error
  }
}

/** An erased entry must name an entry in the log that ordered just this. */
async function checkErasure(tx: Tx, row: Row, found: Findings): Promise<void> {
  const order = await sql<Row>`
    select e.envelope from ledger.entry e join ledger.position p on p.entry_id = e.id
    where e.id = ${row.erased_by}::uuid and e.kind like '%.erased'`.execute(tx.sql)
  const read = order.rows[0] === undefined ? 'there is none' : readEnvelope(order.rows[0])
  const names = typeof read === 'string' ? [] : read.entry.subjects
  if (names.some((one) => one.type === 'entry' && one.id === row.id)) return
  found.add({
    what: 'entry_changed',
    index: row.place,
    entryId: row.id,
    column: 'erased_by',
    detail: 'no entry in the log orders its erasure',
  })
}

/** What stands beside the log: rows without a place, places without a leaf, keys without an authorisation, the head. */
export async function checkQueue(
  tx: Tx,
  log: { readonly size: number; readonly readNow: () => Promise<number> },
  found: Findings,
): Promise<void> {
  const beyond = await sql<{ index: number; entry_id: string }>`
    select index, entry_id from ledger.position where index >= ${log.size} order by index limit 1000`.execute(
    tx.sql,
  )
  const newest = await log.readNow()
  for (const row of beyond.rows)
    if (row.index >= newest)
      found.add({
        what: 'entry_added',
        index: row.index,
        entryId: row.entry_id,
        detail: 'the database gives it a place that the log does not have',
      })
  const stray = await sql<{ id: string }>`
    select e.id from ledger.entry e
    where not exists (select 1 from ledger.position p where p.entry_id = e.id)
      and not exists (select 1 from ledger.pending q where q.entry_id = e.id and q.leaf = e.leaf) limit 1000`.execute(
    tx.sql,
  )
  for (const row of stray.rows)
    found.add({
      what: 'entry_dropped',
      entryId: row.id,
      detail: 'it has no place in the log and does not wait for one',
    })
  const ghosts = await sql<{ entry_id: string }>`
    select q.entry_id from ledger.pending q where not exists (select 1 from ledger.entry e where e.id = q.entry_id)
    union select s.entry_id from ledger.subject s where not exists (select 1 from ledger.entry e where e.id = s.entry_id)
    limit 1000`.execute(tx.sql)
  for (const row of ghosts.rows)
    found.add({
      what: 'entry_added',
      entryId: row.entry_id,
      detail: 'it waits or can be found, but there is no such entry',
    })
  await checkKeys(tx, found)
  await checkHead(tx, log.readNow, found)
}

async function checkKeys(tx: Tx, found: Findings): Promise<void> {
  const authorised = await sql<Row>`
    select envelope from ledger.entry where kind = ${ITEM_KIND.keyAuthorised} and envelope is not null`.execute(
    tx.sql,
  )
  const known = authorised.rows.flatMap((row) => {
    const read = readEnvelope(row)
    return typeof read === 'string' ? [] : [authorisedBy(read)]
  })
  for (const key of await store.entryKeys(tx.sql))
    if (!known.includes(toHex(key.public_key)))
      found.add({
        what: 'key_unknown',
        column: 'entry_key',
        detail: `key ${key.key_id} was never authorised on the log`,
      })
}

/** The key in hex; nothing where the entry does not hold one. */
function authorisedBy(read: ReadEntry): string {
  try {
    return toHex(readAuthorisedKey(read.entry))
  } catch (error) {
    if (error instanceof Refusal) return ''
    throw error
  }
}

/** The files are read after the row: they are published first, so they never know less. */
async function checkHead(tx: Tx, readNow: () => Promise<number>, found: Findings): Promise<void> {
  const rows = await sql<{ size: number }>`select size from ledger.head`.execute(tx.sql)
  const size = rows.rows[0]?.size ?? 0
  const newest = await readNow()
  if (size > newest)
    found.add({ what: 'head_differs', detail: `the database knows ${size} entries, the log has ${newest}` })
}
