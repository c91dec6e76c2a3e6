import { Refusal } from '../../../base/refusal.ts'
import { intakeRoutes as routes } from '../../../contract/intake.ts'
import * as batches from '../../../modules/intake/batches.ts'
import { announceFiles, listFiles } from '../../../modules/intake/files.ts'
import { receiveLocal } from '../../../modules/intake/local.ts'
import { readReconciliation } from '../../../modules/intake/manifest/report.ts'
import { sendManifest } from '../../../modules/intake/manifest/send.ts'
import { watchBatch } from '../../../modules/intake/progress.ts'
import { printReceipt, readReceipt } from '../../../modules/intake/receipt.ts'
import { requestReading } from '../../../modules/intake/request-reading.ts'
import { retryFiles } from '../../../modules/intake/retry.ts'
import { uploadFile } from '../../../modules/intake/upload.ts'
import { inTransaction, type Tx } from '../../../platform/tx.ts'
import { handle, type Context, type Handled, type ServerEvent } from '../handle.ts'

function within<T>({ desk, actor }: Context, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(desk, actor, work)
}

export const intakeHandlers: readonly Handled[] = [
  handle(routes.listBatches, (at, { query }) => within(at, (tx) => batches.listBatches(tx, query))),
  handle(routes.createBatch, (at, { body }) => within(at, (tx) => batches.createBatch(tx, body))),
  handle(routes.readBatch, (at, { params }) => within(at, (tx) => batches.readBatch(tx, params.id))),
  handle(routes.listBatchFiles, (at, { params, query }) =>
    within(at, (tx) => listFiles(tx, params.id, query)),
  ),
  handle(routes.announceFiles, (at, { params, body }) =>
    within(at, (tx) => announceFiles(tx, params.id, body)),
  ),
  handle(routes.uploadFile, ({ desk, actor, body }, { params, query }) =>
    uploadFile(desk, actor, { batchId: params.id, fileId: params.fileId, offset: query.offset, body }),
  ),
  handle(routes.receiveLocal, (at, { params, body }) => {
    if (!at.local)
      throw new Refusal(
        'not_permitted',
        "Paths of the desk's own machine are taken only from that machine: use the command line there, or upload.",
      )
    return within(at, (tx) => receiveLocal(tx, params.id, body))
  }),
  handle(routes.uploadManifest, ({ desk, actor, body }, { params, query }) =>
    sendManifest(desk, actor, { batchId: params.id, name: query.name, format: query.format, body }),
  ),
  handle(routes.readReconciliation, (at, { params }) =>
    within(at, (tx) => readReconciliation(tx, params.id)),
  ),
  handle(routes.closeBatch, async (at, { params }) => {
    const closed = await within(at, (tx) => batches.closeBatch(tx, params.id))
    requestReading(at.desk)
    return closed
  }),
  handle(routes.cancelBatch, (at, { params, body }) =>
    within(at, (tx) => batches.cancelBatch(tx, params.id, body.reason)),
  ),
  handle(routes.retryFiles, (at, { params, body }) => within(at, (tx) => retryFiles(tx, params.id, body))),
  handle(routes.watchBatch, async ({ desk, actor, signal }, { params }) =>
    asEvents(watchBatch(desk, actor, params.id, signal)),
  ),
  handle(routes.readReceipt, (at, { params }) => within(at, (tx) => readReceipt(tx, params.id))),
  handle(routes.exportReceipt, async (at, { params, query }) => {
    const file = printReceipt(await within(at, (tx) => readReceipt(tx, params.id)), query.format)
    return { type: file.mediaType, fileName: file.name, body: file.text }
  }),
]

async function* asEvents(source: AsyncIterable<unknown>): AsyncGenerator<ServerEvent> {
  for await (const data of source) yield { event: 'progress', data }
}
