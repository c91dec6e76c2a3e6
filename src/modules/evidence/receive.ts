import { sql } from 'kysely'
import { fromHex } from '../../base/bytes.ts'
import type { JsonObject, JsonValue } from '../../proof/canonical.ts'
import { commitToFileKey, ITEM_KIND, receivedDetail } from '../../proof/item-entries.ts'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import type { Tx } from '../../platform/tx.ts'
import { normalise } from '../../text/normalise.ts'
import { appendMany, type NewEntry } from '../ledger/append.ts'
import type { SealedBlob } from '../vault/blob.ts'
import { keepBlobs } from '../vault/keep.ts'
import type { RegistrationNumber } from './numbers.ts'
import { enterRegistrations } from './register.ts'

/** A sealed file that arrived. `id`: of the item that it becomes, unless its bytes are already held. */
export interface Arrival {
  readonly id: string
  readonly blob: SealedBlob
  readonly collectionId: string
  readonly compartmentId: string
  readonly classification: string
  readonly sourceId: string | null
  readonly batchId: string
  /** The batch's file; null for what came out of a container. */
  readonly fileId: string | null
  readonly parentId: string | null
  readonly depth: number
  /** Safe to show. */
  readonly path: string
  /** The path's own bytes, where `path` does not spell them. */
  readonly pathBytes: Buffer | null
  readonly custody: JsonObject
  readonly quarantine: { readonly reason: string; readonly words: string } | null
  /** Given where the collection registers what arrives without a complaint. */
  readonly number: RegistrationNumber | null
}

export interface Reception {
  readonly itemId: string
  /** True where the bytes were already held: a second acquisition of `itemId`. */
  readonly held: boolean
}

/** Two arrivals of the same bytes met; the caller runs its transaction again and then finds them held. */
export class MetAnother extends Error {}

/**
 * Makes items of sealed files, or second acquisitions where a collection holds the bytes already (files of
 * containers always become items: their place in the container matters). Blobs, rows and entries in one transaction.
 *
 * Throws MetAnother where another transaction was faster. Returns receptions in the order of `arrivals`.
 */
export async function receiveItems(tx: Tx, arrivals: readonly Arrival[]): Promise<Reception[]> {
  const held = await findHeld(tx, arrivals)
  const fresh: Arrival[] = []
  const again: Arrival[] = []
  const receptions = arrivals.map((arrival): Reception => {
    const key = sameBytes(arrival)
    const known = arrival.parentId === null ? held.get(key) : undefined
    if (known === undefined) {
      fresh.push(arrival)
      if (arrival.parentId === null) held.set(key, arrival.id)
      return { itemId: arrival.id, held: false }
    }
    again.push(arrival)
    return { itemId: known, held: true }
  })
  const entries = await appendMany(tx, [
    ...fresh.map(receivedEntry),
    ...again.map((one) => againEntry(one, held)),
  ])
  await keepBlobs(
    tx,
    fresh.map((one) => one.blob),
  )
  await insertItems(tx, fresh, entries)
  await insertAcquisitions(tx, [...fresh, ...again], entries, held)
  const numbered = fresh.flatMap(({ id, number, quarantine }) =>
    number && !quarantine ? [{ id, number }] : [],
  )
  await enterRegistrations(tx, numbered)
  return receptions
}

function sameBytes({ collectionId, compartmentId, blob }: Arrival): string {
  return `${collectionId} ${compartmentId} ${blob.sha256}`
}

/** Only what the actor may see is looked at: row-level security holds for this query as for any other. */
async function findHeld(tx: Tx, arrivals: readonly Arrival[]): Promise<Map<string, string>> {
  const top = arrivals.filter((arrival) => arrival.parentId === null)
  if (top.length === 0) return new Map()
  const digests = [...new Set(top.map((arrival) => arrival.blob.sha256))].map((hex) => bytesOf(hex))
  const rows = await tx.sql
    .selectFrom('evidence.item')
    .select(['id', 'collection_id', 'compartment_id', 'sha256'])
    .where('sha256', 'in', digests)
    .where((at) => at.or([at('parent_id', 'is', null), at('segment', 'is not', null)]))
    .where('state', 'not in', ['returned', 'disposed'])
    .execute()
  return new Map(
    rows.map((row) => [`${row.collection_id} ${row.compartment_id} ${row.sha256?.toString('hex')}`, row.id]),
  )
}

