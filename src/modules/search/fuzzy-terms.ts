import { editDistance } from '../../text/edit-distance.ts'

const WIDEST = 31

/** The terms of a segment by their lengths, so that those near a word are found in one pass over few of them. */
export class FuzzyTerms {
  /** Of every term, side by side. */
  readonly #letters: Uint16Array
  /** Where each term's letters begin; one more at the end. */
  readonly #starts: Uint32Array
  /** Terms in the order of their lengths, then their own; and for each a bit for every letter that it holds. */
  readonly #numbers: Uint32Array
  readonly #signatures: Int32Array
  /** Where each length begins in `#numbers`. */
  readonly #begins: Uint32Array
  readonly #masks = new Int32Array(0x10000)

  /** `walk` gives all `count` terms in order, as letters of a buffer that it uses again for the next. */
  constructor(count: number, walk: (take: (letters: Uint16Array, length: number) => void) => void) {
    let all = new Uint16Array(Math.max(1024, count * 10))
    this.#starts = new Uint32Array(count + 1)
    const signatures = new Int32Array(count)
    let number = 0
    let end = 0
    let longest = 0
    walk((letters, length) => {
      if (end + length > all.length) {
        const grown = new Uint16Array(end * 2 + length)
        grown.set(all)
        all = grown
      }
      let signature = 0
      for (let at = 0; at < length; at++) {
        const unit = letters[at] as number
        all[end++] = unit
        signature |= bitOf(unit)
      }
      if (length > longest) longest = length
      signatures[number++] = signature
      this.#starts[number] = end
    })
    this.#letters = all.slice(0, end)
    this.#begins = new Uint32Array(longest + 2)
    for (let one = 0; one < count; one++) {
      const after = this.#lengthOf(one) + 1
      this.#begins[after] = (this.#begins[after] as number) + 1
    }
    for (let length = 1; length < this.#begins.length; length++)
      this.#begins[length] = (this.#begins[length] as number) + (this.#begins[length - 1] as number)
    const next = this.#begins.slice()
    this.#numbers = new Uint32Array(count)
    this.#signatures = new Int32Array(count)
    for (let one = 0; one < count; one++) {
      const length = this.#lengthOf(one)
      const at = next[length] as number
      next[length] = at + 1
      this.#numbers[at] = one
      this.#signatures[at] = signatures[one] as number
    }
  }

  #lengthOf(number: number): number {
    return (this.#starts[number + 1] as number) - (this.#starts[number] as number)
  }

  /** Numbers of the terms within `most` edits of `word` (`editDistance`), ascending. */
  find(word: string, most: number): number[] {
    const found: number[] = []
    const asked = signatureOf(word)
    const isShort = word.length <= WIDEST
    if (isShort) this.#setMasks(word)
    const longest = Math.min(word.length + most, this.#begins.length - 2)
    for (let length = Math.max(1, word.length - most); length <= longest; length++) {
      const end = this.#begins[length + 1] as number
      for (let i = this.#begins[length] as number; i < end; i++) {
        const signature = this.#signatures[i] as number
        if (!hasAtMost(asked & ~signature, most) || !hasAtMost(signature & ~asked, most)) continue
        const number = this.#numbers[i] as number
        const start = this.#starts[number] as number
        const near = isShort
          ? this.#distance(word.length, this.#letters, start, length) <= most
          : editDistance(word, String.fromCharCode(...this.#letters.subarray(start, start + length)), most) <=
            most
        if (near) found.push(number)
      }
    }
    if (isShort) for (let at = 0; at < word.length; at++) this.#masks[word.charCodeAt(at)] = 0
    return found.sort((a, b) => a - b)
  }

  #setMasks(word: string): void {
    for (let at = 0; at < word.length; at++) {
      const unit = word.charCodeAt(at)
      this.#masks[unit] = (this.#masks[unit] ?? 0) | (1 << at)
    }
  }

  /** Hyyrö's bit-parallel optimal string alignment: one step a letter, whatever the word's length. */
  #distance(wordLength: number, letters: Uint16Array, start: number, length: number): number {
    const last = 1 << (wordLength - 1)
    let [rising, falling, diagonal, maskBefore, distance] = [-1, 0, 0, 0, wordLength]
    for (let at = start; at < start + length; at++) {
      const mask = this.#masks[letters[at] ?? 0] ?? 0
      const swapped = ((~diagonal & mask) << 1) & maskBefore
      diagonal = ((((mask & rising) + rising) | 0) ^ rising) | mask | falling | swapped
      let up = falling | ~(diagonal | rising)
      let down = diagonal & rising
      if ((up & last) !== 0) distance++
      if ((down & last) !== 0) distance--
      up = (up << 1) | 1
      down <<= 1
      rising = down | ~(diagonal | up)
      falling = up & diagonal
      maskBefore = mask
    }
    return distance
  }
}

/** One edit brings at most one letter in and takes at most one out, so signatures of near words differ little. */
function signatureOf(term: string): number {
  let signature = 0
  for (let at = 0; at < term.length; at++) signature |= bitOf(term.charCodeAt(at))
  return signature
}

function hasAtMost(bits: number, most: number): boolean {
  for (let taken = 0; taken < most && bits !== 0; taken++) bits &= bits - 1
  return bits === 0
}

function bitOf(unit: number): number {
  return 1 << (Math.imul(unit, 0x9e3779b1) >>> 27)
}
