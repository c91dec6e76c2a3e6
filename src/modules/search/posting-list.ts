import { ByteSink } from './bytes.ts'
import { DOCS_IN_STRIDE } from './segment-format.ts'

/** The documents of one term, being written in order. */
export class PostingList {
  readonly #postings = new ByteSink()
  readonly #positions = new ByteSink()
  readonly #strides = new ByteSink(8)
  #strideAt = 0
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
    if (this.docs % DOCS_IN_STRIDE !== 0) return
    this.#strides.varint(this.#positions.length - this.#strideAt)
    this.#strideAt = this.#positions.length
  }

  get postings(): Uint8Array {
    return this.#postings.view()
  }

  /** Positions after the lengths of their strides; complete once, when the last document was added. */
  finishPositions(): Uint8Array {
    if (this.docs <= DOCS_IN_STRIDE) return this.#positions.view()
    if (this.docs % DOCS_IN_STRIDE !== 0) this.#strides.varint(this.#positions.length - this.#strideAt)
    this.#strides.append(this.#positions.view())
    return this.#strides.view()
  }
}
