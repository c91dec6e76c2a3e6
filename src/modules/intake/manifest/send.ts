import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { Refusal } from '../../../base/refusal.ts'
import type { Actor } from '../../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../../platform/tx.ts'
import { quarantineItems } from '../../evidence/quarantine.ts'
import { append } from '../../ledger/append.ts'
import { openBatch, type BatchRecord } from '../policy.ts'
import { stateMatched } from '../receive.ts'
import { guessFormat, readManifest, type ManifestFormat } from './formats.ts'
import { matchFiles } from './match.ts'
import { readReconciliation, type Reconciliation } from './report.ts'
import { lastStep, pathKey, type ReadManifest } from './row.ts'

const MOST_BYTES = 512 * 1024 * 1024
const ROWS_AT_ONCE = 500

/**
 * Keeps the provider's list with the batch, in the place of an earlier one, and reconciles what was received
 * already; what comes later is reconciled as it comes.
 *
 * Refuses: not_permitted, not_found, batch_closed (cancelled or done), too_large, invalid_input.
 */
export async function sendManifest(
  desk: Desk,
  actor: Actor,
  order: {
    batchId: string
    name: string
    format?: ManifestFormat | undefined
    body: AsyncIterable<Uint8Array>
  },
): Promise<Reconciliation> {
  await inTransaction(desk, actor, (tx) => openChanging(tx, order.batchId))
  const bytes = await gather(order.body)
  const format = order.format ?? guessFormat(order.name, bytes)
  const read = readManifest(format, bytes)
  return inTransaction(desk, actor, async (tx) => {
    await openChanging(tx, order.batchId)
    await keep(tx, { ...order, format, read, sha256: createHash('sha256').update(bytes).digest('hex') })
    await matchReceived(tx, order.batchId)
    return readReconciliation(tx, order.batchId)
  })
}

async function openChanging(tx: Tx, id: string): Promise<BatchRecord> {
  const batch = await openBatch(tx, id, 'intake.run')
  if (batch.state === 'open' || batch.state === 'closed') return batch
  throw new Refusal('batch_closed', `This batch is ${batch.state}; its manifest can no longer be changed.`, {
    id,
  })
}

async function gather(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > MOST_BYTES)
      throw new Refusal('too_large', 'A manifest may have 512 MiB. Send it in several batches.')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function keep(
  tx: Tx,
  order: { batchId: string; name: string; format: ManifestFormat; read: ReadManifest; sha256: string },
): Promise<void> {
  const { batchId, name, format, read } = order
  await tx.sql.deleteFrom('intake.manifest').where('batch_id', '=', batchId).execute()
  const entry = await append(tx, {
    kind: 'intake.manifest.received',
    subjects: [{ type: 'batch', id: batchId }],
    detail: { format, rows: read.rows.length },
    sealed: { name, sha256: order.sha256 },
  })
  await tx.sql
    .insertInto('intake.manifest')
    .values({
      batch_id: batchId,
      name,
      format,
      columns: JSON.stringify(read.columns).toWellFormed(),
      problems: JSON.stringify(read.problems.slice(0, 10_000)).toWellFormed(),
      row_count: read.rows.length,
      sent_at: tx.desk.now(),
      entry_id: entry,
    })
    .execute()
  for (let at = 0; at < read.rows.length; at += ROWS_AT_ONCE) {
    const rows = read.rows.slice(at, at + ROWS_AT_ONCE).map((row) => {
      const key = pathKey(row.path)
      return { ...row, key, name: lastStep(key) }
    })
    const json = JSON.stringify(rows, (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll('\u0000', '').toWellFormed() : value,
    )
    await sql`insert into intake.manifest_row (batch_id, row, path, path_key, name_key, sha256, sha1, md5, fields, custody)
      select ${batchId}::uuid, r.row, r.path, r.key, r.name, decode(r.sha256, 'hex'), decode(r.sha1, 'hex'),
        decode(r.md5, 'hex'), r.fields, r.custody
      from jsonb_to_recordset(${json}::jsonb) as r (row integer, path text, key text, name text, sha256 text, sha1 text,
        md5 text, fields jsonb, custody jsonb)`.execute(tx.sql)
  }
}

/** Files that were there before the manifest: a mismatch goes to quarantine now. */
async function matchReceived(tx: Tx, batchId: string): Promise<void> {
  const rows = await tx.sql
    .selectFrom('intake.batch_file as f')
    .innerJoin('evidence.item as i', 'i.id', 'f.item_id')
    .select([
      'f.id',
      'f.path',
      'f.path_bytes',
      'f.state',
      'i.id as item',
      'i.address',
      'i.sha256',
      'i.sha1',
      'i.md5',
    ])
    .where('f.batch_id', '=', batchId)
    .execute()
  const files = rows.map((row) => ({
    file: { id: row.id, path: row.path, path_bytes: row.path_bytes },
    blob: {
      address: row.address ?? '',
      sha256: row.sha256?.toString('hex') ?? '',
      sha1: row.sha1?.toString('hex') ?? null,
      md5: row.md5?.toString('hex') ?? null,
    },
  }))
  const matches = await matchFiles(tx, batchId, files)
  for (const row of rows) {
    const match = matches.get(row.id)
    await stateMatched(tx, row.item, match)
    if (match?.outcome !== 'mismatch') continue
    const words = `The manifest states ${match.algorithm} ${match.stated}, the file has ${match.computed}.`
    await quarantineItems(tx, [{ id: row.item, reason: 'hash-mismatch', words }])
    await tx.sql
      .updateTable('intake.batch_file')
      .set({ state: 'quarantined', step: 'reconcile', reason: words, changed_at: tx.desk.now() })
      .where('id', '=', row.id)
      .execute()
  }
}
