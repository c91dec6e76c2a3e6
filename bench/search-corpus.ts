/**
 * A made-up corpus, the same for the same seed: words of four scripts, each script's words as unequally common as
 * those of a language (Zipf). No word means anything.
 */
export interface Corpus {
  /** The words of passage `number`, in order. */
  words(number: number): string[]
  /** The word of a script at a rank: 0 is the most common. */
  word(script: number, rank: number): string
  readonly scripts: readonly Script[]
}

export interface Script {
  readonly name: string
  /** Share of the passages, of 100. */
  readonly share: number
  readonly letters: string
  readonly vocabulary: number
}

const SCRIPTS: readonly Script[] = [
  { name: 'arabic', share: 60, letters: 'ابپتجچدرزسشعغفقکگلمنوهیښړټځ', vocabulary: 250_000 },
  { name: 'latin', share: 20, letters: 'abcdefghiklmnoprstuvz', vocabulary: 120_000 },
  { name: 'cyrillic', share: 15, letters: 'абвгдезиклмнопрстухҳқ', vocabulary: 100_000 },
  {
    name: 'han',
    share: 5,
    letters:
      '的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经',
    vocabulary: 3_000,
  },
]
const SHORTEST = 60
const LONGEST = 180

export function makeCorpus(seed: number): Corpus {
  const vocabularies = SCRIPTS.map((script, i) => makeVocabulary(script, seed + i))
  const word = (script: number, rank: number): string => vocabularies[script]?.[rank] ?? ''
  const words = (number: number): string[] => {
    const random = generator(seed * 1_000_003 + number)
    let draw = random() * 100
    const script = SCRIPTS.findIndex((one) => (draw -= one.share) < 0)
    const vocabulary = vocabularies[script] ?? []
    const length = SHORTEST + Math.floor(random() * (LONGEST - SHORTEST))
    const span = Math.log(vocabulary.length)
    return Array.from({ length }, () => vocabulary[Math.floor(Math.exp(random() * span)) - 1] ?? '')
  }
  return { words, word, scripts: SCRIPTS }
}

/** Small, fast and the same everywhere (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Distinct words; the common ones are short, as in a language. */
function makeVocabulary(script: Script, seed: number): string[] {
  const random = generator(seed)
  const letters = [...script.letters]
  const found = new Set<string>()
  while (found.size < script.vocabulary) {
    const length = script.name === 'han' ? 2 : 2 + Math.floor(Math.log10(found.size + 10) + random() * 4)
    found.add(Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join(''))
  }
  return [...found]
}
