import { franc } from 'franc'
import { FUNCTION_WORDS, TELLING_LETTERS } from './language-lexicon.ts'
import { foldWord } from './normalise.ts'

/**
 * The language a text seems to be in. A proposal: a person may say otherwise.
 *
 * `language`: ISO 639-3 (`fas` is the Persian family; `und` where nothing can be told). `variety`: `prs` where
 * words used only in Afghanistan make Dari likely, never more than a hint. `confidence`: 0–1, 0 for `und`.
 */
export interface LanguageGuess {
  readonly language: string
  readonly variety: 'prs' | null
  readonly script: Script
  readonly confidence: number
}

export type Script = 'Arab' | 'Latn' | 'Cyrl' | 'Hans' | 'Jpan' | 'Kore' | 'Deva' | 'Hebr' | 'Grek' | 'Zyyy'

const SCRIPTS: readonly (readonly [Script, RegExp])[] = [
  ['Arab', /\p{Script=Arabic}/gu],
  ['Latn', /\p{Script=Latin}/gu],
  ['Cyrl', /\p{Script=Cyrillic}/gu],
  ['Hans', /\p{Script=Han}/gu],
  ['Jpan', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['Kore', /\p{Script=Hangul}/gu],
  ['Deva', /\p{Script=Devanagari}/gu],
  ['Hebr', /\p{Script=Hebrew}/gu],
  ['Grek', /\p{Script=Greek}/gu],
]
const LANGUAGES_OF: Readonly<Partial<Record<Script, readonly string[]>>> = {
  Arab: ['fas', 'pus', 'urd', 'ara', 'uig', 'kur'],
  Cyrl: ['rus', 'tgk', 'uzn', 'ukr', 'kaz', 'kir'],
  Latn: ['eng', 'fra', 'uzn', 'tuk', 'tur', 'deu', 'spa'],
}
const ONE_LANGUAGE: Readonly<Partial<Record<Script, string>>> = {
  Hans: 'zho',
  Jpan: 'jpn',
  Kore: 'kor',
  Grek: 'ell',
}
const SAMPLE = 4_000
const LONG_ENOUGH = 60
const WORD = /[\p{L}\p{M}\u200C'’ʻʼ‘-]+/gu

/** How franc names what this project calls otherwise. */
const FRANC_NAMES: Readonly<Record<string, string>> = {
  pes: 'fas',
  prs: 'fas',
  pbu: 'pus',
  pbt: 'pus',
  arb: 'ara',
  cmn: 'zho',
  ckb: 'kur',
  kmr: 'kur',
}

const lexicon = new Map<string, string[]>()
for (const [language, words] of Object.entries(FUNCTION_WORDS))
  for (const word of words.split(' ')) {
    const folded = foldWord(word.replaceAll('-', ''))
    lexicon.set(folded, [...(lexicon.get(folded) ?? []), language])
  }

/** Names the language of a text from its script, its telling letters, its small words, and trigrams last. */
export function recogniseLanguage(text: string): LanguageGuess {
  const sample = text.length <= SAMPLE * 2 ? text : text.slice(0, SAMPLE) + text.slice(-SAMPLE)
  const script = mainScript(sample)
  if (script === 'Zyyy') return { language: 'und', variety: null, script, confidence: 0 }
  const only = ONE_LANGUAGE[script]
  if (only !== undefined) return { language: only, variety: null, script, confidence: 0.95 }
  const candidates = LANGUAGES_OF[script] ?? []
  const points = score(sample, candidates)
  const trigram = nameOfFranc(sample, candidates)
  if (trigram !== null) points.set(trigram, (points.get(trigram) ?? 0) + 1.5)
  return decide(points, script, sample)
}

function mainScript(text: string): Script {
  let best: Script = 'Zyyy'
  let most = 0
  for (const [script, letters] of SCRIPTS) {
    const count = (text.match(letters)?.length ?? 0) * (script === 'Hans' ? 2 : script === 'Jpan' ? 5 : 1)
    if (count > most) [best, most] = [script, count]
  }
  return best
}

function score(text: string, candidates: readonly string[]): Map<string, number> {
  const points = new Map<string, number>()
  const give = (language: string, value: number): void => {
    if (candidates.includes(language)) points.set(language, (points.get(language) ?? 0) + value)
  }
  const words = text.match(WORD) ?? []
  for (const word of words) {
    const languages = lexicon.get(foldWord(word)) ?? []
    for (const language of languages) give(language === 'prs' ? 'fas' : language, 1 / languages.length)
  }
  for (const [language, letters, value] of TELLING_LETTERS)
    give(language, Math.min(words.length, (text.toLowerCase().match(letters)?.length ?? 0) * value * 0.5))
  return points
}

/** The trigrams' vote; on a short text they may only choose among the expected languages. */
function nameOfFranc(text: string, candidates: readonly string[]): string | null {
  const found = franc(text, { minLength: 10 })
  const name = FRANC_NAMES[found] ?? found
  if (name === 'und' || (text.length < LONG_ENOUGH && !candidates.includes(name))) return null
  return name
}

function decide(points: ReadonlyMap<string, number>, script: Script, text: string): LanguageGuess {
  const ranked = [...points].sort((a, b) => b[1] - a[1])
  const [language, most] = ranked[0] ?? ['und', 0]
  if (most === 0) return { language: 'und', variety: null, script, confidence: 0 }
  const second = ranked[1]?.[1] ?? 0
  const margin = (most - second) / most
  const evidence = 1 - Math.exp(-most / 4)
  const confidence = Math.round(Math.min(0.99, evidence * (0.4 + 0.6 * margin)) * 100) / 100
  const isDari =
    language === 'fas' &&
    (text.match(WORD) ?? []).some((word) => lexicon.get(foldWord(word))?.includes('prs'))
  return { language, variety: isDari ? 'prs' : null, script, confidence }
}
