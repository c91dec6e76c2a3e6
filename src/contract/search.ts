import { z } from 'zod'
import { route } from './route.ts'

const tag = 'search'

export const SORTS = ['relevance', 'newest', 'oldest'] as const
export const FACETS = ['collection', 'type', 'language', 'classification', 'state', 'source'] as const

/** Longer than any query a person writes; the reader's own limit. */
const query = z.string().max(4_000)

/** `body`, not the address: queries name witnesses, and addresses end up in logs and histories. */
const searchOrder = z.object({
  query,
  sort: z.enum(SORTS).default('relevance'),
  /** `next` of the page before. */
  after: z.string().max(60_000).optional(),
  limit: z.int().min(1).max(200).default(50),
  /** Counts by facet beside the hits; asked for with the first page. */
  facets: z.boolean().default(false),
})

/** UTF-16 offsets of a stretch of `text`: [start, end). */
const stretch = z.tuple([z.int().nonnegative(), z.int().nonnegative()])

const hit = z.object({
  subjectType: z.string(),
  subjectId: z.uuid(),
  name: z.string(),
  facets: z.partialRecord(z.enum(FACETS), z.string()),
  /** Days since 1970-01-01 between which the subject's date lies. */
  firstDay: z.int().nullable(),
  lastDay: z.int().nullable(),
  passageNo: z.int(),
  /** Where the passage stands: `page 3`; `name` where it is the subject's name. */
  label: z.string(),
  /** Offsets of the passage in the subject's whole text. */
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
  text: z.string(),
  highlights: z.array(stretch),
  score: z.number(),
})

const searchAnswer = z.object({
  hits: z.array(hit),
  /** Exact counts of everything that matched and may be seen. */
  passages: z.int().nonnegative(),
  subjects: z.int().nonnegative(),
  facets: z.array(
    z.object({
      facet: z.enum(FACETS),
      values: z.array(z.object({ value: z.string(), subjects: z.int().positive() })),
    }),
  ),
  next: z.string().nullable(),
})

export const searchRoutes = {
  run: route({
    method: 'POST',
    path: '/api/search',
    tag,
    summary: 'Finds passages; refuses query_syntax with the place in the query',
    access: 'search.run',
    body: searchOrder,
    answer: searchAnswer,
  }),
  export: route({
    method: 'POST',
    path: '/api/search/export',
    tag,
    summary: 'Everything a query finds, as CSV',
    access: 'search.export',
    body: z.object({ query, sort: z.enum(SORTS).default('relevance') }),
    kind: 'stream',
  }),
  rebuild: route({
    method: 'POST',
    path: '/api/search/rebuild',
    tag,
    summary: 'Makes the index anew from the stored passages, while the desk runs',
    access: 'search.rebuild',
    answer: z.object({ queued: z.boolean() }),
  }),
}
