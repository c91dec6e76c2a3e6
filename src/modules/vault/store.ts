import { sql, type Kysely, type Transaction } from 'kysely'
import type { Database } from '../../platform/database.ts'

type Queries = Kysely<Database> | Transaction<Database>

export interface BlobRow {
  readonly address: string
  readonly size_bytes: number
  readonly epoch_id: string
  /** Null once erased. */
  readonly wrapped_key: Buffer | null
  readonly erased_by: string | null
}

export async function keep(
  db: Queries,
  epochId: string,
  blobs: readonly { address: string; sizeBytes: number; wrappedKey: Buffer }[],
  at: Date,
): Promise<void> {
  await sql`select vault.keep(${blobs.map((one) => one.address)}::text[], ${blobs.map((one) => one.sizeBytes)}::bigint[],
    ${epochId}, ${blobs.map((one) => one.wrappedKey)}::bytea[], ${at})`.execute(db)
}

export async function find(db: Queries, addresses: readonly string[]): Promise<BlobRow[]> {
  return (await sql<BlobRow>`select * from vault.find(${addresses}::text[])`.execute(db)).rows
}

export async function listAfter(
  db: Queries,
  after: string,
  atMost: number,
): Promise<Pick<BlobRow, 'address' | 'size_bytes' | 'erased_by'>[]> {
  return (await sql<BlobRow>`select * from vault.list(${after}, ${atMost})`.execute(db)).rows
}

export async function listToRewrap(
  db: Queries,
  epochId: string,
  atMost: number,
): Promise<{ address: string; epoch_id: string; wrapped_key: Buffer }[]> {
  const query = sql<{ address: string; epoch_id: string; wrapped_key: Buffer }>`
    select * from vault.list_to_rewrap(${epochId}, ${atMost})`
  return (await query.execute(db)).rows
}

export async function rewrap(
  db: Queries,
  epochId: string,
  keys: readonly { address: string; key: Buffer }[],
): Promise<void> {
  await sql`select vault.rewrap(${keys.map((one) => one.address)}::text[], ${epochId}, ${keys.map((one) => one.key)}::bytea[])`.execute(
    db,
  )
}

export async function erase(db: Queries, address: string, orderedBy: string): Promise<boolean> {
  const query = sql<{ erased: boolean }>`select vault.erase(${address}, ${orderedBy}::uuid) as erased`
  return (await query.execute(db)).rows[0]?.erased === true
}
