import { z } from 'zod'
import {
  classification,
  cursor,
  id,
  idParams,
  instant,
  itemState,
  limit,
  named,
  PERMISSIONS,
  reason,
} from './evidence-shapes.ts'
import { route } from './route.ts'

const tag = 'evidence'

export const collection = z.object({
  id,
  name: z.string(),
  description: z.string(),
  compartment: named,
  defaultClassification: classification,
  /** Intake registers at once what arrives without a complaint. */
  trustsIntake: z.boolean(),
  createdAt: instant,
  counts: z.object({ items: z.number(), byState: z.partialRecord(itemState, z.number()) }),
})

export const collectionOrder = z.object({
  name: z.string().trim().min(1).max(200),
  description: z.string().max(4_000).default(''),
  compartmentId: id,
  defaultClassification: classification.default('confidential'),
  trustsIntake: z.boolean().default(false),
})

/** Without defaults: what is absent stays as it is. */
export const collectionChange = z.object({
  name: z.string().trim().min(1).max(200).optional(),
  description: z.string().max(4_000).optional(),
  defaultClassification: classification.optional(),
  trustsIntake: z.boolean().optional(),
})

export const source = z.object({
  id,
  /** Given by the desk: S-0001; stands wherever the source is named. */
  code: z.string(),
  kind: z.enum(['person', 'organisation', 'open-source', 'device', 'other']),
  /** Who handed it over; may differ from who it comes from. */
  provider: z.string().nullable(),
  compartment: named,
  permission: z.object({ status: z.enum(PERMISSIONS), terms: z.string().nullable() }),
  note: z.string(),
  /** An identity is kept, in a compartment of its own. */
  hasIdentity: z.boolean(),
  createdAt: instant,
})

export const sourceIdentity = z.object({
  name: z.string().trim().min(1).max(300),
  contact: z.string().max(2_000).default(''),
  note: z.string().max(4_000).default(''),
})

export const collectionRoutes = {
  listCollections: route({
    method: 'GET',
    path: '/api/collections',
    tag,
    summary: 'Collections the caller may see',
    access: 'item.list',
    query: z.object({ after: cursor.optional(), limit }),
    answer: z.object({ collections: z.array(collection), next: z.string().nullable() }),
  }),
  createCollection: route({
    method: 'POST',
    path: '/api/collections',
    tag,
    summary: 'Make a collection',
    access: 'collections.manage',
    body: collectionOrder,
    answer: collection,
  }),
  readCollection: route({
    method: 'GET',
    path: '/api/collections/:id',
    tag,
    summary: 'One collection with counts',
    access: 'item.list',
    params: idParams,
    answer: collection,
  }),
  changeCollection: route({
    method: 'PATCH',
    path: '/api/collections/:id',
    tag,
    summary: 'Change name, description, defaults',
    access: 'collections.manage',
    params: idParams,
    body: collectionChange,
    answer: collection,
  }),
  listSources: route({
    method: 'GET',
    path: '/api/sources',
    tag,
    summary: 'Sources by code',
    access: 'item.list',
    query: z.object({ after: cursor.optional(), limit }),
    answer: z.object({ sources: z.array(source), next: z.string().nullable() }),
  }),
  createSource: route({
    method: 'POST',
    path: '/api/sources',
    tag,
    summary: 'Give a source its code',
    access: 'source.manage',
    body: source.pick({ kind: true }).extend({
      provider: z.string().max(300).nullable().default(null),
      compartmentId: id,
      permission: z.enum(PERMISSIONS).default('unknown'),
      terms: z.string().max(4_000).nullable().default(null),
      note: z.string().max(4_000).default(''),
    }),
    answer: source,
  }),
  readSource: route({
    method: 'GET',
    path: '/api/sources/:id',
    tag,
    summary: 'One source',
    access: 'item.list',
    params: idParams,
    answer: source,
  }),
  permitSource: route({
    method: 'POST',
    path: '/api/sources/:id/permission',
    tag,
    summary: "Record the provider's permission",
    access: 'source.manage',
    params: idParams,
    body: z.object({
      status: z.enum(PERMISSIONS),
      terms: z.string().max(4_000).nullable().default(null),
      reason,
    }),
    answer: source,
  }),
  readSourceIdentity: route({
    method: 'GET',
    path: '/api/sources/:id/identity',
    tag,
    summary: 'Who a source is; logged',
    access: 'source.identity',
    params: idParams,
    query: z.object({ reason }),
    answer: sourceIdentity,
  }),
  keepSourceIdentity: route({
    method: 'PUT',
    path: '/api/sources/:id/identity',
    tag,
    summary: 'Keep who a source is',
    access: 'source.identity',
    params: idParams,
    body: sourceIdentity.extend({ compartmentId: id }),
    kind: 'empty',
  }),
} as const
