import { readPeriod } from '../base/calendar-period.ts'
import { analyse } from './analyse.ts'
import { editDistance } from './edit-distance.ts'
import { foldWord } from './normalise.ts'
import { kindOf, SINGLE } from './letters.ts'
import { lexQuery, QueryFault, type Lexeme } from './query-lexer.ts'
import { FIELDS, type DateQuery, type Field, type Query, type QueryError } from './query.ts'

export type QueryReading =
  | { readonly ok: true; readonly query: Query }
  | { readonly ok: false; readonly error: QueryError }

const LONGEST_QUERY = 4_000
const DEEPEST = 60
const SHORTEST_PREFIX = 2

/** Reads a query, or says what is wrong with it and where. Never throws. */
export function readQuery(text: string): QueryReading {
  try {
    if (text.length > LONGEST_QUERY)
      throw new QueryFault(
        LONGEST_QUERY,
        text.length - LONGEST_QUERY,
        'The query is too long.',
        'Shorten it.',
      )
    const reader = new Reader(text, lexQuery(text))
    return { ok: true, query: reader.readAll() }
  } catch (fault) {
    if (fault instanceof QueryFault) return { ok: false, error: fault.error }
    throw fault
  }
}

class Reader {
  readonly #text: string
  readonly #lexemes: readonly Lexeme[]
  #next = 0
  #depth = 0

  constructor(text: string, lexemes: readonly Lexeme[]) {
    this.#text = text
    this.#lexemes = lexemes
  }

  readAll(): Query {
    if (this.#lexemes.length === 0)
      throw new QueryFault(0, this.#text.length, 'The query is empty.', 'Write at least one word.')
    const query = this.#readOr()
    const left = this.#peek()
    if (left)
      throw new QueryFault(
        left.at,
        left.length,
        'This parenthesis closes nothing.',
        'Remove it, or open one before it.',
      )
    return query
  }

  #readOr(): Query {
    const parts = [this.#readAnd()]
    while (this.#peek()?.sign === 'or') {
      this.#take()
      parts.push(this.#readAnd())
    }
    return join('or', parts)
  }

  #readAnd(): Query {
    const parts = [this.#readPart()]
    for (;;) {
      const next = this.#peek()
      if (!next || next.sign === 'or' || next.sign === 'close') return join('and', parts)
      if (next.sign === 'and') this.#take()
      parts.push(this.#readPart())
    }
  }

  #readPart(): Query {
    const lexeme = this.#take()
    switch (lexeme.sign) {
      case 'not':
        return { kind: 'not', part: this.#deeper(() => this.#readPart()) }
      case 'open':
        return this.#readGroup(lexeme)
      case 'field':
        return this.#readField(lexeme)
      case 'phrase':
        return readPhrase(lexeme)
      case 'word':
        return readWord(lexeme)
      default:
        throw new QueryFault(
          lexeme.at,
          lexeme.length,
          `A word or phrase is missing before “${lexeme.text}”.`,
          `Write one, or put “${lexeme.text}” in quotes to search for it.`,
        )
    }
  }

  #readGroup(open: Lexeme): Query {
    const query = this.#deeper(() => this.#readOr())
    if (this.#peek()?.sign !== 'close')
      throw new QueryFault(open.at, 1, 'This parenthesis is never closed.', 'Add ) where the group ends.')
    this.#take()
    return query
  }

  #readField(lexeme: Lexeme): Query {
    const field = knownField(lexeme)
    const value = this.#peek()
    if (
      !value ||
      value.at !== lexeme.at + lexeme.length ||
      (value.sign !== 'word' && value.sign !== 'phrase')
    )
      throw new QueryFault(
        lexeme.at,
        lexeme.length,
        `A value is missing after “${lexeme.text}:”.`,
        field === 'date'
          ? 'Write for example date:1402..1403.'
          : `Write for example ${field}:word or ${field}:"two words".`,
      )
    this.#take()
    if (field === 'name')
      return { kind: 'name', part: value.sign === 'phrase' ? readPhrase(value) : readWord(value) }
    if (field === 'date') return readDates(value)
    if (value.text.trim() === '')
      throw new QueryFault(value.at, value.length, 'The value is empty.', 'Write a value between the quotes.')
    return { kind: 'field', field, value: value.text }
  }

  #deeper(read: () => Query): Query {
    if (++this.#depth > DEEPEST) {
      const at = this.#peek()?.at ?? this.#text.length
      throw new QueryFault(at, 1, 'The query is nested too deeply.', 'Use fewer parentheses.')
    }
    const query = read()
    this.#depth--
    return query
  }

  #peek(): Lexeme | undefined {
    return this.#lexemes[this.#next]
  }

  #take(): Lexeme {
    const lexeme = this.#lexemes[this.#next]
    if (lexeme) {
      this.#next++
      return lexeme
    }
    const last = this.#lexemes.at(-1)!
    throw new QueryFault(
      last.at,
      last.length,
      `Something is missing after “${last.text}”.`,
      'Write a word or phrase after it, or remove it.',
    )
  }
}

function join(kind: 'and' | 'or', parts: readonly Query[]): Query {
  if (parts.length === 1) return parts[0]!
  return { kind, parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])) }
}

