import { sql, type Kysely, type Transaction } from 'kysely'
import type pg from 'pg'
import type { Database } from '../../platform/database.ts'
import type { Disclosure } from '../../proof/entry.ts'

type Queries = Kysely<Database> | Transaction<Database>

export interface EntryRow {
  readonly id: string
  readonly kind: string
  readonly at: Date
  readonly actor_id: string
  readonly leaf: Buffer
  /** Null once erased, as are `salt` and `disclosures`. */
  readonly envelope: Buffer | null
  readonly salt: Buffer | null
  readonly disclosures: Readonly<Record<string, Disclosure>> | null
  readonly erased_by: string | null
  /** Its place in the log; null until a published checkpoint covers it. */
  readonly index: number | null
}

export interface Head {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
  readonly note: string
}

export async function entriesOf(
  db: Queries,
  order: { type: string; id: string; kinds: readonly string[] | null; after: string | null; limit: number },
): Promise<EntryRow[]> {
  const query = sql<EntryRow>`
    select * from ledger.entries_of(${order.type}, ${order.id}, ${order.kinds}::text[], ${order.after}::uuid, ${order.limit})`
  return (await query.execute(db)).rows
}

export async function entriesById(db: Queries, ids: readonly string[]): Promise<EntryRow[]> {
  return (await sql<EntryRow>`select * from ledger.entries_by_id(${ids}::uuid[])`.execute(db)).rows
}

export async function positionOf(db: Queries, entryId: string): Promise<number | null> {
  const found = await sql<{
    index: number
  }>`select index from ledger.position where entry_id = ${entryId}::uuid`.execute(db)
  return found.rows[0]?.index ?? null
}

export interface FirstEntry {
  readonly id: string
  readonly kind: string
  /** 0; null while the log is empty. */
  readonly index: number | null
}

/** The entry at place 0; while the log is empty, the earliest that waits. */
export async function firstEntry(db: Queries): Promise<FirstEntry | null> {
  const placed = await sql<FirstEntry>`
    select e.id, e.kind, p.index from ledger.position p join ledger.entry e on e.id = p.entry_id
    where p.index = 0`.execute(db)
  if (placed.rows[0] !== undefined) return placed.rows[0]
  const waiting = await sql<FirstEntry>`
    select id, kind, null as index from ledger.entry order by id limit 1`.execute(db)
  return waiting.rows[0] ?? null
}

export async function erase(db: Queries, entryId: string, orderedBy: string): Promise<boolean> {
  const query = sql<{ erased: boolean }>`select ledger.erase(${entryId}::uuid, ${orderedBy}::uuid) as erased`
  return (await query.execute(db)).rows[0]?.erased === true
}

export async function entryKeys(db: Queries): Promise<{ key_id: string; public_key: Buffer }[]> {
  return (
    await sql<{
      key_id: string
      public_key: Buffer
    }>`select key_id, public_key from ledger.entry_key`.execute(db)
  ).rows
}

export async function addEntryKey(
  db: Queries,
  key: { keyId: string; publicKey: Uint8Array; since: Date },
): Promise<void> {
  await sql`insert into ledger.entry_key (key_id, public_key, since)
    values (${key.keyId}, ${Buffer.from(key.publicKey)}, ${key.since})`.execute(db)
}

// From here on: the sequencer's own connection, whose login reads nothing else.

export interface Pending {
  readonly entry_id: string
  readonly leaf: Buffer
}

/** Committed entries without a place, whenever they were committed. */
export async function claim(client: pg.Client, atMost: number): Promise<Pending[]> {
  const found = await client.query<Pending>(
    'select entry_id, leaf from ledger.pending order by entry_id limit $1',
    [atMost],
  )
  return found.rows
}

export async function readHead(client: pg.Client): Promise<Head | null> {
  const found = await client.query<Head>('select origin, size, root, note from ledger.head')
  return found.rows[0] ?? null
}

/** Records places under a published checkpoint, all or none. `entryIds` stand at `first`, `first + 1`, … */
export async function place(
  client: pg.Client,
  order: {
    first: number
    entryIds: readonly string[]
    head: Omit<Head, 'root'> & { root: Uint8Array }
    at: Date
  },
): Promise<void> {
  const { origin, size, root, note } = order.head
  await client.query(
    `with placed as (
       insert into ledger.position (index, entry_id)
       select $1::bigint + e.nth - 1, e.id from unnest($2::uuid[]) with ordinality as e (id, nth)),
     taken as (delete from ledger.pending where entry_id = any ($2::uuid[]))
     insert into ledger.head (origin, size, root, note, published_at) values ($3, $4, $5, $6, $7)
     on conflict (one) do update set origin = excluded.origin, size = excluded.size, root = excluded.root,
       note = excluded.note, published_at = excluded.published_at`,
    [order.first, order.entryIds, origin, size, Buffer.from(root), note, order.at],
  )
}

/** Takes back the places from `size` on, after the log was continued at that size; their entries wait again. */
export async function requeue(client: pg.Client, size: number): Promise<void> {
  await client.query('select ledger.requeue($1)', [size])
}
