import type { Sequence } from '../../text/analyse.ts'
import { ByteSource } from './bytes.ts'
import { DOCS_IN_STRIDE } from './segment-format.ts'

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

/**
 * The documents of one list that `visible` allows (1 a document). Here and below the bytes are read in place, not
 * through a ByteSource: these loops are where a question's time goes.
 */
export function decodeHits(lists: TermLists, visible: Uint8Array): Hits {
  const docs = new Int32Array(lists.docs)
  const counts = new Int32Array(lists.docs)
  const bytes = lists.postings
  let at = 0
  let doc = -1
  let found = 0
  for (let i = 0; i < lists.docs; i++) {
    let byte = bytes[at++] as number
    let head = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = bytes[at++] as number
      head |= (byte & 0x7f) << shift
    }
    doc += head >>> 1
    let count = 1
    if ((head & 1) === 0) {
      byte = bytes[at++] as number
      count = byte & 0x7f
      for (let shift = 7; byte >= 0x80; shift += 7) {
        byte = bytes[at++] as number
        count |= (byte & 0x7f) << shift
      }
    }
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
  const all = new Uint8Array(visible.length).fill(1)
  const decoded = lists.map((list) => decodeHits(list, all))
  const shared = shareDocs(decoded, visible)
  const order = decoded
    .map((_, slot) => slot)
    .sort((a, b) => (decoded[a]?.docs.length ?? 0) - (decoded[b]?.docs.length ?? 0))
  let starts: Starts | null = null
  for (const slot of order) {
    const hits = decoded[slot]
    const positions = lists[slot]?.positions
    if (hits && positions) starts = keepStarts(hits, positions, sequence[slot]?.at ?? 0, shared, starts)
  }
  if (!starts) return NO_HITS
  const counts = new Int32Array(visible.length)
  for (let doc = 0; doc < counts.length; doc++) {
    const number = shared.numbers[doc] as number
    if (number > 0) counts[doc] = (starts.ends[number - 1] as number) - (starts.begins[number - 1] as number)
  }
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

/** Visible documents that every list holds: each has a number from 1, the others 0. */
interface Shared {
  readonly numbers: Int32Array
  readonly count: number
}

function shareDocs(all: readonly Hits[], visible: Uint8Array): Shared {
  const reached = new Uint16Array(visible.length)
  all.forEach(({ docs }, step) => {
    for (let i = 0; i < docs.length; i++) {
      const doc = docs[i] as number
      if (reached[doc] === step) reached[doc] = step + 1
    }
  })
  const numbers = new Int32Array(visible.length)
  let count = 0
  for (let doc = 0; doc < reached.length; doc++)
    if (reached[doc] === all.length && visible[doc] === 1) numbers[doc] = ++count
  return { numbers, count }
}

/** For each shared document, a stretch of `at`: where a sequence may start. */
interface Starts {
  readonly at: Int32Array
  readonly begins: Int32Array
  readonly ends: Int32Array
}

/** Reads a term's positions in the shared documents and keeps the starts that agree with those of the terms before. */
function keepStarts(
  hits: Hits,
  bytes: Uint8Array,
  offset: number,
  shared: Shared,
  before: Starts | null,
): Starts {
  const begins = before ? before.begins : new Int32Array(shared.count)
  const starts = {
    at: before ? before.at : new Int32Array(bytes.length),
    begins,
    ends: new Int32Array(shared.count),
  }
  const { docs, counts } = hits
  const places = new Int32Array(counts.reduce((most, count) => Math.max(most, count), 0))
  const strides = readStrides(bytes, docs.length)
  let at = strides.at
  let write = 0
  for (let i = 0; i < docs.length; i++) {
    if (i % DOCS_IN_STRIDE === 0 && strides.lengths.length > 0) {
      const skipped = skipStrides(docs, shared.numbers, i, strides.lengths)
      at += skipped.bytes
      i = skipped.next
      if (i >= docs.length) break
    }
    const count = counts[i] as number
    const number = (shared.numbers[docs[i] as number] as number) - 1
    if (number < 0) {
      for (let left = count; left > 0;) if ((bytes[at++] as number) < 0x80) left--
      continue
    }
    let place = -offset
    for (let one = 0; one < count; one++) {
      let byte = bytes[at++] as number
      let step = byte & 0x7f
      for (let shift = 7; byte >= 0x80; shift += 7) {
        byte = bytes[at++] as number
        step |= (byte & 0x7f) << shift
      }
      places[one] = place += step
    }
    if (before)
      starts.ends[number] = intersect(
        starts.at,
        begins[number] as number,
        before.ends[number] as number,
        places,
        count,
      )
    else {
      begins[number] = write
      for (let one = 0; one < count; one++) starts.at[write++] = places[one] as number
      starts.ends[number] = write
    }
  }
  return starts
}

/** The lengths of the strides, where a list has them, and where its positions begin. */
function readStrides(bytes: Uint8Array, docs: number): { lengths: number[]; at: number } {
  if (docs <= DOCS_IN_STRIDE) return { lengths: [], at: 0 }
  const source = new ByteSource(bytes)
  const lengths = Array.from({ length: Math.ceil(docs / DOCS_IN_STRIDE) }, () => source.varint())
  return { lengths, at: source.at }
}

/** From the start of a stride: past every stride without a shared document. */
function skipStrides(
  docs: Int32Array,
  numbers: Int32Array,
  from: number,
  lengths: readonly number[],
): { next: number; bytes: number } {
  let next = from
  let bytes = 0
  while (next < docs.length) {
    const end = Math.min(docs.length, next + DOCS_IN_STRIDE)
    for (let i = next; i < end; i++) if ((numbers[docs[i] as number] as number) > 0) return { next, bytes }
    bytes += lengths[next / DOCS_IN_STRIDE] as number
    next = end
  }
  return { next, bytes }
}

/** Keeps, in place, those of `at[begin..end)` that stand among the first `count` of `places`; both ascend. */
function intersect(at: Int32Array, begin: number, end: number, places: Int32Array, count: number): number {
  let kept = begin
  let read = begin
  for (let one = 0; one < count; one++) {
    const start = places[one] as number
    while (read < end && (at[read] as number) < start) read++
    if (read < end && at[read] === start) at[kept++] = at[read++] as number
  }
  return kept
}
