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
const MARKS =
  /[\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E8\u06EA-\u06ED\u08D3-\u08FF]/gu
const SILENT_UNIT =
  /[\u0300-\u036F\u0591-\u05C7\u0610-\u061C\u0640\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E8\u06EA-\u06ED\u08D3-\u08FF\u200B\u200D-\u200F\u202A-\u202E\u2060-\u2069\u00AD\uFEFF\uFE00-\uFE0F]/u
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
  if (SILENT_UNIT.test(letter)) return SILENT
  if (/\p{Nd}/u.test(letter)) return DIGIT
  if (SINGLE_UNIT.test(letter) && /\p{L}/u.test(letter)) return SINGLE
  return /[\p{L}\p{M}\p{N}]/u.test(letter) ? LETTER : OTHER
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
  if (SILENT_UNIT.test(letter)) return ''
  if (/\p{Nd}/u.test(letter)) return String(digitValue(unit))
  const known = FOLDS.get(letter)
  if (known !== undefined) return known
  const bare = letter.normalize('NFKD').toLowerCase().normalize('NFKD').replace(MARKS, '').normalize('NFC')
  return [...bare].map((part) => FOLDS.get(part) ?? part).join('')
}

/** Unicode keeps decimal digits in runs of ten, so the run's zero is found by stepping back. */
function digitValue(unit: number): number {
  const wide = String.fromCharCode(unit).normalize('NFKC')
  if (/^[0-9]$/.test(wide)) return Number(wide)
  let zero = unit
  while (unit - zero < 9 && /\p{Nd}/u.test(String.fromCharCode(zero - 1))) zero--
  return unit - zero
}
