import { setImmediate as breathe } from 'node:timers/promises'
import { ByteSource } from './bytes.ts'
import { makeColumns, rowOf } from './columns.ts'
import { DOCS_IN_STRIDE } from './segment-format.ts'
import { PostingList } from './posting-list.ts'
import { BodyWriter, type SegmentBytes } from './segment-writer.ts'
import type { Segment, TermEntry } from './segment.ts'

const BREATH_MS = 12

/** A segment read whole, for merging. */
interface Source {
  readonly segment: Segment
  readonly body: Uint8Array
  readonly terms: readonly TermEntry[]
  /** New number of each document; -1 for one that is dropped. */
  readonly numbers: Int32Array
  next: number
}

/**
 * Writes several segments as one, without the documents that are gone or that `drops` names. Terms that only
 * those had are not in the result. Null where nothing is left. Documents keep their order.
 */
export async function mergeSegments(
  segments: readonly Segment[],
  drops: (subjectId: string) => boolean = () => false,
): Promise<SegmentBytes | null> {
  let docs = 0
  const sources: Source[] = []
  for (const segment of segments) {
    const { columns } = segment.head
    const dropped = columns.subjects.values.map((value) => drops(value))
    const numbers = new Int32Array(columns.docs)
    for (let doc = 0; doc < columns.docs; doc++)
      numbers[doc] = segment.gone[doc] === 1 || dropped[columns.subjects.of[doc] as number] ? -1 : docs++
    sources.push({
      segment,
      body: await segment.readBody(),
      terms: await segment.allTerms(),
      numbers,
      next: 0,
    })
  }
  if (docs === 0) return null
  const rows = sources.flatMap(({ segment, numbers }) =>
    Array.from(numbers.keys())
      .filter((doc) => (numbers[doc] ?? -1) >= 0)
      .map((doc) => rowOf(segment.head.columns, doc)),
  )
  const body = new BodyWriter(docs)
  let began = performance.now()
  const pause = async (): Promise<void> => {
    if (performance.now() - began <= BREATH_MS) return
    await breathe() // a merge of a large segment takes seconds; others want the thread too
    began = performance.now()
  }
  for (let term = leastTerm(sources); term !== null; term = leastTerm(sources)) {
    await pause()
    const list = new PostingList()
    for (const source of sources) copyList(source, term, list)
    if (list.docs > 0) body.add(term, list)
  }
  for (const _ of body.addPairs()) await pause()
  return body.finish(makeColumns(rows))
}

function leastTerm(sources: readonly Source[]): string | null {
  let least: string | null = null
  for (const source of sources) {
    const term = source.terms[source.next]?.term
    if (term !== undefined && (least === null || term < least)) least = term
  }
  return least
}

function copyList(source: Source, term: string, list: PostingList): void {
  const entry = source.terms[source.next]
  if (entry?.term !== term) return
  source.next++
  const { termBytes, postingBytes } = source.segment.head
  const postings = new ByteSource(source.body, termBytes + entry.postingsAt)
  const positions = new ByteSource(source.body, termBytes + postingBytes + entry.positionsAt)
  if (entry.docs > DOCS_IN_STRIDE)
    for (let docs = 0; docs < entry.docs; docs += DOCS_IN_STRIDE) positions.varint()
  let places = new Int32Array(64)
  let doc = -1
  for (let i = 0; i < entry.docs; i++) {
    const head = postings.varint()
    doc += head >>> 1
    const count = (head & 1) === 1 ? 1 : postings.varint()
    if (count > places.length) places = new Int32Array(count * 2)
    let position = 0
    for (let one = 0; one < count; one++) places[one] = position += positions.varint()
    const number = source.numbers[doc] ?? -1
    if (number >= 0) list.add(number, places, count)
  }
}