function knownField(lexeme: Lexeme): Field {
  const asked = lexeme.text.toLowerCase()
  const known = FIELDS.find((field) => field === asked)
  if (known) return known
  const near = FIELDS.map((field) => ({ field, distance: editDistance(asked, field, 3) })).sort(
    (a, b) => a.distance - b.distance,
  )[0]!
  throw new QueryFault(
    lexeme.at,
    lexeme.length,
    `There is no field “${lexeme.text}”.`,
    near.distance <= 2
      ? `Did you mean ${near.field}: ?`
      : `Fields are ${FIELDS.join(', ')}. To search for the text itself, quote it.`,
  )
}

function readPhrase(lexeme: Lexeme): Query {
  if (analyse(lexeme.text).length === 0)
    throw new QueryFault(
      lexeme.at,
      lexeme.length,
      'The phrase has no word in it.',
      'Write words between the quotes.',
    )
  return { kind: 'phrase', text: lexeme.text }
}

function readWord(lexeme: Lexeme): Query {
  const fuzzy = /^(.+)~([0-9۰-۹٠-٩]*)$/u.exec(lexeme.text)
  if (fuzzy) return readFuzzy(lexeme, fuzzy[1]!, foldWord(fuzzy[2]!))
  const star = lexeme.text.indexOf('*')
  if (star < 0) return needWord(lexeme, lexeme.text, { kind: 'word', text: lexeme.text })
  if (star !== lexeme.text.length - 1)
    throw new QueryFault(
      lexeme.at + star,
      1,
      'A * may stand only at the end of a word.',
      `Try ${lexeme.text.slice(0, star)}*.`,
    )
  const text = lexeme.text.slice(0, star)
  const folded = analyse(text)
  if (folded.length !== 1 || folded[0]!.length !== 1)
    throw new QueryFault(
      lexeme.at,
      lexeme.length,
      'A * needs a single word before it.',
      'Write the first letters of one word.',
    )
  const start = folded[0]![0]!.term
  if (start.length < SHORTEST_PREFIX && kindOf(start.charCodeAt(0)) !== SINGLE)
    throw new QueryFault(
      lexeme.at,
      lexeme.length,
      'Too few letters before the *.',
      `Write at least ${SHORTEST_PREFIX} letters.`,
    )
  return { kind: 'prefix', text }
}

function readFuzzy(lexeme: Lexeme, text: string, written: string): Query {
  const distance = written === '' ? 1 : Number(written)
  if (distance !== 1 && distance !== 2)
    throw new QueryFault(lexeme.at, lexeme.length, 'Only ~1 and ~2 are possible.', `Try ${text}~2.`)
  const folded = analyse(text)
  if (folded.length !== 1 || folded[0]!.length !== 1 || text.includes('*'))
    throw new QueryFault(
      lexeme.at,
      lexeme.length,
      'A ~ needs a single word before it.',
      'Write one word before the ~.',
    )
  return { kind: 'fuzzy', text, distance }
}

function needWord(lexeme: Lexeme, text: string, query: Query): Query {
  if (analyse(text).length > 0) return query
  throw new QueryFault(
    lexeme.at,
    lexeme.length,
    `“${lexeme.text}” has no letter or digit in it.`,
    'Remove it.',
  )
}

function readDates(lexeme: Lexeme): DateQuery {
  const written = lexeme.text
  const folded = written.replace(/[۰-۹٠-٩]/gu, (digit) => foldWord(digit))
  const compared = /^(>=|<=|>|<)(.+)$/u.exec(folded)
  if (compared) return compareDates(lexeme, compared[1]!, compared[2]!)
  const range = folded.split('..')
  if (range.length > 2) throw badDate(lexeme)
  const first = range[0] === '' ? null : needPeriod(lexeme, range[0]!).firstDay
  const lastText = range.at(-1)!
  const last = lastText === '' ? null : needPeriod(lexeme, lastText).lastDay
  if (first === null && last === null) throw badDate(lexeme)
  if (first !== null && last !== null && first > last)
    throw new QueryFault(
      lexeme.at,
      lexeme.length,
      'The range ends before it begins.',
      `Try date:${range[1]}..${range[0]}.`,
    )
  return { kind: 'date', written, firstDay: first, lastDay: last }
}

function compareDates(lexeme: Lexeme, sign: string, text: string): DateQuery {
  const { firstDay, lastDay } = needPeriod(lexeme, text)
  const written = lexeme.text
  if (sign === '>=') return { kind: 'date', written, firstDay, lastDay: null }
  if (sign === '<=') return { kind: 'date', written, firstDay: null, lastDay }
  if (sign === '>') return { kind: 'date', written, firstDay: lastDay + 1, lastDay: null }
  return { kind: 'date', written, firstDay: null, lastDay: firstDay - 1 }
}

function needPeriod(lexeme: Lexeme, text: string): { firstDay: number; lastDay: number } {
  const period = readPeriod(text)
  if (!period || period.firstDay === null || period.lastDay === null) throw badDate(lexeme)
  return { firstDay: period.firstDay, lastDay: period.lastDay }
}

function badDate(lexeme: Lexeme): QueryFault {
  return new QueryFault(
    lexeme.at,
    lexeme.length,
    `“${lexeme.text}” is not a date.`,
    'Write a year, year-month or year-month-day: date:1402, date:2023-08, date:1402-05..1403, date:>=2021-08-15.',
  )
}
