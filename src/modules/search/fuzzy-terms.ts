import { editDistance } from '../../text/edit-distance.ts'

const WIDEST = 31

/** Terms of one length: their letters side by side, their numbers, and a bit for each letter that they hold. */
interface Bucket {
  readonly letters: Uint16Array
  readonly numbers: Uint32Array
  readonly signatures: Int32Array
}

/** The terms of a segment laid out by length, so that those near a word are found in one pass over few of them. */
export class FuzzyTerms {
  readonly #byLength = new Map<number, Bucket>()
  readonly #masks = new Int32Array(0x10000)

  constructor(terms: readonly { readonly term: string }[]) {
    const numbers = new Map<number, number[]>()
    terms.forEach(({ term }, number) => {
      const same = numbers.get(term.length)
      if (same) same.push(number)
      else numbers.set(term.length, [number])
    })
    for (const [length, of] of numbers) {
      const letters = new Uint16Array(length * of.length)
      const signatures = new Int32Array(of.length)
      of.forEach((number, i) => {
        const term = terms[number]?.term ?? ''
        for (let at = 0; at < length; at++) letters[i * length + at] = term.charCodeAt(at)
        signatures[i] = signatureOf(term)
      })
      this.#byLength.set(length, { letters, numbers: Uint32Array.from(of), signatures })
    }
  }

  /** Numbers of the terms within `most` edits of `word` (`editDistance`), ascending. */
  find(word: string, most: number): number[] {
    const found: number[] = []
    const asked = signatureOf(word)
    const isShort = word.length <= WIDEST
    if (isShort) this.#setMasks(word)
    for (let length = Math.max(1, word.length - most); length <= word.length + most; length++) {
      const bucket = this.#byLength.get(length)
      if (!bucket) continue
      for (let i = 0; i < bucket.numbers.length; i++) {
        const signature = bucket.signatures[i] as number
        if (!hasAtMost(asked & ~signature, most) || !hasAtMost(signature & ~asked, most)) continue
        const near = isShort
          ? this.#distance(word.length, bucket.letters, i * length, length) <= most
          : editDistance(
              word,
              String.fromCharCode(...bucket.letters.subarray(i * length, (i + 1) * length)),
              most,
            ) <= most
        if (near) found.push(bucket.numbers[i] ?? 0)
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
  for (let at = 0; at < term.length; at++)
    signature |= 1 << (Math.imul(term.charCodeAt(at), 0x9e3779b1) >>> 27)
  return signature
}

function hasAtMost(bits: number, most: number): boolean {
  for (let taken = 0; taken < most && bits !== 0; taken++) bits &= bits - 1
  return bits === 0
}
