import { ByteSink, ByteSource } from './bytes.ts'
import { eachFacet, TEXT_FACETS, type Columns, type Labels } from './columns.ts'

/**
 * A segment: an immutable index of some passages, in two byte strings.
 *
 * body = terms ‖ postings ‖ positions
 *   terms: blocks of TERMS_IN_BLOCK terms in UTF-16 order. A term is
 *     varint(letters shared with the one before) varint(bytes of the rest) UTF-8(rest)
 *     varint(documents) varint(bytes of its postings) varint(bytes of its positions)
 *   postings: for each document of a term, in order: varint(step << 1 | once), then varint(count) unless once;
 *     step is the distance from the document before (from -1 for the first).
 *   positions: for each document of a term, its count of varint(distance from the position before, from 0); before
 *     them, where a term has more than DOCS_IN_STRIDE documents, varint(bytes) of each stride of so many, so that a
 *     phrase reads only the strides that hold a document it wants.
 *   pairs: after the last term, in the same shape, every two frequent terms (`isFrequent`; names' apart) that stand
 *     side by side, as PAIR_MARK ‖ first ‖ PAIR_MARK ‖ second, at the positions of the first: a phrase of common words
 *     is asked of few lists, short ones. Where two terms are frequent and have no pair, they never stand so.
 * head = u32 length of JSON ‖ JSON ‖ columns, each aligned to 8 bytes in the order of `arraysOf`.
 *   JSON: version, where the three parts of the body begin, per block its first term and its three offsets,
 *   and the values of the columns.
 */
export const VERSION = 3
export const TERMS_IN_BLOCK = 64
export const DOCS_IN_STRIDE = 64
/** A noncharacter, above every letter: no term holds it. */
export const PAIR_MARK = '\uFFFF'
/** A smaller segment has no pairs: its lists are short anyway. */
const PAIRED_FROM_DOCS = 256
const FREQUENT_SHARE = 1 / 32

/** Whether a term in `docs` of a segment's `all` documents is paired with its like. */
export function isFrequent(docs: number, all: number): boolean {
  return all >= PAIRED_FROM_DOCS && docs >= all * FREQUENT_SHARE
}

export function pairTerm(first: string, second: string): string {
  return PAIR_MARK + first + PAIR_MARK + second
}

/** First terms of the blocks and where a block's terms, postings and positions begin within their parts. */
export interface BlockTable {
  readonly firstTerms: readonly string[]
  readonly terms: Float64Array
  readonly postings: Float64Array
  readonly positions: Float64Array
}

export interface Head {
  readonly columns: Columns
  readonly blocks: BlockTable
  /** Pairs not counted. */
  readonly termCount: number
  readonly pairCount: number
  /** Bytes of the terms part and of the postings part: where the next part begins. */
  readonly termBytes: number
  readonly postingBytes: number
  readonly positionBytes: number
}

interface HeadJson {
  readonly version: number
  readonly docs: number
  readonly termCount: number
  readonly pairCount: number
  readonly termBytes: number
  readonly postingBytes: number
  readonly positionBytes: number
  readonly firstTerms: readonly string[]
  readonly values: readonly (readonly string[])[]
  readonly widths: readonly number[]
}

