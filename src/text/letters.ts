/**
 * What each UTF-16 code unit is to a word, and what it folds to. Folding is for finding, never for showing:
 * it gives up differences that people type past.
 *
 * Folded on purpose although they are different letters somewhere: Pashto and Uyghur ې ۍ ئ ى, Urdu ے and
 * Arabic ي (all → ی); Uyghur ە and ھ (→ ه); Cyrillic й, Tajik ӣ, Uzbek ў (their marks go, as Latin ones do).
 * Kept apart because no keyboard confuses them: گ and ک, Pashto ښ ږ ڼ ړ ډ ټ ځ څ, Uyghur ۇ ۆ ۈ ۋ ڭ.
 */
export const OTHER = 0
export const LETTER = 1
export const DIGIT = 2
/** Inside a word and of no weight: marks, tatweel, joiners, direction controls. */
export const SILENT = 3
/** Joins two words into one when it stands alone between them: hyphen, apostrophe, dot, ZWNJ. */
export const JOINER = 4
/** A word by itself: Han, kana. */
export const SINGLE = 5

const FOLDS: ReadonlyMap<string, string> = new Map([
  ...each('يىېۍئێےۓ', 'ی'),
  ...each('كڪڬ', 'ک'),
  ...each('ګڰ', 'گ'),
  ...each('ةۀہھەۂۃ', 'ه'),
  ...each('آأإٱٲٳ', 'ا'),
  ...each('ؤ', 'و'),
  ...each('ں', 'ن'),
  ...each('ءʻʼʽʾʿˈ', ''),
  ...each('ё', 'е'),
  ...each('ıİ', 'i'),
  ...each('ø', 'o'),
  ...each('đð', 'd'),
  ...each('ł', 'l'),
  ...each('æ', 'ae'),
  ...each('œ', 'oe'),
  ...each('ß', 'ss'),
  ...each('þ', 'th'),
])
const JOINERS = new Set("\u200C'’‘`´-‐‑‒–­._@/:&+,٫٬·_＠．")
/** Combining marks of Latin, Cyrillic, Hebrew and Arabic; tatweel, joiners, direction controls, soft hyphen. */
const SILENT_RANGES: readonly (readonly [number, number])[] = [
  [0x0300, 0x036f],
  [0x0591, 0x05c7],
  [0x0610, 0x061c],
  [0x0640, 0x0640],
  [0x064b, 0x065f],
  [0x0670, 0x0670],
  [0x06d6, 0x06dc],
  [0x06df, 0x06e8],
  [0x06ea, 0x06ed],
  [0x08d3, 0x08ff],
  [0x200b, 0x200b],
  [0x200d, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2069],
  [0x00ad, 0x00ad],
  [0xfeff, 0xfeff],
  [0xfe00, 0xfe0f],
]
const SINGLE_UNIT = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u
const PAGE = 256

const kindPages: (Uint8Array | undefined)[] = []
const foldPages: (string[] | undefined)[] = []

/** One of the kinds above. */
export function kindOf(unit: number): number {
  return (kindPages[unit >> 8] ??= makeKindPage(unit >> 8))[unit & 255]!
}

/** What a code unit folds to: usually one letter, nothing for a silent one. */
export function foldOf(unit: number): string {
  return (foldPages[unit >> 8] ??= makeFoldPage(unit >> 8))[unit & 255]!
}

function each(letters: string, fold: string): [string, string][] {
  return [...letters].map((letter) => [letter, fold])
}

function makeKindPage(page: number): Uint8Array {
  const kinds = new Uint8Array(PAGE)
  for (let at = 0; at < PAGE; at++) kinds[at] = kindOfUnit(page * PAGE + at)
  return kinds
}

function kindOfUnit(unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return kindOfSurrogate(unit)
  const letter = String.fromCharCode(unit)
  if (JOINERS.has(letter) && unit !== 0xad) return JOINER
  if (isSilent(unit)) return SILENT
  if (/\p{Nd}/u.test(letter)) return DIGIT
  if (SINGLE_UNIT.test(letter) && /\p{L}/u.test(letter)) return SINGLE
  return /[\p{L}\p{M}\p{N}]/u.test(letter) ? LETTER : OTHER
}

function isSilent(unit: number): boolean {
  return SILENT_RANGES.some(([first, last]) => unit >= first && unit <= last)
}

/** Pictographs stand outside words; every other letter beyond the first plane is an ordinary one. */
function kindOfSurrogate(unit: number): number {
  return unit >= 0xd83c && unit <= 0xd83e ? OTHER : LETTER
}

function makeFoldPage(page: number): string[] {
  return Array.from({ length: PAGE }, (_, at) => foldUnit(page * PAGE + at))
}

function foldUnit(unit: number): string {
  const letter = String.fromCharCode(unit)
  if (unit >= 0xd800 && unit <= 0xdfff) return letter
  if (isSilent(unit)) return ''
  if (/\p{Nd}/u.test(letter)) return String(digitValue(unit))
  const known = FOLDS.get(letter)
  if (known !== undefined) return known
  const bare = letter.normalize('NFKD').toLowerCase().normalize('NFKD')
  const kept = [...bare].filter((part) => !isSilent(part.charCodeAt(0))).join('')
  return [...kept.normalize('NFC')].map((part) => FOLDS.get(part) ?? part).join('')
}

/** Unicode keeps decimal digits in runs of ten, so the run's zero is found by stepping back. */
function digitValue(unit: number): number {
  const wide = String.fromCharCode(unit).normalize('NFKC')
  if (/^[0-9]$/.test(wide)) return Number(wide)
  let zero = unit
  while (unit - zero < 9 && /\p{Nd}/u.test(String.fromCharCode(zero - 1))) zero--
  return unit - zero
}
