import { z } from 'zod'

/** Shapes of evidence that several contracts share: words first, then values, then records. */

export const ITEM_STATES = [
  'received',
  'quarantined',
  'registered',
  'processed',
  'reviewable',
  'returned',
  'disposed',
] as const
export const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'strictly-confidential'] as const
/** Set at registration; `child`, `sexual-violence` and `graphic` ask for named readers. */
export const ITEM_FLAGS = ['graphic', 'child', 'sexual-violence', 'privileged', 'exculpatory'] as const
/** What a file is, coarsely; the same words as extraction's. */
export const FAMILIES = [
  'document',
  'sheet',
  'slides',
  'text',
  'chat',
  'ebook',
  'mail',
  'archive',
  'web',
  'image',
  'audio',
  'video',
  'disk',
  'data',
  'font',
  'program',
  'empty',
  'unknown',
] as const
export const QUARANTINE_REASONS = [
  'hash-mismatch',
  'unreadable-container',
  'unsafe-name',
  'tampered',
  'malware',
  'broken-seal',
] as const
export const PERMISSIONS = ['unknown', 'given', 'restricted', 'refused', 'withdrawn'] as const
export const ITEM_SORTS = ['received', 'registered', 'name', 'size', 'type'] as const

export const id = z.uuid()
/** UTC, ISO 8601, milliseconds. */
export const instant = z.iso.datetime()
/** Opaque: comes from the page before, means nothing else. */
export const cursor = z.string().max(2_000)
export const limit = z.coerce.number<number | string>().int().min(1).max(200).default(50)
export const reason = z.string().trim().min(3).max(2_000)
export const idParams = z.object({ id })

/** One value or several of the same name in a query string. */
export function several<T extends z.ZodType>(one: T) {
  return z
    .union([one, z.array(one)])
    .transform((value): z.output<T>[] => (Array.isArray(value) ? value : [value]) as z.output<T>[])
    .optional()
}

export const itemState = z.enum(ITEM_STATES)
export const classification = z.enum(CLASSIFICATIONS)
export const itemFlag = z.enum(ITEM_FLAGS)
export const family = z.enum(FAMILIES)

/** A date as it is known: first and last possible day (Gregorian `YYYY-MM-DD`), null where open. */
export const knownDate = z.object({
  written: z.string(),
  calendar: z.enum(['gregorian', 'solar-hijri', 'lunar-hijri']),
  precision: z.enum(['day', 'month', 'year', 'range', 'before', 'after']),
  first: z.string().nullable(),
  last: z.string().nullable(),
})

export const named = z.object({ id, name: z.string() })

/** Custody before the desk: stated once for a batch, or for a row of a manifest. */
export const collectionCustody = z.object({
  collectedBy: z.string().max(500).optional(),
  collectedAt: z.string().max(100).optional(),
  place: z.string().max(500).optional(),
  how: z.string().max(2_000).optional(),
  tool: z.string().max(200).optional(),
  toolVersion: z.string().max(100).optional(),
  priorHolders: z.array(z.string().max(500)).max(100).optional(),
  note: z.string().max(4_000).optional(),
})

export const itemRow = z.object({
  id,
  collectionId: id,
  registrationNumber: z.string().nullable(),
  name: z.string(),
  kind: z.enum(['digital', 'physical']),
  state: itemState,
  mediaType: z.string(),
  /** Fine-grained format: 'docx', 'mbox'. */
  format: z.string(),
  family,
  sizeBytes: z.number().nullable(),
  language: z.string().nullable(),
  classification,
  flags: z.array(itemFlag),
  legalHold: z.boolean(),
  contentDate: knownDate.nullable(),
  receivedAt: instant,
  registeredAt: instant.nullable(),
  parentId: id.nullable(),
  childCount: z.number(),
  /** How much was read; null until extraction has been there. */
  reading: z.enum(['read', 'partly', 'unread']).nullable(),
  quarantineReason: z.enum(QUARANTINE_REASONS).nullable(),
})

export const found = z.object({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]),
  /** Extractor name and version. */
  saidBy: z.string(),
})

export const asserted = z.object({
  id,
  name: z.string(),
  value: z.string(),
  /** A person, or the manifest a provider sent. */
  saidBy: z.string(),
  saidAt: instant,
  /** Replaced by a later statement; kept. */
  superseded: z.boolean(),
})

export const notice = z.object({
  code: z.string(),
  words: z.string(),
  step: z.string(),
  retryable: z.boolean(),
})

export const acquisition = z.object({
  id,
  receivedAt: instant,
  batchId: id.nullable(),
  /** Path as the provider had it; characters that could mislead are replaced. */
  path: z.string(),
  source: z.object({ id, code: z.string() }).nullable(),
  /** False for a second arrival of bytes already held. */
  first: z.boolean(),
})

/** `sealed`: its position in the log, once a signed checkpoint covers it. */
export const entryMark = z.object({ entryId: id, sealed: z.number().nullable() })

export const itemDetail = itemRow.extend({
  collection: named,
  compartment: named,
  source: z.object({ id, code: z.string(), provider: z.string().nullable() }).nullable(),
  permission: z.object({ status: z.enum(PERMISSIONS), terms: z.string().nullable() }),
  path: z.string(),
  /** Every digest that was computed on the way in, lower-case hexadecimal. */
  digests: z.object({
    sha256: z.string().nullable(),
    sha1: z.string().nullable(),
    md5: z.string().nullable(),
  }),
  found: z.array(found),
  asserted: z.array(asserted),
  notices: z.array(notice),
  acquisitions: z.array(acquisition),
  parents: z.array(named),
  parts: z.array(
    z.object({
      part: z.number(),
      label: z.string(),
      characters: z.number(),
      language: z.string().nullable(),
      needsOcr: z.boolean(),
    }),
  ),
  /** Exact duplicates elsewhere that the reader may see. */
  duplicates: z.array(named),
  received: entryMark,
  registered: entryMark.nullable(),
  /** Who may see it: people of the compartment, and grants to the item or its collection. */
  readers: z.object({ compartment: z.string(), people: z.number(), grants: z.number() }),
  mayRegister: z.boolean(),
  mayDescribe: z.boolean(),
  mayDownload: z.boolean(),
  mayOriginal: z.boolean(),
  mayHold: z.boolean(),
})

export const custodyEvent = z.object({
  id,
  at: instant,
  kind: z.string(),
  /** One plain sentence in English; the desk words it from `kind` and `detail`. */
  words: z.string(),
  who: z.string(),
  why: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  sealed: z.number().nullable(),
})