export function encodeHead(head: Head): Uint8Array {
  const { columns, blocks, termCount, pairCount, termBytes, postingBytes, positionBytes } = head
  const labels = labelsOf(columns)
  const json: HeadJson = {
    version: VERSION,
    docs: columns.docs,
    termCount,
    pairCount,
    termBytes,
    postingBytes,
    positionBytes,
    firstTerms: blocks.firstTerms,
    values: labels.map((one) => one.values),
    widths: labels.map((one) => one.of.BYTES_PER_ELEMENT),
  }
  const text = new TextEncoder().encode(JSON.stringify(json))
  const sink = new ByteSink(text.length + 64 * columns.docs + 64)
  sink.append(new Uint8Array(Uint32Array.of(text.length).buffer))
  sink.append(text)
  for (const array of [
    blocks.terms,
    blocks.postings,
    blocks.positions,
    columns.passageNos,
    columns.lengths,
    columns.firstDays,
    columns.lastDays,
    ...labels.map((one) => one.of),
  ]) {
    sink.append(new Uint8Array((8 - (sink.length % 8)) % 8))
    sink.append(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  }
  return sink.view()
}

/** Reads a head. Throws where it is of another version: the index is then rebuilt. */
export function decodeHead(bytes: Uint8Array): Head {
  const source = new ByteSource(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice())
  const lengthBytes = source.take(4)
  const jsonLength = new DataView(lengthBytes.buffer, lengthBytes.byteOffset, 4).getUint32(0, true)
  const json = JSON.parse(new TextDecoder().decode(source.take(jsonLength))) as HeadJson
  if (json.version !== VERSION)
    throw new Error(`search segment of version ${json.version}: rebuild the index`)
  const next = <T>(
    make: (buffer: ArrayBufferLike, at: number, length: number) => T,
    length: number,
    width: number,
  ): T => {
    source.at += (8 - (source.at % 8)) % 8
    const array = make(source.bytes.buffer, source.bytes.byteOffset + source.at, length)
    source.at += length * width
    return array
  }
  const floats = (length: number): Float64Array => next((b, at, n) => new Float64Array(b, at, n), length, 8)
  const count = json.firstTerms.length
  const blocks = {
    firstTerms: json.firstTerms,
    terms: floats(count),
    postings: floats(count),
    positions: floats(count),
  }
  const passageNos = floats(json.docs)
  const lengths = next((b, at, n) => new Uint32Array(b, at, n), json.docs, 4)
  const firstDays = next((b, at, n) => new Int32Array(b, at, n), json.docs, 4)
  const lastDays = next((b, at, n) => new Int32Array(b, at, n), json.docs, 4)
  let column = 0
  const labels = (): Labels => {
    const width = json.widths[column] ?? 4
    const of = next(
      (b, at, n) =>
        width === 1
          ? new Uint8Array(b, at, n)
          : width === 2
            ? new Uint16Array(b, at, n)
            : new Uint32Array(b, at, n),
      json.docs,
      width,
    )
    return { values: json.values[column++] ?? [], of }
  }
  const [subjects, compartments, collections] = [labels(), labels(), labels()]
  const facets = eachFacet(() => labels())
  const columns = {
    docs: json.docs,
    passageNos,
    lengths,
    firstDays,
    lastDays,
    subjects,
    compartments,
    collections,
    facets,
  }
  const { termCount, pairCount, termBytes, postingBytes, positionBytes } = json
  return { columns, blocks, termCount, pairCount, termBytes, postingBytes, positionBytes }
}

function labelsOf(columns: Columns): Labels[] {
  return [
    columns.subjects,
    columns.compartments,
    columns.collections,
    ...TEXT_FACETS.map((facet) => columns.facets[facet]),
  ]
}

/** Reads the terms part without making a string of each term: `take` gets letters in a buffer that is used again. */
export function walkTerms(
  bytes: Uint8Array,
  count: number,
  take: (letters: Uint16Array, length: number) => void,
): void {
  const source = new ByteSource(bytes)
  const letters = new Uint16Array(256)
  for (let number = 0; number < count; number++) {
    const shared = source.varint()
    const restBytes = source.varint()
    take(letters, decodeUtf8(bytes, source.at, source.at + restBytes, letters, shared))
    source.at += restBytes
    for (let skipped = 0; skipped < 3; skipped++) source.varint()
  }
}

/** Well-formed UTF-8 into UTF-16 units from `at` on; returns where they end. */
function decodeUtf8(bytes: Uint8Array, start: number, end: number, letters: Uint16Array, at: number): number {
  for (let i = start; i < end;) {
    const first = bytes[i++] as number
    if (first < 0x80) letters[at++] = first
    else if (first < 0xe0) letters[at++] = ((first & 0x1f) << 6) | ((bytes[i++] as number) & 0x3f)
    else if (first < 0xf0)
      letters[at++] =
        ((first & 0x0f) << 12) | (((bytes[i++] as number) & 0x3f) << 6) | ((bytes[i++] as number) & 0x3f)
    else {
      const high = ((first & 0x07) << 18) | (((bytes[i++] as number) & 0x3f) << 12)
      const point =
        (high | (((bytes[i++] as number) & 0x3f) << 6) | ((bytes[i++] as number) & 0x3f)) - 0x10000
      letters[at++] = 0xd800 | (point >> 10)
      letters[at++] = 0xdc00 | (point & 0x3ff)
    }
  }
  return at
}
