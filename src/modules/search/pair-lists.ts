import { ByteSource } from './bytes.ts'
import { NumberSink } from './number-sink.ts'
import { DOCS_IN_STRIDE, pairTerm } from './segment-format.ts'
import { PostingList } from './posting-list.ts'

/** A frequent term and its finished lists. */
export interface FrequentTerm {
  readonly term: string
  readonly docs: number
  readonly postings: Uint8Array
  readonly positions: Uint8Array
}

const DOCS_AT_ONCE = 500
const PAIRS_AT_ONCE = 500

/** Where two frequent terms stand side by side: three parallel columns, and the pairs that there are. */
interface Neighbours {
  /** `left * frequent.length + right`, of each pair. */
  readonly keys: number[]
  /** Number of the pair in `keys`, document and position of its left term; in the order of the documents. */
  readonly pairs: NumberSink
  readonly docs: NumberSink
  readonly positions: NumberSink
}

/**
 * The lists of every two frequent terms that stand side by side: a pair's positions are those of its first term.
 * Yields each pair in the order of its term; and null now and then in between, where a caller may let others run.
 */
export function* pairLists(
  frequent: readonly FrequentTerm[],
  docCount: number,
): Generator<{ term: string; list: PostingList } | null> {
  const tokens = yield* tokensByDoc(frequent, docCount)
  const found = yield* findNeighbours(tokens, frequent.length, docCount)
  const { order, begins } = sortByPair(found)
  yield null
  const sorted = found.keys
    .map((key, pair) => ({ pair, term: termOf(key, frequent) }))
    .sort((a, b) => (a.term < b.term ? -1 : 1))
  for (const [i, { pair, term }] of sorted.entries()) {
    yield { term, list: listOf(found, order.subarray(begins[pair], begins[pair + 1])) }
    if (i % PAIRS_AT_ONCE === 0) yield null
  }
}

function termOf(key: number, frequent: readonly FrequentTerm[]): string {
  const left = frequent[Math.floor(key / frequent.length)]
  const right = frequent[key % frequent.length]
  return pairTerm(left?.term ?? '', right?.term ?? '')
}

interface TokensByDoc {
  /** Where each document's tokens begin; one more at the end. */
  readonly begins: Int32Array
  readonly terms: Int32Array
  readonly positions: Int32Array
}

/** Turns lists of terms around: for each document its frequent terms, in their order, with their positions. */
function* tokensByDoc(frequent: readonly FrequentTerm[], docCount: number): Generator<null, TokensByDoc> {
  const begins = new Int32Array(docCount + 1)
  for (const term of frequent) {
    eachDoc(term, (doc, count) => (begins[doc + 1] = (begins[doc + 1] as number) + count))
    yield null
  }
  for (let doc = 1; doc <= docCount; doc++)
    begins[doc] = (begins[doc] as number) + (begins[doc - 1] as number)
  const next = begins.slice()
  const terms = new Int32Array(begins[docCount] as number)
  const positions = new Int32Array(terms.length)
  for (const [number, term] of frequent.entries()) {
    const source = new ByteSource(term.positions)
    if (term.docs > DOCS_IN_STRIDE)
      for (let docs = 0; docs < term.docs; docs += DOCS_IN_STRIDE) source.varint()
    eachDoc(term, (doc, count) => {
      let at = next[doc] as number
      let position = 0
      for (let one = 0; one < count; one++) {
        terms[at] = number
        positions[at++] = position += source.varint()
      }
      next[doc] = at
    })
    yield null
  }
  return { begins, terms, positions }
}

function eachDoc(term: FrequentTerm, take: (doc: number, count: number) => void): void {
  const source = new ByteSource(term.postings)
  let doc = -1
  for (let i = 0; i < term.docs; i++) {
    const head = source.varint()
    doc += head >>> 1
    take(doc, (head & 1) === 1 ? 1 : source.varint())
  }
}

function* findNeighbours(tokens: TokensByDoc, width: number, docCount: number): Generator<null, Neighbours> {
  const numbers = new Map<number, number>()
  const found = {
    keys: [] as number[],
    pairs: new NumberSink(),
    docs: new NumberSink(),
    positions: new NumberSink(),
  }
  let heads = new Int32Array(1024)
  let links = new Int32Array(1024)
  for (let doc = 0; doc < docCount; doc++) {
    if (doc % DOCS_AT_ONCE === 0) yield null
    const begin = tokens.begins[doc] as number
    const count = (tokens.begins[doc + 1] as number) - begin
    let last = 0
    for (let i = begin; i < begin + count; i++) last = Math.max(last, tokens.positions[i] as number)
    if (last + 2 > heads.length) heads = new Int32Array(last * 2)
    if (count > links.length) links = new Int32Array(count * 2)
    // Chains of the tokens at each position, numbered from 1.
    for (let i = 0; i < count; i++) {
      const position = tokens.positions[begin + i] as number
      links[i] = heads[position] as number
      heads[position] = i + 1
    }
    for (let i = 0; i < count; i++) {
      const position = tokens.positions[begin + i] as number
      for (let right = heads[position + 1] as number; right > 0; right = links[right - 1] as number) {
        const key = (tokens.terms[begin + i] as number) * width + (tokens.terms[begin + right - 1] as number)
        let pair = numbers.get(key)
        if (pair === undefined) numbers.set(key, (pair = found.keys.push(key) - 1))
        found.pairs.push(pair)
        found.docs.push(doc)
        found.positions.push(position)
      }
    }
    heads.fill(0, 0, last + 2)
  }
  return found
}

/** Counting sort: what belongs to one pair side by side, in the order of documents, then positions. */
function sortByPair({ keys, pairs }: Neighbours): { order: Int32Array; begins: Int32Array } {
  const begins = new Int32Array(keys.length + 1)
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs.numbers[i] as number
    begins[pair + 1] = (begins[pair + 1] as number) + 1
  }
  for (let pair = 1; pair < begins.length; pair++)
    begins[pair] = (begins[pair] as number) + (begins[pair - 1] as number)
  const next = begins.slice()
  const order = new Int32Array(pairs.length)
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs.numbers[i] as number
    order[next[pair] as number] = i
    next[pair] = (next[pair] as number) + 1
  }
  return { order, begins }
}

/** Positions of one document ascend: its left term's list gave them in order. */
function listOf({ docs, positions }: Neighbours, order: Int32Array): PostingList {
  const list = new PostingList()
  for (let at = 0; at < order.length;) {
    const doc = docs.numbers[order[at] as number] as number
    const places: number[] = []
    while (at < order.length && docs.numbers[order[at] as number] === doc)
      places.push(positions.numbers[order[at++] as number] as number)
    list.add(doc, places, places.length)
  }
  return list
}
