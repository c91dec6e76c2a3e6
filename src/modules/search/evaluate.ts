import type { Sequence } from '../../text/analyse.ts'
import { NO_DAY, type Columns } from './columns.ts'
import { decodeHits, findSequence, NO_HITS, uniteHits, type Hits, type TermLists } from './lists.ts'
import { NAME_MARK, type Leaf, type Node, type Plan } from './plan.ts'
import { isFrequent, pairTerm } from './segment-format.ts'
import type { Segment, TermEntry } from './segment.ts'
import type { Visible } from './visible.ts'

/** What a segment answers: per leaf its visible documents; and the documents that match the whole, ascending. */
export interface Answer {
  readonly segment: Segment
  readonly leaves: readonly Hits[]
  readonly docs: Int32Array
}

/** Asks one segment. Nothing outside `visible` is counted, matched or kept. */
export async function evaluate(segment: Segment, plan: Plan, visible: Visible): Promise<Answer> {
  const leaves = await Promise.all(plan.leaves.map((leaf) => askLeaf(segment, leaf, visible)))
  return { segment, leaves, docs: matchingDocs(plan.root, leaves, segment.head.columns, visible.allows) }
}

let scratch = new Int32Array(0)

function matchingDocs(root: Node, leaves: readonly Hits[], columns: Columns, allows: Uint8Array): Int32Array {
  if (root.kind === 'leaf') return (leaves[root.leaf] ?? NO_HITS).docs
  const matches = match(root, leaves, columns)
  if (scratch.length < columns.docs) scratch = new Int32Array(columns.docs)
  const docs = scratch
  let found = 0
  for (let doc = 0; doc < columns.docs; doc++) {
    docs[found] = doc
    found += (matches[doc] as number) & (allows[doc] as number) // no branch: they are hard to foresee
  }
  return docs.slice(0, found)
}

async function askLeaf(segment: Segment, leaf: Leaf, visible: Visible): Promise<Hits> {
  const docCount = segment.head.columns.docs
  if (leaf.kind === 'sequences') {
    const asked = await Promise.all(leaf.sequences.map((sequence) => askSequence(segment, sequence, visible)))
    return uniteMost(asked, docCount)
  }
  const entries =
    leaf.kind === 'prefix'
      ? await segment.findPrefix(leaf.term)
      : (await segment.findFuzzy(leaf.term, leaf.distance)).filter((entry) =>
          sameField(entry.term, leaf.term),
        )
  const lists = await Promise.all(entries.map((entry) => readLists(segment, entry, false)))
  if (lists.length === 0) return NO_HITS
  return uniteHits(
    lists.map((list) => decodeHits(list, visible.allows)),
    docCount,
  )
}

/** A fuzzy word may not wander from the text into the names or back. */
function sameField(found: string, asked: string): boolean {
  return (found.charCodeAt(0) === 1) === (asked.charCodeAt(0) === 1)
}

async function askSequence(segment: Segment, sequence: Sequence, visible: Visible): Promise<Hits> {
  const entries = await Promise.all(sequence.map((slot) => segment.findTerm(slot.term)))
  const known = entries.filter((entry) => entry !== null)
  const [first] = known
  if (!first || known.length < sequence.length) return NO_HITS
  if (sequence.length === 1) return decodeHits(await readLists(segment, first, false), visible.allows)
  const slots = await pairUp(
    segment,
    sequence.map((slot, i) => ({ at: slot.at, entry: known[i] ?? first })),
  )
  if (!slots) return NO_HITS
  const [only] = slots
  if (only && slots.length === 1)
    return decodeHits(await readLists(segment, only.entry, false), visible.allows)
  const lists = await Promise.all(
    slots.map(async ({ at, entry }) => ({ at, ...(await readLists(segment, entry, true)) })),
  )
  return findSequence(lists, visible.allows)
}

interface Slot {
  readonly at: number
  readonly entry: TermEntry
}

