import { foldOf, kindOf, SILENT } from './letters.ts'

/** Folded text, and for each of its code units (and its end) the place in the original it came from. */
export interface Normalised {
  readonly text: string
  readonly origin: Uint32Array
}

/** Vowels that carry a ئ before them only as a seat, wherever they stand. */
const SEATED = 'ەۇۆۈ'

/**
 * Folds one word as `letters.ts` says. Idempotent; may be empty (a word of marks only).
 * A Uyghur hamza seat goes: at the start of a word (no other language begins one so), and before ە ۇ ۆ ۈ anywhere.
 */
export function foldWord(word: string): string {
  let folded = ''
  for (let at = 0; at < word.length; at++)
    if (!isSeat(word, at, folded === '')) folded += foldOf(word.charCodeAt(at))
  return folded
}

/** Folds a whole text, white space and punctuation kept, with the map back for highlighting. */
export function normalise(original: string): Normalised {
  let text = ''
  const origin: number[] = []
  for (let at = 0; at < original.length; at++) {
    if (isSeat(original, at, at === 0 || !isWordUnit(original.charCodeAt(at - 1)))) continue
    const folded = foldOf(original.charCodeAt(at))
    for (let i = 0; i < folded.length; i++) origin.push(at)
    text += folded
  }
  origin.push(original.length)
  return { text, origin: Uint32Array.from(origin) }
}

function isSeat(word: string, at: number, atStart: boolean): boolean {
  if (word.charCodeAt(at) !== 0x626) return false
  let next = at + 1
  while (next < word.length && kindOf(word.charCodeAt(next)) === SILENT) next++
  const letter = word[next]
  if (letter === undefined || !isWordUnit(letter.charCodeAt(0))) return false
  return atStart || SEATED.includes(letter)
}

function isWordUnit(unit: number): boolean {
  const kind = kindOf(unit)
  return kind !== 0 && kind <= SILENT
}
