import { sql } from 'kysely'
import type { z } from 'zod'
import { Refusal } from '../../../base/refusal.ts'
import type { reconciliation } from '../../../contract/intake.ts'
import type { Tx } from '../../../platform/tx.ts'
import { openBatch } from '../policy.ts'

export type Reconciliation = z.input<typeof reconciliation>

const LISTED = 10_000

/** What the provider said against what came. Refuses: not_permitted, not_found (also: no manifest was sent). */
export async function readReconciliation(tx: Tx, batchId: string): Promise<Reconciliation> {
  await openBatch(tx, batchId, 'intake.read')
  const manifest = await tx.sql
    .selectFrom('intake.manifest')
    .selectAll()
    .where('batch_id', '=', batchId)
    .executeTakeFirst()
  if (!manifest) throw new Refusal('not_found', 'No manifest was sent with this batch.', { batchId })
  const counted = await tx.sql
    .selectFrom('intake.manifest_row')
    .select((at) => ['outcome', at.fn.countAll<number>().as('count')])
    .where('batch_id', '=', batchId)
    .groupBy('outcome')
    .execute()
  const count = (outcome: string): number => counted.find((row) => row.outcome === outcome)?.count ?? 0
  const missing = await rows(tx, batchId, 'missing')
  const mismatch = await rows(tx, batchId, 'mismatch')
  const extra = await extraFiles(tx, batchId)
  const problems = manifest.problems as unknown as Reconciliation['problems']
  return {
    manifest: manifest.name,
    format: manifest.format as Reconciliation['format'],
    columns: manifest.columns as unknown as Reconciliation['columns'],
    counts: {
      rows: manifest.row_count,
      matched: count('matched'),
      unhashed: count('unhashed'),
      missing: count('missing'),
      extra: extra.count,
      mismatch: count('mismatch'),
    },
    missing: missing.map(({ row, path }) => ({ row, path })),
    extra: extra.files,
    mismatch: mismatch.map((row) => ({
      row: row.row,
      path: row.path,
      itemId: row.item_id,
      algorithm: row.algorithm ?? '',
      stated: row.stated ?? '',
      computed: row.computed ?? '',
    })),
    problems,
    cut: missing.length === LISTED || mismatch.length === LISTED || extra.count > extra.files.length,
  }
}

interface ReportRow {
  row: number
  path: string
  item_id: string | null
  algorithm: string | null
  stated: string | null
  computed: string | null
}

async function rows(tx: Tx, batchId: string, outcome: string): Promise<ReportRow[]> {
  const found = await sql<ReportRow>`
    select r.row, r.path, f.item_id, r.algorithm, r.computed,
      encode(case r.algorithm when 'sha256' then r.sha256 when 'sha1' then r.sha1 else r.md5 end, 'hex') as stated
    from intake.manifest_row r left join intake.batch_file f on f.id = r.file_id
    where r.batch_id = ${batchId}::uuid and r.outcome = ${outcome} order by r.row limit ${LISTED}`.execute(
    tx.sql,
  )
  return found.rows
}

async function extraFiles(tx: Tx, batchId: string) {
  const found = await sql<{ path: string; itemId: string | null; count: number }>`
    select f.path, f.item_id as "itemId", count(*) over () as count from intake.batch_file f
    where f.batch_id = ${batchId}::uuid and f.state in ('received', 'done', 'held', 'quarantined')
      and not exists (select 1 from intake.manifest_row r where r.batch_id = f.batch_id and r.file_id = f.id)
    order by f.id limit ${LISTED}`.execute(tx.sql)
  return { count: found.rows[0]?.count ?? 0, files: found.rows.map(({ path, itemId }) => ({ path, itemId })) }
}
