import { setImmediate as breathe } from 'node:timers/promises'
import { evaluate } from './evaluate.ts'
import type { Plan } from './plan.ts'
import {
  Counter,
  gatherStatistics,
  scoreMatches,
  scoreParts,
  TopList,
  type FacetCount,
  type Place,
  type Ranked,
  type Sort,
  type Statistics,
} from './rank.ts'
import type { Segment } from './segment.ts'
import type { TextFacet } from './columns.ts'
import { keyOfSight, visibleIn, type Sight } from './visible.ts'

export interface EngineOrder {
  readonly plan: Plan
  readonly sight: Sight
  readonly sort: Sort
  readonly limit: number
  /** Where the page before ended, with the statistics it was ranked by, so that the order holds from page to page. */
  readonly after: (Place & { readonly statistics: Statistics }) | null
  readonly withFacets: boolean
}

export interface EngineResult {
  readonly hits: readonly Ranked[]
  readonly passages: number
  readonly subjects: number
  readonly facets: readonly { readonly facet: TextFacet; readonly values: readonly FacetCount[] }[]
  readonly statistics: Statistics
}

const BREATH_MS = 8

/**
 * Answers from the segments that are live now. Exact: every match is counted and scored, and hits, counts,
 * facets and scores are what an index of only the visible passages would give.
 */
export async function ask(segments: readonly Segment[], order: EngineOrder): Promise<EngineResult> {
  const key = keyOfSight(order.sight)
  // All filters are computed before the first wait: a removal seen by another question must not split this one.
  const visible = segments.map((segment) => visibleIn(segment, order.sight, key))
  const answers = await Promise.all(
    segments.flatMap((segment, i) => {
      const allowed = visible[i]
      return allowed && allowed.docs > 0 ? [evaluate(segment, order.plan, allowed)] : []
    }),
  )
  const statistics = order.after?.statistics ?? gatherStatistics(answers, visible, order.plan.leaves.length)
  const top = new TopList(order.limit, order.after)
  const counter = new Counter()
  const parts = scoreParts(order.plan, statistics)
  let began = performance.now()
  for (const answer of answers) {
    counter.addSegment(answer, order.withFacets)
    top.addSegment(answer, scoreMatches(answer, parts), order.sort)
    if (performance.now() - began < BREATH_MS) continue
    await breathe()
    began = performance.now()
  }
  const facets = order.withFacets ? counter.facets() : []
  return { hits: top.finish(), passages: counter.passages, subjects: counter.subjects, facets, statistics }
}
