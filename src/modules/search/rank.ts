import { NO_DAY, TEXT_FACETS, valueOf, type TextFacet } from './columns.ts'
import type { Answer } from './evaluate.ts'
import type { Hits } from './lists.ts'
import type { Plan } from './plan.ts'
import type { Visible } from './visible.ts'

export type Sort = 'relevance' | 'newest' | 'oldest'

/** BM25's usual constants. */
const K1 = 1.2
const B = 0.75

/** What BM25 needs of the whole, counted over what the actor may see: it tells nothing of the rest. */
export interface Statistics {
  readonly docs: number
  readonly words: number
  /** Per leaf of the plan, in how many documents it stands. */
  readonly leafDocs: readonly number[]
}

/** A place in an order: the key ascends, then the passage number. */
export interface Place {
  readonly key: number
  readonly passageNo: number
}

export interface Ranked extends Place {
  readonly subjectId: string
  readonly score: number
}

export function gatherStatistics(
  answers: readonly Answer[],
  visible: readonly Visible[],
  leaves: number,
): Statistics {
  const leafDocs = Array.from({ length: leaves }, (_, leaf) =>
    answers.reduce((sum, answer) => sum + (answer.leaves[leaf]?.docs.length ?? 0), 0),
  )
  return {
    docs: visible.reduce((sum, one) => sum + one.docs, 0),
    words: visible.reduce((sum, one) => sum + one.words, 0),
    leafDocs,
  }
}

/** Counts and lengths below these have their part of a score worked out once in a question. */
const TABLE_COUNTS = 8
const TABLE_LENGTHS = 1024

/** What a leaf adds to the score of a document that holds it so often and has so many words. */
type ScorePart = (count: number, length: number) => number

/** BM25, leaf by leaf; null for those that do not count for the order. */
export function scoreParts(plan: Plan, statistics: Statistics): (ScorePart | null)[] {
  const average = statistics.words / Math.max(1, statistics.docs) || 1
  return plan.leaves.map((leaf, number) => {
    if (!leaf.scores) return null
    const found = statistics.leafDocs[number] ?? 0
    const rarity = Math.log(1 + (Math.max(0, statistics.docs - found) + 0.5) / (found + 0.5))
    const work: ScorePart = (count, length) =>
      (rarity * (count * (K1 + 1))) / (count + K1 * (1 - B + (B * length) / average))
    const table = new Float64Array(TABLE_COUNTS * TABLE_LENGTHS)
    return (count, length) => {
      if (count >= TABLE_COUNTS || length >= TABLE_LENGTHS) return work(count, length)
      const at = count * TABLE_LENGTHS + length
      return (table[at] as number) || (table[at] = work(count, length))
    }
  })
}

let scratch = new Float64Array(0)

/** Scores of every match of a segment, in the order of `answer.docs`. */
export function scoreMatches(answer: Answer, parts: readonly (ScorePart | null)[]): Float64Array {
  const { lengths, docs: docCount } = answer.segment.head.columns
  const scores = new Float64Array(answer.docs.length)
  const scoring = answer.leaves.flatMap((hits, leaf) => {
    const part = parts[leaf]
    return part ? [{ hits, part }] : []
  })
  const [first] = scoring
  if (!first) return scores
  if (scoring.length === 1 && first.hits.docs === answer.docs) {
    addScores(first.hits, lengths, first.part, scores, true)
    return scores
  }
  if (scratch.length < docCount) scratch = new Float64Array(docCount)
  scratch.fill(0, 0, docCount)
  for (const { hits, part } of scoring) addScores(hits, lengths, part, scratch, false)
  for (let i = 0; i < scores.length; i++) scores[i] = scratch[answer.docs[i] as number] as number
  return scores
}

/** `byHit`: scores stand in the order of the hits, else by document. */
function addScores(
  { docs, counts }: Hits,
  lengths: Uint32Array,
  part: ScorePart,
  scores: Float64Array,
  byHit: boolean,
): void {
  for (let i = 0; i < docs.length; i++) {
    const doc = docs[i] as number
    const at = byHit ? i : doc
    scores[at] = (scores[at] as number) + part(counts[i] as number, lengths[doc] as number)
  }
}

