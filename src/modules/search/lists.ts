import type { Sequence } from '../../text/analyse.ts'
import { ByteSource } from './bytes.ts'

/** Documents and how often each holds what was asked, ascending. */
export interface Hits {
  readonly docs: Int32Array
  readonly counts: Int32Array
}

export const NO_HITS: Hits = { docs: new Int32Array(0), counts: new Int32Array(0) }

/** A term's lists as bytes; `positions` only where a phrase needs them. */
export interface TermLists {
  readonly docs: number
  readonly postings: Uint8Array
  readonly positions: Uint8Array | null
}

/** The documents of one list that `visible` allows (1 a document). */
export function decodeHits(lists: TermLists, visible: Uint8Array): Hits {
  const docs = new Int32Array(lists.docs)
  const counts = new Int32Array(lists.docs)
  const source = new ByteSource(lists.postings)
  let doc = -1
  let found = 0
  for (let i = 0; i < lists.docs; i++) {
    const head = source.varint()
    doc += head >>> 1
    const count = (head & 1) === 1 ? 1 : source.varint()
    if (visible[doc] !== 1) continue
    docs[found] = doc
    counts[found++] = count
  }
  return { docs: docs.subarray(0, found), counts: counts.subarray(0, found) }
}

/** Several lists taken as one: counts of a document added up. */
export function uniteHits(all: readonly Hits[], docCount: number): Hits {
  if (all.length === 1) return all[0] ?? NO_HITS
  const sums = new Int32Array(docCount)
  let least = docCount
  let most = -1
  for (const { docs, counts } of all) {
    if (docs.length === 0) continue
    least = Math.min(least, docs[0] ?? 0)
    most = Math.max(most, docs[docs.length - 1] ?? 0)
    for (let i = 0; i < docs.length; i++)
      sums[docs[i] as number] = (sums[docs[i] as number] as number) + (counts[i] as number)
  }
  return collect(sums, least, most)
}

/** Documents that hold the terms in order at their distances; the count is how often. */
export function findSequence(sequence: Sequence, lists: readonly TermLists[], visible: Uint8Array): Hits {
  const candidates = shareDocs(lists, visible)
  if (candidates.length === 0) return NO_HITS
  const numberOf = new Int32Array(visible.length).fill(-1)
  candidates.forEach((doc, number) => (numberOf[doc] = number))
  const order = lists.map((_, slot) => slot).sort((a, b) => (lists[a]?.docs ?? 0) - (lists[b]?.docs ?? 0))
  let starts: Starts | null = null
  for (const slot of order) {
    const list = lists[slot]
    if (list) starts = keepStarts(list, sequence[slot]?.at ?? 0, numberOf, candidates.length, starts)
  }
  const counts = new Int32Array(visible.length)
  if (starts)
    for (let number = 0; number < candidates.length; number++)
      counts[candidates[number] as number] =
        (starts.ends[number] as number) - (starts.begins[number] as number)
  return collect(counts, 0, visible.length - 1)
}

function collect(counts: Int32Array, least: number, most: number): Hits {
  let found = 0
  for (let doc = least; doc <= most; doc++) if ((counts[doc] as number) > 0) found++
  const docs = new Int32Array(found)
  const kept = new Int32Array(found)
  found = 0
  for (let doc = least; doc <= most; doc++) {
    if ((counts[doc] as number) === 0) continue
    docs[found] = doc
    kept[found++] = counts[doc] as number
  }
  return { docs, counts: kept }
}

/** Visible documents that every list holds, ascending. */
function shareDocs(lists: readonly TermLists[], visible: Uint8Array): Int32Array {
  const rarestFirst = [...lists].sort((a, b) => a.docs - b.docs)
  const reached = new Uint8Array(visible.length)
  rarestFirst.forEach((list, step) => {
    const source = new ByteSource(list.postings)
    let doc = -1
    for (let i = 0; i < list.docs; i++) {
      const head = source.varint()
      doc += head >>> 1
      if ((head & 1) === 0) source.varint()
      if (reached[doc] === step && visible[doc] === 1) reached[doc] = step + 1
    }
  })
  const shared: number[] = []
  for (let doc = 0; doc < reached.length; doc++) if (reached[doc] === lists.length) shared.push(doc)
  return Int32Array.from(shared)
}

/** For each candidate, a stretch of `at`: where a sequence may start. */
interface Starts {
  readonly at: Int32Array
  readonly begins: Int32Array
  readonly ends: Int32Array
}

/** Reads a term's positions in the candidates and keeps the starts that agree with those of the terms before. */
function keepStarts(
  list: TermLists,
  offset: number,
  numberOf: Int32Array,
  candidates: number,
  before: Starts | null,
): Starts {
  const at = before ? before.at : new Int32Array(list.positions?.length ?? 0)
  const begins = before ? before.begins : new Int32Array(candidates)
  const ends = new Int32Array(candidates)
  const postings = new ByteSource(list.postings)
  const positions = new ByteSource(list.positions ?? new Uint8Array(0))
  let doc = -1
  let write = 0
  for (let i = 0; i < list.docs; i++) {
    const head = postings.varint()
    doc += head >>> 1
    const count = (head & 1) === 1 ? 1 : postings.varint()
    const number = numberOf[doc] as number
    if (number < 0) {
      for (let skip = 0; skip < count; skip++) positions.varint()
      continue
    }
    if (before)
      ends[number] = intersect(
        at,
        begins[number] as number,
        before.ends[number] as number,
        positions,
        count,
        offset,
      )
    else {
      begins[number] = write
      let position = 0
      for (let one = 0; one < count; one++) at[write++] = (position += positions.varint()) - offset
      ends[number] = write
    }
  }
  return { at, begins, ends }
}

/** Keeps, in place, those of `at[begin..end)` that stand among the next `count` positions less `offset`. */
function intersect(
  at: Int32Array,
  begin: number,
  end: number,
  positions: ByteSource,
  count: number,
  offset: number,
): number {
  let kept = begin
  let read = begin
  let position = 0
  for (let one = 0; one < count; one++) {
    const start = (position += positions.varint()) - offset
    while (read < end && (at[read] as number) < start) read++
    if (read < end && at[read] === start) at[kept++] = at[read++] as number
  }
  return kept
}
