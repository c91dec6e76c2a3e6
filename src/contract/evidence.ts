import { z } from 'zod'
import { collectionRoutes } from './evidence-collections.ts'
import {
  classification,
  collectionCustody,
  cursor,
  custodyEvent,
  family,
  id,
  idParams,
  instant,
  ITEM_SORTS,
  itemDetail,
  itemFlag,
  itemRow,
  itemState,
  limit,
  QUARANTINE_REASONS,
  reason,
  several,
} from './evidence-shapes.ts'
import { route } from './route.ts'

const tag = 'evidence'

export const itemFilter = z.object({
  collection: id.optional(),
  source: id.optional(),
  batch: id.optional(),
  parent: id.optional(),
  /** Leaves out what came out of containers. */
  topOnly: z.stringbool().optional(),
  state: several(itemState),
  family: several(family),
  language: several(z.string().max(20)),
  classification: several(classification),
  hold: z.stringbool().optional(),
  flag: itemFlag.optional(),
  /** The content's date lies within: `1402`, `2023-08`, `2023-08-15`; either calendar. */
  dateFrom: z.string().max(20).optional(),
  dateTo: z.string().max(20).optional(),
  receivedFrom: instant.optional(),
  receivedTo: instant.optional(),
  /** Letters within the name, three or more anywhere, fewer at its start; letter variants are folded. */
  name: z.string().trim().min(1).max(200).optional(),
})

export const itemListQuery = itemFilter.extend({
  sort: z.enum(ITEM_SORTS).default('received'),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: cursor.optional(),
  limit,
})

/** `next`: give it back as `after`; null on the last page. */
export const itemPage = z.object({ items: z.array(itemRow), next: z.string().nullable() })

const stateChange = z.object({
  changed: z.array(z.object({ id, registrationNumber: z.string().nullable(), state: itemState })),
  /** What was not changed, each with its reason; the rest stands. */
  refused: z.array(z.object({ id, code: z.string(), words: z.string() })),
  /** All that were changed; the lists are cut at 10,000. */
  changedCount: z.number(),
})

const itemChanged = z.object({ id, entryId: id })