/** The first `limit` matches after `after`, best first, over all segments. */
export class TopList {
  readonly #limit: number
  readonly #after: Place | null
  #kept: Ranked[] = []
  #worst: Place | null = null

  constructor(limit: number, after: Place | null) {
    this.#limit = limit
    this.#after = after
  }

  addSegment(answer: Answer, scores: Float64Array, sort: Sort): void {
    const { columns } = answer.segment.head
    const { docs } = answer
    for (let i = 0; i < docs.length; i++) {
      const doc = docs[i] as number
      const score = scores[i] as number
      const key =
        sort === 'relevance'
          ? -score
          : dayKey(columns.firstDays[doc] as number, columns.lastDays[doc] as number, sort)
      const passageNo = columns.passageNos[doc] as number
      if (
        this.#worst &&
        (key > this.#worst.key || (key === this.#worst.key && passageNo > this.#worst.passageNo))
      )
        continue
      if (
        this.#after &&
        (key < this.#after.key || (key === this.#after.key && passageNo <= this.#after.passageNo))
      )
        continue
      this.#kept.push({ key, passageNo, score, subjectId: valueOf(columns.subjects, doc) })
      if (this.#kept.length >= this.#limit * 2 + 32) this.#cut()
    }
  }

  finish(): Ranked[] {
    this.#cut()
    return this.#kept
  }

  #cut(): void {
    this.#kept = this.#kept.sort((a, b) => a.key - b.key || a.passageNo - b.passageNo).slice(0, this.#limit)
    if (this.#kept.length === this.#limit) this.#worst = this.#kept.at(-1) ?? null
  }
}

/** Undated last in both directions; a finite number, so that it survives being written in a cursor. */
function dayKey(first: number, last: number, sort: Sort): number {
  const day = first !== NO_DAY ? first : last
  if (day === NO_DAY) return Number.MAX_SAFE_INTEGER
  return sort === 'newest' ? -day : day
}

export interface FacetCount {
  readonly value: string
  /** Subjects, not passages. */
  readonly subjects: number
}

/** Counts what matched: passages, subjects, and the subjects of every facet's values. Exact. */
export class Counter {
  passages = 0
  subjects = 0
  readonly #facets = new Map<TextFacet, Map<string, number>>(TEXT_FACETS.map((facet) => [facet, new Map()]))

  /** A subject's passages stand side by side in one segment, so it is counted once where they begin. */
  addSegment(answer: Answer, withFacets: boolean): void {
    const { columns } = answer.segment.head
    const { docs } = answer
    const subjectOf = columns.subjects.of
    const firsts = new Int32Array(withFacets ? docs.length : 0)
    let found = 0
    let before = -1
    for (let i = 0; i < docs.length; i++) {
      const doc = docs[i] as number
      const subject = subjectOf[doc] as number
      if (subject === before) continue
      before = subject
      if (withFacets) firsts[found] = doc
      found++
    }
    this.passages += docs.length
    this.subjects += found
    if (withFacets)
      for (const facet of TEXT_FACETS) this.#count(facet, columns.facets[facet], firsts.subarray(0, found))
  }

  #count(
    facet: TextFacet,
    labels: { readonly values: readonly string[]; readonly of: ArrayLike<number> },
    docs: Int32Array,
  ): void {
    const counts = new Uint32Array(labels.values.length)
    const { of } = labels
    for (let i = 0; i < docs.length; i++) {
      const value = of[docs[i] as number] as number
      counts[value] = (counts[value] as number) + 1
    }
    const sums = this.#facets.get(facet)
    counts.forEach((count, value) => {
      const text = labels.values[value] ?? ''
      if (count > 0) sums?.set(text, (sums.get(text) ?? 0) + count)
    })
  }

  facets(): { facet: TextFacet; values: FacetCount[] }[] {
    return TEXT_FACETS.map((facet) => ({
      facet,
      values: [...(this.#facets.get(facet) ?? [])]
        .filter(([value]) => value !== '')
        .map(([value, subjects]) => ({ value, subjects }))
        .sort((a, b) => b.subjects - a.subjects || (a.value < b.value ? -1 : 1)),
    }))
  }
}
