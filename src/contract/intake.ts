import { z } from 'zod'
import { collectionCustody, cursor, id, idParams, instant, limit, named, several } from './evidence-shapes.ts'
import { route } from './route.ts'

const tag = 'intake'

/** `open`: takes files; `closed`: no more files, work goes on; `done`: the receipt is final until a retry. */
export const BATCH_STATES = ['open', 'closed', 'done', 'cancelled'] as const
/**
 * `announced` → `receiving` → `received` → `done`; `held`: bytes already held, recorded as a second
 * acquisition; `quarantined`: kept, waits for a decision; `failed`: its bytes could not be taken.
 */
export const FILE_STATES = [
  'announced',
  'receiving',
  'received',
  'done',
  'held',
  'quarantined',
  'failed',
  'cancelled',
] as const

/** Longest piece of one upload call: a longer file goes up in several. */
export const PIECE_BYTES = 64 * 1024 * 1024

export const batchCounts = z.object({
  files: z.number(),
  bytes: z.number(),
  /** Bytes received so far. */
  bytesReceived: z.number(),
  /** Kept as items. */
  taken: z.number(),
  alreadyHeld: z.number(),
  quarantined: z.number(),
  failed: z.number(),
  /** Received, extraction still to come (children included). */
  waiting: z.number(),
  /** Kept, but not or not wholly read; named in the receipt. */
  unread: z.number(),
  /** Items that came out of containers. */
  children: z.number(),
})

export const batch = z.object({
  id,
  label: z.string(),
  collection: named,
  source: z.object({ id, code: z.string() }).nullable(),
  state: z.enum(BATCH_STATES),
  createdAt: instant,
  closedAt: instant.nullable(),
  createdBy: z.string(),
  counts: batchCounts,
  manifest: z.object({ name: z.string(), format: z.string(), rows: z.number() }).nullable(),
})

export const batchFile = z.object({
  id,
  /** As given, characters that could mislead replaced. */
  path: z.string(),
  sizeBytes: z.number().nullable(),
  offset: z.number(),
  state: z.enum(FILE_STATES),
  /** Where it stands or failed: 'receive', 'seal', 'reconcile', 'extract', 'index'. */
  step: z.string(),
  reason: z.string().nullable(),
  retryable: z.boolean(),
  itemId: id.nullable(),
  tries: z.number(),
})

export const MANIFEST_FORMATS = ['csv', 'bagit', 'concordance-dat', 'concordance-opt'] as const

/** One file that needs somebody's eye: what happened, whether its bytes are kept, whether trying again helps. */
const receiptLine = z.object({
  fileId: id.nullable(),
  itemId: id.nullable(),
  path: z.string(),
  step: z.string(),
  reason: z.string(),
  kept: z.boolean(),
  retryable: z.boolean(),
})

export const receipt = z.object({
  batch: id,
  label: z.string(),
  collection: named,
  source: z.string().nullable(),
  state: z.enum(BATCH_STATES),
  startedAt: instant,
  finishedAt: instant.nullable(),
  counts: batchCounts,
  alreadyHeld: z.array(z.object({ path: z.string(), itemId: id })),
  quarantined: z.array(receiptLine),
  failed: z.array(receiptLine),
  /** Kept, but not or not wholly read. */
  unread: z.array(receiptLine),
  /** True where a list above was cut at 10,000 lines; `files` has them all. */
  cut: z.boolean(),
  /** The entry that commits to this receipt; null until the batch is done. */
  entryId: id.nullable(),
})

export const reconciliation = z.object({
  manifest: z.string(),
  format: z.enum(MANIFEST_FORMATS),
  columns: z.array(z.object({ header: z.string(), meaning: z.string() })),
  counts: z.object({
    rows: z.number(),
    matched: z.number(),
    unhashed: z.number(),
    missing: z.number(),
    extra: z.number(),
    mismatch: z.number(),
  }),
  missing: z.array(z.object({ row: z.number(), path: z.string() })),
  extra: z.array(z.object({ path: z.string(), itemId: id.nullable() })),
  mismatch: z.array(
    z.object({
      row: z.number(),
      path: z.string(),
      itemId: id.nullable(),
      algorithm: z.string(),
      stated: z.string(),
      computed: z.string(),
    }),
  ),
  /** Rows that could not be read, with their line. */
  problems: z.array(z.object({ row: z.number(), words: z.string() })),
  cut: z.boolean(),
})

/** What the event stream sends, as `data:` lines; `done` ends it. */
export const progress = z.object({
  state: z.enum(BATCH_STATES),
  counts: batchCounts,
  /** Over the last ten seconds. */
  filesPerSecond: z.number(),
  bytesPerSecond: z.number(),
  secondsLeft: z.number().nullable(),
  done: z.boolean(),
})

const fileParams = z.object({ id, fileId: id })