export const evidenceRoutes = {
  ...collectionRoutes,
  listItems: route({
    method: 'GET',
    path: '/api/items',
    tag,
    summary: 'Items by filter and sort, a page at a time',
    access: 'item.list',
    query: itemListQuery,
    answer: itemPage,
  }),
  countItems: route({
    method: 'GET',
    path: '/api/items/count',
    tag,
    summary: 'How many items a filter holds',
    access: 'item.list',
    query: itemFilter,
    answer: z.object({ count: z.number(), /** False: at least so many. */ exact: z.boolean() }),
  }),
  readItem: route({
    method: 'GET',
    path: '/api/items/:id',
    tag,
    summary: 'One item, all that is known; logged',
    access: 'item.read',
    params: idParams,
    answer: itemDetail,
  }),
  findItem: route({
    method: 'GET',
    path: '/api/items/by-number',
    tag,
    summary: 'The item of a registration number',
    access: 'item.list',
    query: z.object({ number: z.string().min(1).max(100) }),
    answer: itemRow,
  }),
  readItemText: route({
    method: 'GET',
    path: '/api/items/:id/text',
    tag,
    summary: "A part's text from an offset; logged",
    access: 'item.read',
    params: idParams,
    query: z.object({
      part: z.coerce.number<number | string>().int().min(0).default(0),
      offset: z.coerce.number<number | string>().int().min(0).default(0),
      characters: z.coerce.number<number | string>().int().min(1).max(200_000).default(20_000),
    }),
    answer: z.object({
      part: z.number(),
      label: z.string(),
      offset: z.number(),
      text: z.string(),
      language: z.string().nullable(),
      dir: z.enum(['ltr', 'rtl']),
      nextOffset: z.number().nullable(),
      parts: z.number(),
    }),
  }),
  listChildren: route({
    method: 'GET',
    path: '/api/items/:id/children',
    tag,
    summary: 'What came out of an item',
    access: 'item.list',
    params: idParams,
    query: z.object({ after: cursor.optional(), limit }),
    answer: itemPage,
  }),
  readCustody: route({
    method: 'GET',
    path: '/api/items/:id/custody',
    tag,
    summary: 'Chain of custody',
    access: 'item.read',
    params: idParams,
    answer: z.object({ events: z.array(custodyEvent) }),
  }),
  exportCustody: route({
    method: 'GET',
    path: '/api/items/:id/custody/export',
    tag,
    summary: 'Chain of custody as a file',
    access: 'item.read',
    kind: 'stream',
    params: idParams,
    query: z.object({ format: z.enum(['csv', 'json', 'html']).default('csv') }),
  }),
  recordHandover: route({
    method: 'POST',
    path: '/api/items/:id/handovers',
    tag,
    summary: 'Record a handover in the chain of custody',
    access: 'item.describe',
    params: idParams,
    body: z.object({
      giver: z.string().trim().min(1).max(300),
      receiver: z.string().trim().min(1).max(300),
      at: instant,
      place: z.string().max(500).default(''),
      purpose: z.string().max(1_000).default(''),
      seal: z.string().max(200).default(''),
    }),
    answer: itemChanged,
  }),
  createPhysicalItem: route({
    method: 'POST',
    path: '/api/items/physical',
    tag,
    summary: 'Receive a thing: phone, drive, notebook',
    access: 'intake.run',
    body: z.object({
      collectionId: id,
      sourceId: id.nullable().default(null),
      name: z.string().trim().min(1).max(300),
      condition: z.string().max(2_000).default(''),
      seal: z.string().max(200).default(''),
      barcode: z.string().max(200).default(''),
      location: z.string().max(300).default(''),
      custodian: z.string().max(300).default(''),
      custody: collectionCustody.default({}),
    }),
    answer: itemRow,
  }),
  registerItems: route({
    method: 'POST',
    path: '/api/items/register',
    tag,
    summary: 'Register one, many, or a whole batch',
    access: 'item.register',
    body: z.object({
      /** Either ids or a batch. */
      items: z.array(id).min(1).max(10_000).optional(),
      batch: id.optional(),
      flags: z.array(itemFlag).optional(),
      classification: classification.optional(),
      /** A compartment of named readers, asked for by the flags graphic, child and sexual-violence. */
      compartmentId: id.optional(),
      note: z.string().max(2_000).optional(),
    }),
    answer: stateChange,
  }),
  listQuarantine: route({
    method: 'GET',
    path: '/api/quarantine',
    tag,
    summary: 'What stands in quarantine',
    access: 'item.list',
    query: z.object({
      collection: id.optional(),
      reason: z.enum(QUARANTINE_REASONS).optional(),
      after: cursor.optional(),
      limit,
    }),
    answer: z.object({
      items: z.array(itemRow.extend({ words: z.string(), quarantinedAt: instant })),
      next: z.string().nullable(),
    }),
  }),
  decideQuarantine: route({
    method: 'POST',
    path: '/api/quarantine/decide',
    tag,
    summary: 'Release to registration, or return to the provider',
    access: 'item.register',
    body: z.object({ items: z.array(id).min(1).max(1_000), decision: z.enum(['release', 'return']), reason }),
    answer: stateChange,
  }),
  holdItem: route({
    method: 'POST',
    path: '/api/items/:id/hold',
    tag,
    summary: 'Put under, or lift, legal hold',
    access: 'item.hold',
    params: idParams,
    body: z.object({ hold: z.boolean(), reason }),
    answer: itemChanged,
  }),
  classifyItem: route({
    method: 'POST',
    path: '/api/items/:id/classification',
    tag,
    summary: 'Classify',
    access: 'item.describe',
    params: idParams,
    body: z.object({ classification, reason }),
    answer: itemChanged,
  }),
  flagItem: route({
    method: 'POST',
    path: '/api/items/:id/flags',
    tag,
    summary: 'Set the flags',
    access: 'item.describe',
    params: idParams,
    body: z.object({ flags: z.array(itemFlag), compartmentId: id.optional(), reason }),
    answer: itemChanged,
  }),
  describeItem: route({
    method: 'POST',
    path: '/api/items/:id/description',
    tag,
    summary: 'State metadata; what was found stays beside it',
    access: 'item.describe',
    params: idParams,
    body: z.object({
      fields: z
        .array(z.object({ name: z.string().trim().min(1).max(200), value: z.string().max(10_000) }))
        .max(200)
        .default([]),
      language: z.string().max(20).nullable().optional(),
      /** As written, either calendar: `1402-05`, `2023-08-15`; null takes it away. */
      contentDate: z.string().max(20).nullable().optional(),
      reason: reason.optional(),
    }),
    answer: itemChanged,
  }),
  openForReview: route({
    method: 'POST',
    path: '/api/items/reviewable',
    tag,
    summary: 'Open processed items for review',
    access: 'item.register',
    body: z.object({ items: z.array(id).min(1).max(1_000) }),
    answer: stateChange,
  }),
  downloadWorkingCopy: route({
    method: 'GET',
    path: '/api/items/:id/working-copy',
    tag,
    summary: 'Working copy; logged before the first byte; Range is served',
    access: 'item.download',
    kind: 'stream',
    params: idParams,
  }),
  downloadOriginal: route({
    method: 'GET',
    path: '/api/items/:id/original',
    tag,
    summary: 'The original bytes; logged before the first byte; Range is served',
    access: 'item.download',
    kind: 'stream',
    params: idParams,
    query: z.object({ reason }),
  }),
} as const
