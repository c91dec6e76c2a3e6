import { sql } from 'kysely'
import type { z } from 'zod'
import type { batchFile, intakeRoutes } from '../../contract/intake.ts'
import type { Order } from '../../contract/route.ts'
import type { Tx } from '../../platform/tx.ts'
import { givenPath, type GivenPath } from './paths.ts'
import { openBatch, openTakingBatch, type FileRecord } from './policy.ts'

export type BatchFile = z.input<typeof batchFile>

export interface Announced {
  readonly path: GivenPath
  readonly sizeBytes: number | null
  readonly modifiedAt: Date | null
}

/**
 * Says which files come; answers, in the same order, where each stands. One that was announced before keeps its
 * state, so that what is there already is not sent again; one that failed may come again.
 */
export async function announceFiles(
  tx: Tx,
  batchId: string,
  order: Order<typeof intakeRoutes.announceFiles>['body'],
): Promise<{ files: BatchFile[] }> {
  await openTakingBatch(tx, batchId)
  const announced = order.files.map((file) => ({
    path: givenPath(file.path),
    sizeBytes: file.sizeBytes,
    modifiedAt: file.modifiedAt === undefined ? null : new Date(file.modifiedAt),
  }))
  return { files: (await enterFiles(tx, batchId, announced)).map(toFile) }
}

/** The rows of announced files, made where they are missing; for callers that have opened the batch. */
export async function enterFiles(
  tx: Tx,
  batchId: string,
  files: readonly Announced[],
): Promise<FileRecord[]> {
  const at = tx.desk.now()
  const unique = new Map(files.map((file) => [file.path.digest.toString('hex'), file]))
  await tx.sql
    .insertInto('intake.batch_file')
    .values(
      [...unique.values()].map((file) => ({
        id: tx.desk.newId(),
        batch_id: batchId,
        path_digest: file.path.digest,
        path: file.path.shown,
        path_bytes: file.path.bytes,
        size_bytes: file.sizeBytes,
        modified_at: file.modifiedAt,
        state: 'announced',
        step: 'receive',
        changed_at: at,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['batch_id', 'path_digest'])
        .doUpdateSet((row) => ({
          state: 'announced',
          reason: null,
          received_bytes: 0,
          size_bytes: row.ref('excluded.size_bytes'),
        }))
        .where('intake.batch_file.state', 'in', ['failed', 'cancelled']),
    )
    .execute()
  const rows = await tx.sql
    .selectFrom('intake.batch_file')
    .selectAll()
    .where('batch_id', '=', batchId)
    .where(
      'path_digest',
      'in',
      [...unique.values()].map((file) => file.path.digest),
    )
    .execute()
  const byDigest = new Map(rows.map((row) => [row.path_digest.toString('hex'), row]))
  return files.map((file) => {
    const row = byDigest.get(file.path.digest.toString('hex'))
    if (!row) throw new Error('an announced file has no row')
    return row
  })
}

/** Files of a batch in the order they were announced. Refuses: not_permitted, not_found. */
export async function listFiles(
  tx: Tx,
  batchId: string,
  query: Order<typeof intakeRoutes.listBatchFiles>['query'],
): Promise<{ files: BatchFile[]; next: string | null }> {
  await openBatch(tx, batchId, 'intake.read')
  let found = tx.sql
    .selectFrom('intake.batch_file')
    .selectAll()
    .where('batch_id', '=', batchId)
    .orderBy('id')
    .limit(query.limit)
  if (query.state !== undefined && query.state.length > 0) found = found.where('state', 'in', query.state)
  if (query.after !== undefined) found = found.where(sql<boolean>`id > ${query.after}::uuid`)
  const rows = await found.execute()
  return { files: rows.map(toFile), next: rows.length < query.limit ? null : (rows.at(-1)?.id ?? null) }
}

/** Names files whose bytes could not be taken, each with its step and reason. */
export async function failFile(
  tx: Tx,
  fileId: string,
  failure: { step: string; reason: string; retryable: boolean },
): Promise<FileRecord> {
  return tx.sql
    .updateTable('intake.batch_file')
    .set({ ...failure, state: 'failed', changed_at: tx.desk.now() })
    .set((at) => ({ tries: at('tries', '+', 1) }))
    .where('id', '=', fileId)
    .where('state', 'in', ['announced', 'receiving', 'failed'])
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function toFile(row: FileRecord): BatchFile {
  return {
    id: row.id,
    path: row.path,
    sizeBytes: row.size_bytes,
    offset: row.received_bytes,
    state: row.state as BatchFile['state'],
    step: row.step,
    reason: row.reason,
    retryable: row.retryable,
    itemId: row.item_id,
    tries: row.tries,
  }
}
