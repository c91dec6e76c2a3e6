import { ByteSink } from './bytes.ts'
import { makeColumns, type Columns, type DocRow } from './columns.ts'
import { encodeHead, TERMS_IN_BLOCK } from './segment-format.ts'

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

/** The documents of one term, being written in order. */
export class PostingList {
  readonly #postings = new ByteSink()
  readonly #positions = new ByteSink()
  #lastDoc = -1
  docs = 0

  /** `positions` ascend; `doc` is above every one before. */
  add(doc: number, positions: readonly number[] | Int32Array, count: number): void {
    const step = doc - this.#lastDoc
    this.#postings.varint(step * 2 + (count === 1 ? 1 : 0))
    if (count !== 1) this.#postings.varint(count)
    let before = 0
    for (let i = 0; i < count; i++) {
      const position = positions[i] ?? 0
      this.#positions.varint(position - before)
      before = position
    }
    this.#lastDoc = doc
    this.docs++
  }

  get postings(): Uint8Array {
    return this.#postings.view()
  }

  get positions(): Uint8Array {
    return this.#positions.view()
  }
}

/** Writes terms, given in UTF-16 order, and their lists into the parts of a body. */
export class BodyWriter {
  readonly #terms = new ByteSink(1024)
  readonly #postings = new ByteSink(1024)
  readonly #positions = new ByteSink(1024)
  readonly #firstTerms: string[] = []
  readonly #offsets: [number[], number[], number[]] = [[], [], []]
  readonly #encoder = new TextEncoder()
  #termCount = 0
  #before = ''

  add(term: string, list: PostingList): void {
    if (this.#termCount % TERMS_IN_BLOCK === 0) this.#openBlock(term)
    const shared = sharedLetters(this.#before, term)
    const rest = this.#encoder.encode(term.slice(shared))
    this.#terms.varint(shared)
    this.#terms.varint(rest.length)
    this.#terms.append(rest)
    this.#terms.varint(list.docs)
    this.#terms.varint(list.postings.length)
    this.#terms.varint(list.positions.length)
    this.#postings.append(list.postings)
    this.#positions.append(list.positions)
    this.#before = term
    this.#termCount++
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

/** Collects documents one by one; their numbers are the order of coming. */
export class SegmentWriter {
  readonly #rows: DocRow[] = []
  readonly #lists = new Map<string, PostingList>()

  get docs(): number {
    return this.#rows.length
  }

  add(doc: IndexDoc): void {
    const number = this.#rows.length
    const { terms, positions, ...row } = doc
    this.#rows.push(row)
    const places = new Map<string, number[]>()
    terms.forEach((term, i) => {
      const at = positions[i] ?? 0
      const known = places.get(term)
      if (known) known.push(at)
      else places.set(term, [at])
    })
    for (const [term, at] of places) {
      if (at.length > 1) at.sort((a, b) => a - b)
      let list = this.#lists.get(term)
      if (!list) this.#lists.set(term, (list = new PostingList()))
      list.add(number, at, at.length)
    }
  }

  finish(): SegmentBytes {
    const body = new BodyWriter()
    for (const term of [...this.#lists.keys()].sort()) {
      const list = this.#lists.get(term)
      if (list) body.add(term, list)
    }
    return body.finish(makeColumns(this.#rows))
  }
}

function sharedLetters(a: string, b: string): number {
  let shared = 0
  while (shared < a.length && shared < b.length && a.charCodeAt(shared) === b.charCodeAt(shared)) shared++
  const unit = b.charCodeAt(shared - 1)
  return shared > 0 && unit >= 0xd800 && unit <= 0xdbff ? shared - 1 : shared // UTF-8 needs whole characters
}