/** Puts pairs in the place of the frequent terms side by side; null where two of them never stand so. */
async function pairUp(segment: Segment, slots: readonly Slot[]): Promise<Slot[] | null> {
  const { docs } = segment.head.columns
  const frequent = slots.map(({ entry }) => isFrequent(entry.docs, docs) && !entry.term.startsWith(NAME_MARK))
  const joins = slots.map(
    ({ at }, i) => frequent[i] === true && frequent[i + 1] === true && slots[i + 1]?.at === at + 1,
  )
  const pairs = await Promise.all(
    slots.flatMap(({ at, entry }, i) => {
      const next = slots[i + 1]
      if (!next || !joins[i]) return []
      return [
        segment.findTerm(pairTerm(entry.term, next.entry.term)).then((pair) => pair && { at, entry: pair }),
      ]
    }),
  )
  const found = pairs.filter((pair) => pair !== null)
  if (found.length < pairs.length) return null
  return [...found, ...slots.filter((_, i) => !joins[i] && !(i > 0 && joins[i - 1]))]
}

async function readLists(segment: Segment, entry: TermEntry, withPositions: boolean): Promise<TermLists> {
  const [postings, positions] = await Promise.all([
    segment.readPostings(entry),
    withPositions ? segment.readPositions(entry) : null,
  ])
  return { docs: entry.docs, postings, positions }
}

/** Spellings of one thing: a document counts what its best spelling counts, not the same words twice. */
function uniteMost(all: readonly Hits[], docCount: number): Hits {
  const some = all.filter((hits) => hits.docs.length > 0)
  return some.length <= 1 ? (some[0] ?? NO_HITS) : uniteHits(some, docCount, Math.max)
}

function match(node: Node, leaves: readonly Hits[], columns: Columns): Uint8Array {
  switch (node.kind) {
    case 'leaf':
      return mark(leaves[node.leaf] ?? NO_HITS, new Uint8Array(columns.docs))
    case 'not': {
      const matches = match(node.part, leaves, columns)
      for (let doc = 0; doc < matches.length; doc++) matches[doc] = 1 - (matches[doc] as number)
      return matches
    }
    case 'and':
    case 'or':
      return combine(node.kind, node.parts, leaves, columns)
    case 'facet': {
      const { values, of } = columns.facets[node.facet]
      const accepted = Uint8Array.from(values, (value) => (node.accepts(value) ? 1 : 0))
      const matches = new Uint8Array(columns.docs)
      for (let doc = 0; doc < matches.length; doc++) matches[doc] = accepted[of[doc] as number] as number
      return matches
    }
    case 'days':
      return matchDays(node.firstDay, node.lastDay, columns)
  }
}

function mark({ docs }: Hits, matches: Uint8Array): Uint8Array {
  for (let i = 0; i < docs.length; i++) matches[docs[i] as number] = 1
  return matches
}

function combine(
  kind: 'and' | 'or',
  [first, ...others]: readonly Node[],
  leaves: readonly Hits[],
  columns: Columns,
): Uint8Array {
  const result = first ? match(first, leaves, columns) : new Uint8Array(columns.docs)
  for (const part of others) {
    if (kind === 'or' && part.kind === 'leaf') {
      mark(leaves[part.leaf] ?? NO_HITS, result)
      continue
    }
    const other = match(part, leaves, columns)
    if (kind === 'and')
      for (let doc = 0; doc < result.length; doc++)
        result[doc] = (result[doc] as number) & (other[doc] as number)
    else
      for (let doc = 0; doc < result.length; doc++)
        result[doc] = (result[doc] as number) | (other[doc] as number)
  }
  return result
}

/** A document whose days overlap the asked ones; one without a date never does. */
function matchDays(firstDay: number, lastDay: number, columns: Columns): Uint8Array {
  const { firstDays, lastDays, docs } = columns
  const matches = new Uint8Array(docs)
  for (let doc = 0; doc < docs; doc++) {
    const first = firstDays[doc] as number
    const last = lastDays[doc] as number
    if (first === NO_DAY && last === NO_DAY) continue
    const begins = first === NO_DAY ? -Infinity : first
    const ends = last === NO_DAY ? Infinity : last
    if (begins <= lastDay && ends >= firstDay) matches[doc] = 1
  }
  return matches
}
