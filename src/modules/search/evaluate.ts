import type { Sequence } from '../../text/analyse.ts'
import { NO_DAY, type Columns } from './columns.ts'
import { decodeHits, findSequence, NO_HITS, uniteHits, type Hits, type TermLists } from './lists.ts'
import type { Leaf, Node, Plan } from './plan.ts'
import type { Segment, TermEntry } from './segment.ts'
import type { Visible } from './visible.ts'

/** What a segment answers: per leaf its visible documents; and which documents match the whole (1 a document). */
export interface Answer {
  readonly segment: Segment
  readonly leaves: readonly Hits[]
  readonly matches: Uint8Array
}

/** Asks one segment. Nothing outside `visible` is counted, matched or kept. */
export async function evaluate(segment: Segment, plan: Plan, visible: Visible): Promise<Answer> {
  const leaves = await Promise.all(plan.leaves.map((leaf) => askLeaf(segment, leaf, visible)))
  const matches = match(plan.root, leaves, segment.head.columns)
  for (let doc = 0; doc < matches.length; doc++)
    matches[doc] = (matches[doc] as number) & (visible.allows[doc] as number)
  return { segment, leaves, matches }
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
  if (known.length < sequence.length) return NO_HITS
  const isPhrase = sequence.length > 1
  const lists = await Promise.all(known.map((entry) => readLists(segment, entry, isPhrase)))
  const [first] = lists
  if (!first) return NO_HITS
  return isPhrase ? findSequence(sequence, lists, visible.allows) : decodeHits(first, visible.allows)
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
  if (some.length <= 1) return some[0] ?? NO_HITS
  const counts = new Int32Array(docCount)
  for (const hits of some)
    hits.docs.forEach((doc, i) => (counts[doc] = Math.max(counts[doc] as number, hits.counts[i] as number)))
  const docs: number[] = []
  for (let doc = 0; doc < docCount; doc++) if ((counts[doc] as number) > 0) docs.push(doc)
  return { docs: Int32Array.from(docs), counts: Int32Array.from(docs, (doc) => counts[doc] as number) }
}

function match(node: Node, leaves: readonly Hits[], columns: Columns): Uint8Array {
  switch (node.kind) {
    case 'leaf': {
      const matches = new Uint8Array(columns.docs)
      const docs = leaves[node.leaf]?.docs ?? new Int32Array(0)
      for (let i = 0; i < docs.length; i++) matches[docs[i] as number] = 1
      return matches
    }
    case 'not': {
      const matches = match(node.part, leaves, columns)
      for (let doc = 0; doc < matches.length; doc++) matches[doc] = 1 - (matches[doc] as number)
      return matches
    }
    case 'and':
    case 'or':
      return combine(
        node.kind,
        node.parts.map((part) => match(part, leaves, columns)),
        columns.docs,
      )
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

function combine(kind: 'and' | 'or', parts: readonly Uint8Array[], docs: number): Uint8Array {
  const [result = new Uint8Array(docs), ...others] = parts
  for (const other of others)
    for (let doc = 0; doc < docs; doc++) {
      if (kind === 'and') result[doc] = (result[doc] as number) & (other[doc] as number)
      else result[doc] = (result[doc] as number) | (other[doc] as number)
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
