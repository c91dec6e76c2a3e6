import { ByteSource } from './bytes.ts'
import { FuzzyTerms } from './fuzzy-terms.ts'
import { PAIR_MARK, TERMS_IN_BLOCK, walkTerms, type Head } from './segment-format.ts'

/** A term of a segment and where its lists lie in the body. */
export interface TermEntry {
  readonly term: string
  readonly docs: number
  readonly postingsAt: number
  readonly postingsEnd: number
  readonly positionsAt: number
  readonly positionsEnd: number
}

/** Reads stretches of a segment's body; `read` may go to the database. */
export interface BodyReader {
  read(start: number, end: number): Promise<Uint8Array>
}

/** A segment being asked: its head in memory, its body read as needed. */
export class Segment {
  readonly id: number
  readonly head: Head
  /** 1 for a document that was removed after the segment was written. */
  readonly gone: Uint8Array
  goneCount = 0
  readonly #body: BodyReader
  #docOfNo: Map<number, number> | undefined
  #fuzzy: Promise<FuzzyTerms> | undefined

  constructor(id: number, head: Head, body: BodyReader) {
    this.id = id
    this.head = head
    this.gone = new Uint8Array(head.columns.docs)
    this.#body = body
  }

  /** Marks a passage as removed, where this segment holds it. */
  markGone(passageNo: number): void {
    this.#docOfNo ??= new Map(Array.from(this.head.columns.passageNos, (no, doc) => [no, doc]))
    const doc = this.#docOfNo.get(passageNo)
    if (doc === undefined || this.gone[doc] === 1) return
    this.gone[doc] = 1
    this.goneCount++
  }

  async findTerm(term: string): Promise<TermEntry | null> {
    const block = this.#blockOf(term)
    if (block < 0) return null
    const entries = await this.#readBlocks(block, block + 1)
    return entries.find((entry) => entry.term === term) ?? null
  }

  /** Every term that begins with `start`, in order; no pairs. */
  async findPrefix(start: string): Promise<TermEntry[]> {
    const first = Math.max(0, this.#blockOf(start))
    const { firstTerms } = this.head.blocks
    const end = Math.ceil(this.head.termCount / TERMS_IN_BLOCK)
    let last = first + 1
    while (last < end && (firstTerms[last] ?? '').startsWith(start)) last++
    return (await this.#readBlocks(first, last)).filter(
      ({ term }) => term.startsWith(start) && !term.startsWith(PAIR_MARK),
    )
  }

  /** Every term within `distance` letters of `term`. */
  async findFuzzy(term: string, distance: number): Promise<TermEntry[]> {
    const fuzzy = await this.fuzzyTerms()
    const numbers = fuzzy.find(term, distance)
    const entries: TermEntry[] = []
    let block = -1
    let read: TermEntry[] = []
    for (const number of numbers) {
      const wanted = Math.floor(number / TERMS_IN_BLOCK)
      if (wanted !== block) read = await this.#readBlocks((block = wanted), wanted + 1)
      const entry = read[number % TERMS_IN_BLOCK]
      if (entry) entries.push(entry)
    }
    return entries
  }

  get isWarm(): boolean {
    return this.#fuzzy !== undefined
  }

  /** The term list as fuzzy questions want it: read once, kept compactly. */
  fuzzyTerms(): Promise<FuzzyTerms> {
    this.#fuzzy ??= this.#readFuzzyTerms().catch((fault: unknown) => {
      this.#fuzzy = undefined // asked again, it is read again
      throw fault
    })
    return this.#fuzzy
  }

  async #readFuzzyTerms(): Promise<FuzzyTerms> {
    const { blocks, termBytes, termCount } = this.head
    const end = blocks.terms[Math.ceil(termCount / TERMS_IN_BLOCK)] ?? termBytes // no pairs
    const bytes = await this.#body.read(0, end)
    return new FuzzyTerms(termCount, (take) => walkTerms(bytes, termCount, take))
  }

  /** Every term with its lists' places, in order; no pairs. */
  async allTerms(): Promise<TermEntry[]> {
    return (await this.#readBlocks(0, Math.ceil(this.head.termCount / TERMS_IN_BLOCK))).slice(
      0,
      this.head.termCount,
    )
  }

  readPostings(entry: TermEntry): Promise<Uint8Array> {
    const base = this.head.termBytes
    return this.#body.read(base + entry.postingsAt, base + entry.postingsEnd)
  }

  readPositions(entry: TermEntry): Promise<Uint8Array> {
    const base = this.head.termBytes + this.head.postingBytes
    return this.#body.read(base + entry.positionsAt, base + entry.positionsEnd)
  }

  readBody(): Promise<Uint8Array> {
    const { termBytes, postingBytes, positionBytes } = this.head
    return this.#body.read(0, termBytes + postingBytes + positionBytes)
  }

  /** The last block whose first term is not above `term`; -1 where there is none. */
  #blockOf(term: string): number {
    const { firstTerms } = this.head.blocks
    let low = 0
    let high = firstTerms.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((firstTerms[middle] ?? '') <= term) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  async #readBlocks(first: number, last: number): Promise<TermEntry[]> {
    const { blocks, termBytes, termCount, pairCount } = this.head
    if (first >= blocks.firstTerms.length) return []
    const start = blocks.terms[first] ?? 0
    const source = new ByteSource(await this.#body.read(start, blocks.terms[last] ?? termBytes))
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const entries: TermEntry[] = []
    for (let block = first; block < Math.min(last, blocks.firstTerms.length); block++) {
      let term = ''
      let postingsAt = blocks.postings[block] ?? 0
      let positionsAt = blocks.positions[block] ?? 0
      const terms = Math.min(TERMS_IN_BLOCK, termCount + pairCount - block * TERMS_IN_BLOCK)
      for (let i = 0; i < terms; i++) {
        const shared = source.varint()
        term = term.slice(0, shared) + decoder.decode(source.take(source.varint()))
        const docs = source.varint()
        const postingsEnd = postingsAt + source.varint()
        const positionsEnd = positionsAt + source.varint()
        entries.push({ term, docs, postingsAt, postingsEnd, positionsAt, positionsEnd })
        postingsAt = postingsEnd
        positionsAt = positionsEnd
      }
    }
    return entries
  }
}
