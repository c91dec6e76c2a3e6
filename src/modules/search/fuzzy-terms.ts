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

  /** `walk` gives every term in order, as letters of a buffer that it uses again for the next. */
  constructor(walk: (take: (letters: Uint16Array, length: number) => void) => void) {
    const counts = new Map<number, number>()
    walk((_, length) => counts.set(length, (counts.get(length) ?? 0) + 1))
    const filled = new Map<number, number>()
    for (const [length, count] of counts)
      this.#byLength.set(length, {
        letters: new Uint16Array(length * count),
        numbers: new Uint32Array(count),
        signatures: new Int32Array(count),
      })
    let number = 0
    walk((letters, length) => {
      const bucket = this.#byLength.get(length)
      const i = filled.get(length) ?? 0
      filled.set(length, i + 1)
      if (bucket) {
        let signature = 0
        for (let at = 0; at < length; at++) {
          const unit = letters[at] as number
          bucket.letters[i * length + at] = unit
          signature |= bitOf(unit)
        }
        bucket.numbers[i] = number
        bucket.signatures[i] = signature
      }
      number++
    })
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
