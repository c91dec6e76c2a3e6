import { sql } from 'kysely'
import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import type { JsonObject } from '../../proof/canonical.ts'
import { stateFields } from '../evidence/change.ts'
import { takeRegistrationNumbers } from '../evidence/numbers.ts'
import { openCollection } from '../evidence/policy.ts'
import { MetAnother, receiveItems, type Arrival } from '../evidence/receive.ts'
import type { SealedBlob } from '../vault/blob.ts'
import { Grouped } from './grouped.ts'
import { matchFiles, type Matched } from './manifest/match.ts'
import type { BatchRecord, FileRecord } from './policy.ts'
import { requestReading } from './request-reading.ts'
import { laterSegments } from './segments.ts'
import { addTasks, expansionBudget } from './tasks.ts'

export interface SealedFile {
  readonly file: FileRecord
  readonly blob: SealedBlob
}

const GROUP = 200
const MEETINGS = 5

/**
 * Makes items of a batch's sealed files, many in one transaction when they come fast. Give it what `sealBlob`
 * returned; it answers once item, entries and file state are durable.
 */
export class Receiver {
  private readonly grouped: Grouped<SealedFile, FileRecord>

  constructor(desk: Desk, actor: Actor, batch: BatchRecord) {
    this.grouped = new Grouped((files) => receiveGroup(desk, actor, batch, files), GROUP)
  }

  receive(sealed: SealedFile): Promise<FileRecord> {
    return this.grouped.add(sealed)
  }
}

async function receiveGroup(
  desk: Desk,
  actor: Actor,
  batch: BatchRecord,
  files: readonly SealedFile[],
): Promise<FileRecord[]> {
  const trusted = await inTransaction(desk, actor, async (tx) => {
    const collection = await openCollection(tx, batch.collection_id, 'intake.run')
    return collection.trusts_intake
  })
  const numbers = trusted ? await takeRegistrationNumbers(desk, files.length) : []
  for (let meeting = 1; ; meeting++) {
    try {
      return await inTransaction(desk, actor, async (tx) => {
        tx.afterCommit(() => requestReading(desk))
        return receiveIn(tx, batch, files, (at) => numbers[at] ?? null)
      })
    } catch (error) {
      if (!(error instanceof MetAnother) || meeting >= MEETINGS) throw error
    }
  }
}

async function receiveIn(
  tx: Tx,
  batch: BatchRecord,
  files: readonly SealedFile[],
  numberOf: (at: number) => Arrival['number'],
): Promise<FileRecord[]> {
  const states = await lockFiles(tx, files)
  const coming = files.filter(({ file }) =>
    ['announced', 'receiving', 'failed'].includes(states.get(file.id)?.state ?? ''),
  )
  const collection = await openCollection(tx, batch.collection_id, 'intake.run')
  const matches = await matchFiles(tx, batch.id, coming)
  const later = collection.trusts_intake
    ? await laterSegments(
        tx,
        batch.id,
        coming.map(({ file }) => file),
      )
    : new Set<string>()
  const arrivals = coming.map(({ file, blob }, at): Arrival => {
    const match = matches.get(file.id)
    return {
      id: tx.desk.newId(),
      blob,
      collectionId: batch.collection_id,
      compartmentId: collection.compartment_id,
      classification: collection.default_classification,
      sourceId: batch.source_id,
      batchId: batch.id,
      fileId: file.id,
      parentId: null,
      depth: 0,
      path: file.path,
      pathBytes: file.path_bytes,
      custody: { ...(batch.custody as JsonObject), ...match?.custody },
      quarantine: quarantineOf(match),
      number: later.has(file.id) ? null : numberOf(at),
    }
  })
  const receptions = await receiveItems(tx, arrivals)
  const settled = coming.map(({ file, blob }, at): Settled => {
    const reception = receptions[at]
    if (reception === undefined) throw new Error('an arrival has no reception')
    const quarantine = arrivals[at]?.quarantine ?? null
    return {
      id: file.id,
      state: reception.held ? 'held' : quarantine ? 'quarantined' : 'received',
      step: quarantine ? 'reconcile' : reception.held ? 'receive' : 'extract',
      reason: quarantine?.words ?? null,
      itemId: reception.itemId,
      sizeBytes: blob.sizeBytes,
    }
  })
  for (const row of await settleFiles(tx, settled)) states.set(row.id, row)
  for (const { id, itemId } of settled) await stateMatched(tx, itemId, matches.get(id))
  const fresh = arrivals.filter((_one, at) => receptions[at]?.held === false)
  await addTasks(
    tx,
    fresh.map((one) => ({ ...one, name: one.path, budgetBytes: expansionBudget(one.blob.sizeBytes) })),
  )
  return files.map(({ file }) => states.get(file.id) ?? file)
}

interface Settled {
  readonly id: string
  readonly state: 'held' | 'quarantined' | 'received'
  readonly step: 'reconcile' | 'receive' | 'extract'
  readonly reason: string | null
  readonly itemId: string
  readonly sizeBytes: number
}

async function settleFiles(tx: Tx, settled: readonly Settled[]): Promise<FileRecord[]> {
  if (settled.length === 0) return []
  const { rows } = await sql<FileRecord>`
    update intake.batch_file f set state = n.state, step = n.step, reason = n.reason, retryable = false,
      item_id = n.item_id, size_bytes = n.size_bytes, received_bytes = n.size_bytes, changed_at = ${tx.desk.now()}
    from unnest(${settled.map((one) => one.id)}::uuid[], ${settled.map((one) => one.state)}::text[],
      ${settled.map((one) => one.step)}::text[], ${settled.map((one) => one.reason)}::text[],
      ${settled.map((one) => one.itemId)}::uuid[], ${settled.map((one) => one.sizeBytes)}::bigint[])
      as n (id, state, step, reason, item_id, size_bytes)
    where f.id = n.id returning f.*`.execute(tx.sql)
  if (rows.length !== settled.length) throw new Error('not every file of the batch could be settled')
  return rows
}

/** The rows as they stand, locked: a second upload of the same file waits and then finds it received. */
async function lockFiles(tx: Tx, files: readonly SealedFile[]): Promise<Map<string, FileRecord>> {
  const rows = await tx.sql
    .selectFrom('intake.batch_file')
    .selectAll()
    .where(
      'id',
      'in',
      files.map(({ file }) => file.id),
    )
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

function quarantineOf(match: Matched | undefined): Arrival['quarantine'] {
  if (match?.outcome !== 'mismatch') return null
  const words = `The manifest states ${match.algorithm} ${match.stated}, the file has ${match.computed}.`
  return { reason: 'hash-mismatch', words }
}

/** What the provider says of a file, kept as asserted metadata. */
export async function stateMatched(tx: Tx, itemId: string, match: Matched | undefined): Promise<void> {
  if (match === undefined || Object.keys(match.fields).length === 0) return
  await stateFields(tx, itemId, {
    fields: match.fields,
    saidBy: `manifest ${match.manifest}`,
    entryId: match.entryId,
  })
}
