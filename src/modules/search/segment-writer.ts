import { ByteSink } from './bytes.ts'
import { makeColumns, type Columns, type DocRow } from './columns.ts'
import { NAME_MARK } from './plan.ts'
import { NumberSink } from './number-sink.ts'
import { pairLists, type FrequentTerm } from './pair-lists.ts'
import { PostingList } from './posting-list.ts'
import { encodeHead, isFrequent, TERMS_IN_BLOCK } from './segment-format.ts'

/** A finished segment: two byte strings, see `segment-format.ts`. */
export interface SegmentBytes {
  readonly head: Uint8Array
  readonly body: Uint8Array
  readonly docs: number
  readonly firstNo: number
  readonly lastNo: number
}

/** A document on its way into a segment: its row, and its terms with their positions. */
export interface IndexDoc extends DocRow {
  readonly terms: readonly string[]
  readonly positions: readonly number[]
}

/** Writes terms, given in UTF-16 order, and their lists into the parts of a body. */
export class BodyWriter {
  readonly #terms = new ByteSink(1024)
  readonly #postings = new ByteSink(1024)
  readonly #positions = new ByteSink(1024)
  readonly #firstTerms: string[] = []
  readonly #offsets: [number[], number[], number[]] = [[], [], []]
  readonly #encoder = new TextEncoder()
  readonly #docs: number
  readonly #frequent: FrequentTerm[] = []
  #termCount = 0
  #pairCount = 0
  #before = ''

  /** `docs`: how many documents the segment will have. */
  constructor(docs: number) {
    this.#docs = docs
  }

  add(term: string, list: PostingList): void {
    const positions = list.finishPositions()
    if (isFrequent(list.docs, this.#docs) && !term.startsWith(NAME_MARK))
      this.#frequent.push({ term, docs: list.docs, postings: list.postings, positions })
    this.#write(term, list, positions)
    this.#termCount++
  }

  /** After the last term. Yields now and then, so that a caller may let others run. */
  *addPairs(): Generator<null> {
    for (const pair of pairLists(this.#frequent, this.#docs)) {
      if (pair) {
        this.#write(pair.term, pair.list, pair.list.finishPositions())
        this.#pairCount++
      } else yield null
    }
  }

  #write(term: string, list: PostingList, positions: Uint8Array): void {
    if ((this.#termCount + this.#pairCount) % TERMS_IN_BLOCK === 0) this.#openBlock(term)
    const shared = sharedLetters(this.#before, term)
    const rest = this.#encoder.encode(term.slice(shared))
    this.#terms.varint(shared)
    this.#terms.varint(rest.length)
    this.#terms.append(rest)
    this.#terms.varint(list.docs)
    this.#terms.varint(list.postings.length)
    this.#terms.varint(positions.length)
    this.#postings.append(list.postings)
    this.#positions.append(positions)
    this.#before = term
  }

  finish(columns: Columns): SegmentBytes {
    const body = new ByteSink(this.#terms.length + this.#postings.length + this.#positions.length)
    for (const part of [this.#terms, this.#postings, this.#positions]) body.append(part.view())
    const [terms, postings, positions] = this.#offsets
    const head = encodeHead({
      columns,
      blocks: {
        firstTerms: this.#firstTerms,
        terms: Float64Array.from(terms),
        postings: Float64Array.from(postings),
        positions: Float64Array.from(positions),
      },
      termCount: this.#termCount,
      pairCount: this.#pairCount,
      termBytes: this.#terms.length,
      postingBytes: this.#postings.length,
      positionBytes: this.#positions.length,
    })
    const nos = columns.passageNos
    const least = nos.reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER)
    return {
      head,
      body: body.view(),
      docs: columns.docs,
      firstNo: least,
      lastNo: nos.reduce((a, b) => Math.max(a, b), 0),
    }
  }

  #openBlock(term: string): void {
    this.#before = ''
    this.#firstTerms.push(term)
    this.#offsets[0].push(this.#terms.length)
    this.#offsets[1].push(this.#postings.length)
    this.#offsets[2].push(this.#positions.length)
  }
}

/**
 * Collects documents one by one; their numbers are the order of coming. Tokens are kept flat, 12 bytes each, and
 * sorted by term at the end: an object for each term would cost more than everything else.
 */
export class SegmentWriter {
  readonly #rows: DocRow[] = []
  readonly #numbers = new Map<string, number>()
  readonly #terms = new NumberSink()
  readonly #docs = new NumberSink()
  readonly #positions = new NumberSink()

  get docs(): number {
    return this.#rows.length
  }

  add(doc: IndexDoc): void {
    const { terms, positions, ...row } = doc
    for (let i = 0; i < terms.length; i++) {
      const term = terms[i] as string
      let number = this.#numbers.get(term)
      if (number === undefined) this.#numbers.set(term, (number = this.#numbers.size))
      this.#terms.push(number)
      this.#docs.push(this.#rows.length)
      this.#positions.push(positions[i] as number)
    }
    this.#rows.push(row)
  }

  finish(): SegmentBytes {
    const { order, begins } = this.#sortByTerm()
    const body = new BodyWriter(this.docs)
    for (const [term, number] of [...this.#numbers].sort(([a], [b]) => (a < b ? -1 : 1)))
      body.add(term, this.#listOf(order.subarray(begins[number], begins[number + 1])))
    for (const _ of body.addPairs());
    return body.finish(makeColumns(this.#rows))
  }

  /** Counting sort: tokens of one term side by side, in the order they came. */
  #sortByTerm(): { order: Int32Array; begins: Int32Array } {
    const count = this.#terms.length
    const numbers = this.#terms.numbers
    const begins = new Int32Array(this.#numbers.size + 1)
    for (let i = 0; i < count; i++)
      begins[(numbers[i] as number) + 1] = (begins[(numbers[i] as number) + 1] as number) + 1
    for (let term = 1; term < begins.length; term++)
      begins[term] = (begins[term] as number) + (begins[term - 1] as number)
    const next = begins.slice()
    const order = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const term = numbers[i] as number
      order[next[term] as number] = i
      next[term] = (next[term] as number) + 1
    }
    return { order, begins }
  }

  #listOf(tokens: Int32Array): PostingList {
    const list = new PostingList()
    let at = 0
    while (at < tokens.length) {
      const doc = this.#docs.numbers[tokens[at] as number] as number
      let end = at + 1
      while (end < tokens.length && this.#docs.numbers[tokens[end] as number] === doc) end++
      const positions = new Int32Array(end - at)
      for (let i = at; i < end; i++)
        positions[i - at] = this.#positions.numbers[tokens[i] as number] as number
      if (positions.length > 1) positions.sort()
      list.add(doc, positions, positions.length)
      at = end
    }
    return list
  }
}

function sharedLetters(a: string, b: string): number {
  let shared = 0
  while (shared < a.length && shared < b.length && a.charCodeAt(shared) === b.charCodeAt(shared)) shared++
  const unit = b.charCodeAt(shared - 1)
  return shared > 0 && unit >= 0xd800 && unit <= 0xdbff ? shared - 1 : shared // UTF-8 needs whole characters
}
