import { Refusal } from '../../base/refusal.ts'
import { highlight, type Stretch } from '../../text/highlight.ts'
import type { Query } from '../../text/query.ts'
import { readQuery } from '../../text/read-query.ts'
import type { Verb } from '../../contract/verbs.ts'
import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { requireMay } from '../identity/policy.ts'
import { append } from '../ledger/append.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { ask, type EngineResult } from './engine.ts'
import { liveIndex, SegmentReplaced } from './live.ts'
import { planQuery, type Plan } from './plan.ts'
import type { Ranked, Sort } from './rank.ts'
import * as store from './store.ts'

export interface SearchOrder {
  readonly query: string
  readonly sort: Sort
  /** `next` of the page before; null for the first. */
  readonly after: string | null
  readonly limit: number
  readonly withFacets: boolean
}

export interface Hit extends Omit<store.FoundPassage, 'body'> {
  readonly text: string
  /** Stretches of `text`, in UTF-16 offsets. */
  readonly highlights: readonly Stretch[]
  readonly score: number
}

export interface SearchResult {
  readonly hits: readonly Hit[]
  /** Exact, of everything that matched and may be seen. */
  readonly passages: number
  readonly subjects: number
  readonly facets: EngineResult['facets']
  readonly next: string | null
}

const TRIES = 4

/**
 * Finds passages. The search is in the log before its results are out; every hit was filtered inside the index
 * and again by row-level security, and a difference between the two is a fault.
 *
 * Refuses: query_syntax (with `at`, `length`, `suggestion`), not_permitted, invalid_input (a foreign cursor).
 */
export async function search(desk: Desk, actor: Actor, order: SearchOrder): Promise<SearchResult> {
  return searchAs(desk, actor, order, 'search.run', 'search.query.run')
}

/** As `search`, under a verb of the caller's. `kind`: of the log entry; null where the caller has logged it. */
export async function searchAs(
  desk: Desk,
  actor: Actor,
  order: SearchOrder,
  verb: Verb,
  kind: string | null,
): Promise<SearchResult> {
  const query = parse(order.query)
  const plan = planQuery(query)
  const after = order.after === null ? null : readCursor(order.after, order.sort, plan.leaves.length)
  for (let tries = 1; ; tries++) {
    const found = await askIndex(desk, actor, order, plan, after, verb)
    if (!found) {
      if (tries >= TRIES) throw new Error('the index changed under a search too often')
      continue
    }
    const hits = await inTransaction(desk, actor, async (tx) => {
      const read = await readHits(tx, found.hits, query, tries === TRIES)
      if (read && kind !== null)
        await append(tx, {
          kind,
          subjects: [],
          sealed: {
            query: order.query,
            sort: order.sort,
            hits: found.passages,
            isFirstPage: order.after === null,
          },
        })
      return read
    })
    if (hits) return { ...found, hits, next: nextOf(order, found) }
  }
}

function parse(text: string): Query {
  const reading = readQuery(text)
  if (reading.ok) return reading.query
  const { at, length, message, suggestion } = reading.error
  throw new Refusal('query_syntax', `${message} ${suggestion}`, { at, length, message, suggestion })
}

/** Null where a segment was replaced meanwhile. No transaction is held while the index works. */
async function askIndex(
  desk: Desk,
  actor: Actor,
  order: SearchOrder,
  plan: Plan,
  after: ReturnType<typeof readCursor> | null,
  verb: Verb,
): Promise<EngineResult | null> {
  const readSight = inTransaction(desk, actor, async (tx) => {
    await requireMay(tx, verb)
    return store.readSight(tx.sql)
  })
  try {
    const [sight, segments] = await Promise.all([readSight, liveIndex(desk.db).refresh()]) // side by side: one wait
    const { sort, limit, withFacets } = order
    return await ask(segments, { plan, sight, sort, limit, after, withFacets })
  } catch (fault) {
    if (fault instanceof SegmentReplaced) return null
    throw fault
  }
}

/**
 * Reads the hits under row-level security. Null where one was removed, or sight changed, since the index was asked:
 * the caller asks again, and what is still hidden on the last try is a fault.
 */
async function readHits(
  tx: Tx,
  ranked: readonly Ranked[],
  query: Query,
  isLastTry: boolean,
): Promise<Hit[] | null> {
  const passages = await store.readPassages(
    tx.sql,
    ranked.map((hit) => hit.passageNo),
  )
  const hidden = ranked.filter((hit) => !passages.has(hit.passageNo)).map((hit) => hit.passageNo)
  if (hidden.length > 0) {
    if (isLastTry && (await store.existingPassages(tx.sql, hidden)).length > 0)
      throw new Error(
        'the index gave a passage that row-level security hides: its filter and the database disagree',
      )
    return null
  }
  return ranked.flatMap((hit) => {
    const found = passages.get(hit.passageNo)
    if (!found) return []
    const { body, ...passage } = found
    return [{ ...passage, text: body, highlights: highlight(body, query), score: hit.score }]
  })
}

function nextOf(order: SearchOrder, found: EngineResult): string | null {
  const last = found.hits.at(-1)
  if (!last || found.hits.length < order.limit) return null
  return writeCursor(order.sort, { key: last.key, passageNo: last.passageNo, statistics: found.statistics })
}
