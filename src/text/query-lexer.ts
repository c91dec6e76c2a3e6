import type { QueryError } from './query.ts'

export type Sign = 'open' | 'close' | 'and' | 'or' | 'not' | 'word' | 'phrase' | 'field'

/** A piece of a query; `text` without its quotes, its colon or its dash. */
export interface Lexeme {
  readonly sign: Sign
  readonly text: string
  readonly at: number
  readonly length: number
}

/** Thrown inside the reader only; `readQuery` turns it into its answer. */
export class QueryFault extends Error {
  readonly error: QueryError
  constructor(at: number, length: number, message: string, suggestion: string) {
    super(message)
    this.error = { at, length, message, suggestion }
  }
}

const QUOTES: Readonly<Record<string, string>> = { '"': '"', '«': '»', '“': '”', '„': '“', '”': '”' }
const SEPARATOR = /[\s,،;؛؟?!]/u
const WORD_END = /[\s,،;؛؟!()"«»“”„]/u
const OPERATORS: Readonly<Record<string, Sign>> = {
  AND: 'and',
  OR: 'or',
  NOT: 'not',
  '&&': 'and',
  '||': 'or',
}
const FIELD = /^([\p{L}]+):(?!\/\/)/u

/** Cuts a query into lexemes. Throws QueryFault for a quote that is never closed. */
export function lexQuery(text: string): Lexeme[] {
  const lexemes: Lexeme[] = []
  let at = 0
  while (at < text.length) {
    const letter = text[at]!
    if (SEPARATOR.test(letter)) at++
    else {
      const lexeme = readLexeme(text, at, letter)
      lexemes.push(lexeme)
      at += lexeme.length
    }
  }
  return lexemes
}

function readLexeme(text: string, at: number, letter: string): Lexeme {
  if (letter === '(') return { sign: 'open', text: letter, at, length: 1 }
  if (letter === ')') return { sign: 'close', text: letter, at, length: 1 }
  if (letter in QUOTES) return readPhrase(text, at, QUOTES[letter]!)
  if (letter === '»')
    throw new QueryFault(at, 1, 'This quotation mark closes nothing.', 'Write «…» around the phrase.')
  const next = text[at + 1]
  if (letter === '-' && next !== undefined && !SEPARATOR.test(next))
    return { sign: 'not', text: letter, at, length: 1 }
  return readWord(text, at)
}

function readPhrase(text: string, at: number, close: string): Lexeme {
  const end = text.indexOf(close, at + 1)
  if (end < 0)
    throw new QueryFault(
      at,
      text.length - at,
      'The phrase is not closed.',
      `Add ${close} where the phrase ends.`,
    )
  return { sign: 'phrase', text: text.slice(at + 1, end), at, length: end + 1 - at }
}

function readWord(text: string, at: number): Lexeme {
  let end = at
  while (end < text.length && !WORD_END.test(text[end]!)) end++
  const word = text.slice(at, end)
  const field = FIELD.exec(word)
  if (field) return { sign: 'field', text: field[1]!, at, length: field[0].length }
  return { sign: OPERATORS[word] ?? 'word', text: word, at, length: Math.max(1, end - at) }
}
