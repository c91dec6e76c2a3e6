import { evidenceRoutes as routes } from '../../../contract/evidence.ts'
import * as change from '../../../modules/evidence/change.ts'
import * as collections from '../../../modules/evidence/collections.ts'
import { readCustody, recordHandover } from '../../../modules/evidence/custody.ts'
import { exportCustody } from '../../../modules/evidence/custody-export.ts'
import { readItem } from '../../../modules/evidence/detail.ts'
import { openDownload, type DownloadOrder } from '../../../modules/evidence/download.ts'
import * as list from '../../../modules/evidence/list.ts'
import { createPhysicalItem } from '../../../modules/evidence/physical.ts'
import { decideQuarantine, openForReview } from '../../../modules/evidence/quarantine.ts'
import { registerItems } from '../../../modules/evidence/register.ts'
import * as sources from '../../../modules/evidence/sources.ts'
import { readItemText } from '../../../modules/evidence/text.ts'
import { inTransaction, type Tx } from '../../../platform/tx.ts'
import { handle, type Context, type Handled, type Streamed } from '../handle.ts'
import { contentRange, readRange } from '../range.ts'

function within<T>({ desk, actor }: Context, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(desk, actor, work)
}

export const evidenceHandlers: readonly Handled[] = [
  handle(routes.listCollections, (at, { query }) =>
    within(at, (tx) => collections.listCollections(tx, query)),
  ),
  handle(routes.createCollection, (at, { body }) =>
    within(at, (tx) => collections.createCollection(tx, body)),
  ),
  handle(routes.readCollection, (at, { params }) =>
    within(at, (tx) => collections.readCollection(tx, params.id)),
  ),
  handle(routes.changeCollection, (at, { params, body }) =>
    within(at, (tx) => collections.changeCollection(tx, params.id, body)),
  ),
  handle(routes.listSources, (at, { query }) => within(at, (tx) => sources.listSources(tx, query))),
  handle(routes.createSource, ({ desk, actor }, { body }) => sources.createSource(desk, actor, body)),
  handle(routes.readSource, (at, { params }) => within(at, (tx) => sources.readSource(tx, params.id))),
  handle(routes.permitSource, (at, { params, body }) =>
    within(at, (tx) => sources.permitSource(tx, params.id, body)),
  ),
  handle(routes.readSourceIdentity, ({ desk, actor }, { params, query }) =>
    sources.readSourceIdentity(desk, actor, params.id, query.reason),
  ),
  handle(routes.keepSourceIdentity, (at, { params, body }) =>
    within(at, (tx) => sources.keepSourceIdentity(tx, params.id, body)),
  ),
  handle(routes.listItems, (at, { query }) => within(at, (tx) => list.listItems(tx, query))),
  handle(routes.countItems, (at, { query }) => within(at, (tx) => list.countItems(tx, query))),
  handle(routes.findItem, (at, { query }) => within(at, (tx) => list.findByNumber(tx, query.number))),
  handle(routes.readItem, (at, { params }) => within(at, (tx) => readItem(tx, params.id))),
  handle(routes.readItemText, (at, { params, query }) =>
    within(at, (tx) => readItemText(tx, params.id, query)),
  ),
  handle(routes.listChildren, (at, { params, query }) =>
    within(at, (tx) => list.listChildren(tx, params.id, query)),
  ),
  handle(routes.readCustody, (at, { params }) =>
    within(at, async (tx) => ({ events: await readCustody(tx, params.id) })),
  ),
  handle(routes.exportCustody, async (at, { params, query }) => {
    const file = await within(at, (tx) => exportCustody(tx, params.id, query.format))
    return { type: file.mediaType, fileName: file.name, body: file.text }
  }),
  handle(routes.recordHandover, (at, { params, body }) =>
    within(at, (tx) => recordHandover(tx, params.id, body)),
  ),
  handle(routes.createPhysicalItem, (at, { body }) => within(at, (tx) => createPhysicalItem(tx, body))),
  handle(routes.registerItems, ({ desk, actor }, { body }) => registerItems(desk, actor, body)),
  handle(routes.listQuarantine, (at, { query }) => within(at, (tx) => list.listQuarantine(tx, query))),
  handle(routes.decideQuarantine, (at, { body }) => within(at, (tx) => decideQuarantine(tx, body))),
  handle(routes.holdItem, (at, { params, body }) => within(at, (tx) => change.holdItem(tx, params.id, body))),
  handle(routes.classifyItem, (at, { params, body }) =>
    within(at, (tx) => change.classifyItem(tx, params.id, body)),
  ),
  handle(routes.flagItem, (at, { params, body }) => within(at, (tx) => change.flagItem(tx, params.id, body))),
  handle(routes.describeItem, (at, { params, body }) =>
    within(at, (tx) => change.describeItem(tx, params.id, body)),
  ),
  handle(routes.openForReview, (at, { body }) => within(at, (tx) => openForReview(tx, body))),
  handle(routes.downloadWorkingCopy, (at, { params }) => download(at, { id: params.id, copy: 'working' })),
  handle(routes.downloadOriginal, (at, { params, query }) =>
    download(at, { id: params.id, copy: 'original', reason: query.reason }),
  ),
]

/** Bytes of evidence are always saved, never shown as a page: whatever they are, no browser runs them here. */
async function download({ desk, actor, headers }: Context, order: DownloadOrder): Promise<Streamed> {
  const range = readRange(headers['range'])
  const found = await openDownload(desk, actor, { ...order, range })
  return {
    type: 'application/octet-stream',
    body: found.bytes,
    sizeBytes: found.end - found.start,
    fileName: found.name,
    status: range === null ? 200 : 206,
    headers: {
      'accept-ranges': 'bytes',
      ...(range === null ? {} : { 'content-range': contentRange(found) }),
    },
  }
}
