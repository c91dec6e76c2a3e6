import { DIGIT, JOINER, kindOf, LETTER, OTHER, SILENT, SINGLE } from './letters.ts'
import { foldWord } from './normalise.ts'

/**
 * The words of a text, as four parallel arrays in reading order: the folded term, its position (counted in
 * words, so that neighbours differ by one), and where it starts and ends in the original.
 *
 * One place may hold several terms. A compound (`می‌رود`, `co-operation`, `AF-2024/17`, `a@b.org`) gives its
 * parts at consecutive positions and the joined whole at the first. Han and kana give each character and each
 * pair. Persian `ها` and `می` set apart by a space are joined as well, and a `ها` ending is also left off.
 */
export interface Tokens {
  readonly terms: string[]
  readonly positions: number[]
  readonly starts: number[]
  readonly ends: number[]
  /** Positions used: the text's length in words. */
  length: number
}

const LONGEST_TERM = 64
const WORDS_REMEMBERED = 60_000
const PREFIXES = new Set(['می', 'نمی'])
const SUFFIXES = new Set(['ها', 'های', 'هایی', 'تر', 'ترین'])
const PLURAL = /^(.{3,})ها(?:ی|یی|یم|یت|یش|یمان|یتان|یشان)?$/u

const remembered = new Map<string, string>()

/** Cuts a text into terms; the same cut for what is indexed and for what is asked. */
export function tokenise(text: string): Tokens {
  const tokens: Tokens = { terms: [], positions: [], starts: [], ends: [], length: 0 }
  let at = 0
  while (at < text.length) {
    const kind = kindOf(text.charCodeAt(at))
    if (kind === SINGLE) at = takeSingles(text, at, tokens)
    else if (kind === LETTER || kind === DIGIT) at = takeWord(text, at, tokens)
    else at++
  }
  return tokens
}

/** Folds a word, remembering the common ones: most of a text is repetition. */
function foldOnce(word: string): string {
  const known = remembered.get(word)
  if (known !== undefined) return known
  const folded = clip(foldWord(word)).toWellFormed()
  if (remembered.size >= WORDS_REMEMBERED) remembered.clear()
  remembered.set(word, folded)
  return folded
}

/** Keeps terms bounded without cutting a surrogate pair in two. */
function clip(term: string): string {
  if (term.length <= LONGEST_TERM) return term
  const cut = term.charCodeAt(LONGEST_TERM - 1)
  return term.slice(0, cut >= 0xd800 && cut <= 0xdbff ? LONGEST_TERM - 1 : LONGEST_TERM)
}

function add(tokens: Tokens, term: string, position: number, start: number, end: number): void {
  tokens.terms.push(term)
  tokens.positions.push(position)
  tokens.starts.push(start)
  tokens.ends.push(end)
}

function takeSingles(text: string, from: number, tokens: Tokens): number {
  let at = from
  let previous = ''
  while (at < text.length && kindOf(text.charCodeAt(at)) === SINGLE) {
    const single = foldOnce(text[at]!)
    if (single !== '') {
      if (previous !== '') add(tokens, previous + single, tokens.length - 1, at - 1, at + 1)
      add(tokens, single, tokens.length++, at, at + 1)
    }
    previous = single
    at++
  }
  return at
}

function takeWord(text: string, from: number, tokens: Tokens): number {
  const firstToken = tokens.terms.length
  const firstPosition = tokens.length
  let at = from
  let end = from
  let separators = ''
  for (;;) {
    end = endOfPart(text, at)
    addPart(tokens, text, at, end)
    const next = nextPart(text, end)
    if (next < 0) break
    separators += text[end]
    at = next
  }
  if (tokens.length - firstPosition > 1) addJoined(tokens, firstToken, firstPosition, separators)
  else if (tokens.length > firstPosition) addAffixed(tokens, firstToken)
  return end
}

function endOfPart(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const kind = kindOf(text.charCodeAt(at))
    if (kind !== LETTER && kind !== DIGIT && kind !== SILENT) break
  }
  return at
}

/** Where the next part of a compound starts: past exactly one joiner; -1 where the compound ends. */
function nextPart(text: string, end: number): number {
  if (end >= text.length || kindOf(text.charCodeAt(end)) !== JOINER) return -1
  let next = end + 1
  while (next < text.length && kindOf(text.charCodeAt(next)) === SILENT) next++
  const kind = next < text.length ? kindOf(text.charCodeAt(next)) : OTHER
  if (kind !== LETTER && kind !== DIGIT) return -1
  const comma = ',٬٫'.includes(text[end]!)
  return comma && (kind !== DIGIT || kindOf(text.charCodeAt(end - 1)) !== DIGIT) ? -1 : next
}

function addPart(tokens: Tokens, text: string, start: number, end: number): void {
  const term = foldOnce(text.slice(start, end))
  if (term === '') return
  add(tokens, term, tokens.length++, start, end)
  const bare = PLURAL.exec(term)?.[1]
  if (bare !== undefined) add(tokens, bare, tokens.length - 1, start, end)
}

/** The whole of a compound; between digits a dot stays, so that 3.14 is not 314, but 1,234 is 1234. */
function addJoined(tokens: Tokens, firstToken: number, firstPosition: number, separators: string): void {
  const parts: string[] = []
  let start = 0
  let end = 0
  for (let token = firstToken; token < tokens.terms.length; token++) {
    if (tokens.positions[token] !== firstPosition + parts.length) continue
    if (parts.length === 0) start = tokens.starts[token]!
    end = tokens.ends[token]!
    parts.push(tokens.terms[token]!)
  }
  const joined = joinParts(parts, separators)
  if (joined.length > LONGEST_TERM) return
  add(tokens, joined, firstPosition, start, end)
  const bare = PLURAL.exec(joined)?.[1]
  if (bare !== undefined) add(tokens, bare, firstPosition, start, end)
}

function joinParts(parts: readonly string[], separators: string): string {
  if (!parts.every((part) => /^[0-9]+$/.test(part))) return parts.join('')
  const thousands = [...separators].every((one) => one === ',' || one === '٬')
  const grouped = thousands && parts.slice(1).every((part) => part.length === 3)
  return parts.join(grouped ? '' : '.')
}

function addAffixed(tokens: Tokens, token: number): void {
  const term = tokens.terms[token]!
  const before = token - 1
  if (before < 0 || tokens.starts[token]! - tokens.ends[before]! > 1) return
  const joins = SUFFIXES.has(term) || PREFIXES.has(tokens.terms[before]!)
  if (joins && tokens.positions[before] === tokens.positions[token]! - 1)
    add(
      tokens,
      tokens.terms[before]! + term,
      tokens.positions[before]!,
      tokens.starts[before]!,
      tokens.ends[token]!,
    )
}
