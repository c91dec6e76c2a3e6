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

/** Several lists taken as one; `put` makes one count of two, their sum where nothing else is said. */
export function uniteHits(
  all: readonly Hits[],
  docCount: number,
  put: (one: number, other: number) => number = add,
): Hits {
  if (all.length === 1) return all[0] ?? NO_HITS
  const counts = new Int32Array(docCount)
  let least = docCount
  let most = -1
  for (const hits of all) {
    const { docs } = hits
    if (docs.length === 0) continue
    least = Math.min(least, docs[0] ?? 0)
    most = Math.max(most, docs[docs.length - 1] ?? 0)
    for (let i = 0; i < docs.length; i++) {
      const doc = docs[i] as number
      counts[doc] = put(counts[doc] as number, hits.counts[i] as number)
    }
  }
  return collect(counts, least, most)
}

function add(one: number, other: number): number {
  return one + other
}

/** A term's lists and its distance from the start of a phrase. */
export interface SlotLists extends TermLists {
  readonly at: number
}

/** Documents that hold the terms in order at their distances; the count is how often. The rarest list goes first. */
export function findSequence(lists: readonly SlotLists[], visible: Uint8Array): Hits {
  const order = [...lists].sort((a, b) => a.docs - b.docs)
  let starts: Starts | null = null
  for (const list of order) {
    starts = keepStarts(list, visible, starts)
    if (starts.count === 0) return NO_HITS
  }
  if (!starts) return NO_HITS
  const { begins, ends } = starts
  const counts = new Int32Array(starts.count)
  for (let i = 0; i < counts.length; i++) counts[i] = (ends[i] as number) - (begins[i] as number)
  return { docs: starts.docs.slice(0, starts.count), counts }
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

/** Documents that a sequence may still be in, ascending, and for each a stretch of `at`: where it may start there. */
interface Starts {
  readonly docs: Int32Array
  readonly begins: Int32Array
  readonly ends: Int32Array
  readonly at: Int32Array
  readonly count: number
}

/**
 * Keeps, in place, the starts that agree with a term's positions; with none before, all of the term's own in visible
 * documents. One pass over the postings; positions are read only in the documents wanted, and passed over otherwise.
 */
function keepStarts(list: SlotLists, visible: Uint8Array, before: Starts | null): Starts {
  const { postings, docs: docCount } = list
  const bytes = list.positions ?? new Uint8Array(0)
  const docs = before ? before.docs : new Int32Array(docCount)
  const begins = before ? before.begins : new Int32Array(docCount)
  const ends = before ? before.ends : new Int32Array(docCount)
  const starts = before ? before.at : new Int32Array(bytes.length)
  const last = before ? before.count : docCount
  const strides = strideOffsets(bytes, docCount)
  let places = new Int32Array(64)
  let [read, doc, at, passed, next, kept, write] = [0, -1, 0, 0, 0, 0, 0]
  for (let i = 0; i < docCount && next < last; i++) {
    if (i % DOCS_IN_STRIDE === 0 && strides) {
      at = strides[i / DOCS_IN_STRIDE] as number
      passed = 0
    }
    let byte = postings[read++] as number
    let head = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = postings[read++] as number
      head |= (byte & 0x7f) << shift
    }
    doc += head >>> 1
    let count = 1
    if ((head & 1) === 0) {
      byte = postings[read++] as number
      count = byte & 0x7f
      for (let shift = 7; byte >= 0x80; shift += 7) {
        byte = postings[read++] as number
        count |= (byte & 0x7f) << shift
      }
    }
    if (before) while (next < last && (docs[next] as number) < doc) next++
    if (before ? docs[next] !== doc || next >= last : visible[doc] !== 1) {
      passed += count
      continue
    }
    while (passed > 0) if ((bytes[at++] as number) < 0x80) passed--
    if (count > places.length) places = new Int32Array(count * 2)
    let place = -list.at
    for (let one = 0; one < count; one++) {
      byte = bytes[at++] as number
      let step = byte & 0x7f
      for (let shift = 7; byte >= 0x80; shift += 7) {
        byte = bytes[at++] as number
        step |= (byte & 0x7f) << shift
      }
      places[one] = place += step
    }
    const begin = before ? (begins[next] as number) : write
    let end = begin
    if (before) end = intersect(starts, begin, ends[next++] as number, places, count)
    else for (let one = 0; one < count; one++) starts[end++] = places[one] as number
    write = end
    if (end === begin) continue
    docs[kept] = doc
    begins[kept] = begin
    ends[kept++] = end
  }
  return { docs, begins, ends, at: starts, count: kept }
}

/** Where each stride of positions begins; null where a list is too short for strides. */
function strideOffsets(bytes: Uint8Array, docs: number): Int32Array | null {
  if (docs <= DOCS_IN_STRIDE) return null
  const source = new ByteSource(bytes)
  const offsets = new Int32Array(Math.ceil(docs / DOCS_IN_STRIDE))
  let sum = 0
  for (let i = 0; i < offsets.length; i++) {
    offsets[i] = sum
    sum += source.varint()
  }
  for (let i = 0; i < offsets.length; i++) offsets[i] = (offsets[i] as number) + source.at
  return offsets
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