export const intakeRoutes = {
  listBatches: route({
    method: 'GET',
    path: '/api/batches',
    tag,
    summary: 'Batches, newest first',
    access: 'intake.read',
    query: z.object({
      collection: id.optional(),
      state: several(z.enum(BATCH_STATES)),
      after: cursor.optional(),
      limit,
    }),
    answer: z.object({ batches: z.array(batch), next: z.string().nullable() }),
  }),
  createBatch: route({
    method: 'POST',
    path: '/api/batches',
    tag,
    summary: 'Begin a batch, or go on with the one of the same key',
    access: 'intake.run',
    body: z.object({
      collectionId: id,
      sourceId: id.nullable().default(null),
      label: z.string().trim().min(1).max(300),
      /** The same key by the same person in the same collection names the same batch: how an interrupted intake goes on. */
      key: z.string().min(8).max(200),
      custody: collectionCustody.default({}),
    }),
    answer: batch,
  }),
  readBatch: route({
    method: 'GET',
    path: '/api/batches/:id',
    tag,
    summary: 'One batch with counts',
    access: 'intake.read',
    params: idParams,
    answer: batch,
  }),
  listBatchFiles: route({
    method: 'GET',
    path: '/api/batches/:id/files',
    tag,
    summary: 'Files of a batch',
    access: 'intake.read',
    params: idParams,
    query: z.object({ state: several(z.enum(FILE_STATES)), after: cursor.optional(), limit }),
    answer: z.object({ files: z.array(batchFile), next: z.string().nullable() }),
  }),
  announceFiles: route({
    method: 'POST',
    path: '/api/batches/:id/files',
    tag,
    summary: 'Say which files come; answers where each stands',
    access: 'intake.run',
    params: idParams,
    body: z.object({
      files: z
        .array(
          z.object({
            path: z.string().min(1).max(4_096),
            sizeBytes: z.number().int().min(0),
            modifiedAt: instant.optional(),
          }),
        )
        .min(1)
        .max(1_000),
    }),
    /** In the order asked. A file already received says so: skip it. */
    answer: z.object({ files: z.array(batchFile) }),
  }),
  uploadFile: route({
    method: 'PUT',
    path: '/api/batches/:id/files/:fileId',
    tag,
    kind: 'upload',
    access: 'intake.run',
    summary:
      'Bytes of a file from `offset`; a whole small file in one call; complete once offset equals its size',
    params: fileParams,
    query: z.object({ offset: z.coerce.number<number | string>().int().min(0).default(0) }),
    answer: batchFile,
  }),
  receiveLocal: route({
    method: 'POST',
    path: '/api/batches/:id/local',
    tag,
    access: 'intake.run',
    summary:
      "Take files and folders of the desk's own machine; only over the local socket; goes on in the background",
    params: idParams,
    body: z.object({
      paths: z.array(z.string().min(1)).min(1).max(10_000),
      /** Close the batch when all are in. */ close: z.boolean().default(true),
    }),
    answer: batch,
  }),
  uploadManifest: route({
    method: 'PUT',
    path: '/api/batches/:id/manifest',
    tag,
    kind: 'upload',
    access: 'intake.run',
    summary: "The provider's list: CSV, a BagIt manifest, Concordance DAT or OPT",
    params: idParams,
    query: z.object({ name: z.string().min(1).max(300), format: z.enum(MANIFEST_FORMATS).optional() }),
    answer: reconciliation,
  }),
  readReconciliation: route({
    method: 'GET',
    path: '/api/batches/:id/reconciliation',
    tag,
    summary: 'Matched, missing, extra, mismatch',
    access: 'intake.read',
    params: idParams,
    answer: reconciliation,
  }),
  closeBatch: route({
    method: 'POST',
    path: '/api/batches/:id/close',
    tag,
    summary: 'No more files; the receipt follows when all are read',
    access: 'intake.run',
    params: idParams,
    answer: batch,
  }),
  cancelBatch: route({
    method: 'POST',
    path: '/api/batches/:id/cancel',
    tag,
    summary: 'Take no more; what was received stays',
    access: 'intake.run',
    params: idParams,
    body: z.object({ reason: z.string().trim().min(3).max(2_000) }),
    answer: batch,
  }),
  retryFiles: route({
    method: 'POST',
    path: '/api/batches/:id/retry',
    tag,
    summary: 'Read again what failed; passwords may be given',
    access: 'intake.run',
    params: idParams,
    body: z.object({
      /** Items to read again; all unread and retryable ones where absent. */
      items: z.array(id).max(10_000).optional(),
      /** Tried on each; never logged, never stored: held in memory until the items were read. */
      passwords: z.array(z.string().min(1).max(500)).max(100).default([]),
    }),
    answer: z.object({ retried: z.number() }),
  }),
  watchBatch: route({
    method: 'GET',
    path: '/api/batches/:id/events',
    tag,
    summary: 'Progress as server-sent events',
    access: 'intake.read',
    kind: 'events',
    params: idParams,
    answer: progress,
  }),
  readReceipt: route({
    method: 'GET',
    path: '/api/batches/:id/receipt',
    tag,
    summary: 'Receipt as data',
    access: 'intake.read',
    params: idParams,
    answer: receipt,
  }),
  exportReceipt: route({
    method: 'GET',
    path: '/api/batches/:id/receipt/export',
    tag,
    summary: 'Receipt as a file',
    access: 'intake.read',
    kind: 'stream',
    params: idParams,
    query: z.object({ format: z.enum(['txt', 'json', 'csv']).default('txt') }),
  }),
} as const