function receivedEntry(arrival: Arrival): NewEntry {
  const { blob, id } = arrival
  const fileKeyCommitment = commitToFileKey(nativePrimitives, blob.fileKey)
  return {
    kind: ITEM_KIND.received,
    subjects: [{ type: 'item', id }],
    detail: receivedDetail({ ...blob, fileKeyCommitment }),
    sealed: arrivalFields(arrival),
  }
}

function againEntry(arrival: Arrival, held: ReadonlyMap<string, string>): NewEntry {
  const id = held.get(sameBytes(arrival)) ?? arrival.id
  return {
    kind: 'evidence.item.received_again',
    subjects: [{ type: 'item', id }],
    sealed: arrivalFields(arrival),
  }
}

function arrivalFields(arrival: Arrival): Record<string, JsonValue> {
  const { path, sourceId, batchId, parentId, collectionId, custody, quarantine } = arrival
  return {
    path: path.toWellFormed(),
    collection: collectionId,
    batch: batchId,
    ...(sourceId === null ? {} : { source: sourceId }),
    ...(parentId === null ? {} : { parent: parentId }),
    ...(Object.keys(custody).length === 0 ? {} : { custody }),
    ...(quarantine === null ? {} : { quarantine: { ...quarantine } }),
  }
}

async function insertItems(tx: Tx, fresh: readonly Arrival[], entries: readonly string[]): Promise<void> {
  if (fresh.length === 0) return
  const at = tx.desk.now()
  const made = await tx.sql
    .insertInto('evidence.item')
    .values(fresh.map((one, place) => itemRow(one, entryAt(entries, place), at)))
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute()
  if (made.length !== fresh.length) throw new MetAnother()
  const parents = [...new Set(fresh.flatMap((one) => one.parentId ?? []))]
  for (const parent of parents) {
    const added = fresh.filter((one) => one.parentId === parent).length
    await sql`update evidence.item set child_count = child_count + ${added} where id = ${parent}`.execute(
      tx.sql,
    )
  }
}

function itemRow(one: Arrival, entry: string, at: Date) {
  const { blob, quarantine } = one
  const name = nameOf(one.path)
  return {
    id: one.id,
    collection_id: one.collectionId,
    compartment_id: one.compartmentId,
    source_id: one.sourceId,
    batch_id: one.batchId,
    parent_id: one.parentId,
    depth: one.depth,
    kind: 'digital',
    state: quarantine === null ? 'received' : 'quarantined',
    name,
    name_key: nameKey(name),
    path: one.path,
    path_bytes: one.pathBytes,
    size_bytes: blob.sizeBytes,
    address: blob.address,
    sha256: bytesOf(blob.sha256),
    sha1: blob.sha1 === null ? null : bytesOf(blob.sha1),
    md5: blob.md5 === null ? null : bytesOf(blob.md5),
    classification: one.classification,
    received_at: at,
    received_entry: entry,
    quarantine_reason: quarantine?.reason ?? null,
    quarantine_words: quarantine?.words ?? null,
    quarantined_at: quarantine === null ? null : at,
  }
}

async function insertAcquisitions(
  tx: Tx,
  arrivals: readonly Arrival[],
  entries: readonly string[],
  held: ReadonlyMap<string, string>,
): Promise<void> {
  if (arrivals.length === 0) return
  const rows = arrivals.map((one, place) => {
    const itemId = one.parentId === null ? (held.get(sameBytes(one)) ?? one.id) : one.id
    return {
      id: tx.desk.newId(),
      item_id: itemId,
      batch_id: one.batchId,
      file_id: one.fileId,
      source_id: one.sourceId,
      path: one.path,
      path_bytes: one.pathBytes,
      custody: JSON.stringify(one.custody),
      received_at: tx.desk.now(),
      entry_id: entryAt(entries, place),
      first: itemId === one.id,
    }
  })
  await tx.sql.insertInto('evidence.acquisition').values(rows).execute()
}

function entryAt(entries: readonly string[], place: number): string {
  const entry = entries[place]
  if (entry === undefined) throw new Error('fewer entries were made than asked for')
  return entry
}

/** The last step of a path; the whole where there is none. */
export function nameOf(path: string): string {
  return path.split('/').findLast((step) => step !== '') ?? path
}

/** A name as it is sorted and looked for: letter variants folded, at most 200 characters. */
export function nameKey(name: string): string {
  return normalise(name).text.replaceAll('\u0000', '').slice(0, 200).toWellFormed()
}

function bytesOf(hex: string): Buffer {
  const bytes = fromHex(hex)
  if (bytes === null) throw new Error('a digest is not hexadecimal')
  return Buffer.from(bytes)
}
