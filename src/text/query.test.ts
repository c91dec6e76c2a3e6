import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { editDistance } from './edit-distance.ts'
import { printQuery, type Query } from './query.ts'
import { readQuery } from './read-query.ts'

function read(text: string): Query {
  const reading = readQuery(text)
  assert.ok(reading.ok, reading.ok ? '' : reading.error.message)
  return reading.query
}

test('words, operators and groups', () => {
  assert.equal(printQuery(read('a b OR c AND NOT d')), '(a b) OR (c (NOT d))')
  assert.equal(read('شکنجه زندان').kind, 'and')
  assert.deepEqual(read('«حقوق بشر»'), { kind: 'phrase', text: 'حقوق بشر' })
  assert.deepEqual(read('a، b؛ c'), read('a b c'))
  assert.deepEqual(read('-x'), { kind: 'not', part: { kind: 'word', text: 'x' } })
  assert.deepEqual(read('kabul*'), { kind: 'prefix', text: 'kabul' })
  assert.deepEqual(read('karimi~۲'), { kind: 'fuzzy', text: 'karimi', distance: 2 })
  assert.deepEqual(read('https://example.org/a'), { kind: 'word', text: 'https://example.org/a' })
})

test('dates in either calendar', () => {
  const asked = (text: string): [number | null, number | null] => {
    const query = read(text)
    assert.equal(query.kind, 'date')
    return query.kind === 'date' ? [query.firstDay, query.lastDay] : [0, 0]
  }
  const day = (iso: string): number => Date.parse(iso) / 86_400_000
  assert.deepEqual(asked('date:1402..1403'), [day('2023-03-21'), day('2025-03-20')])
  assert.deepEqual(asked('date:۱۴۰۲..۱۴۰۳'), asked('date:1402..1403'))
  assert.deepEqual(asked('date:2023-08'), [day('2023-08-01'), day('2023-08-31')])
  assert.deepEqual(asked('date:>=2021-08-15'), [day('2021-08-15'), null])
  assert.deepEqual(asked('date:<1400-05-24'), [null, day('2021-08-14')])
  assert.deepEqual(asked('date:2021-08-15'), asked('date:1400/5/24'))
})

const WRONG: readonly (readonly [string, number, number, RegExp])[] = [
  ['', 0, 0, /empty/],
  ['   ', 0, 3, /empty/],
  ['a AND', 2, 3, /missing after/],
  ['OR a', 0, 2, /missing before/],
  ['(a b', 0, 1, /never closed/],
  ['a b)', 3, 1, /closes nothing/],
  ['say "hello', 4, 6, /not closed/],
  ['colection:x', 0, 10, /no field/],
  ['x date:1402-13', 7, 7, /not a date/],
  ['date:1403..1402', 5, 10, /ends before/],
  ['a *b', 2, 1, /end of a word/],
  ['a*', 0, 2, /Too few/],
  ['word~5', 0, 6, /~1 and ~2/],
  ['type: pdf', 0, 5, /value is missing/],
  ['a +', 2, 1, /no letter/],
  ['"..."', 0, 5, /no word/],
]
for (const [text, at, length, message] of WRONG)
  test(`explained with its place: ${text || '(nothing)'}`, () => {
    const reading = readQuery(text)
    assert.ok(!reading.ok)
    assert.deepEqual([reading.error.at, reading.error.length], [at, length])
    assert.match(reading.error.message, message)
    assert.ok(reading.error.suggestion.length > 0)
  })

test('a mistyped field is guessed', () => {
  const reading = readQuery('langauge:fa')
  assert.ok(!reading.ok && reading.error.suggestion.includes('language'))
})

const word = fc.constantFrom('کابل', 'torture', 'права', '联合国', 'a-b', '1402', 'می‌رود')
const leaf: fc.Arbitrary<Query> = fc.oneof(
  word.map((text): Query => ({ kind: 'word', text })),
  fc
    .array(word, { minLength: 1, maxLength: 3 })
    .map((words): Query => ({ kind: 'phrase', text: words.join(' ') })),
  fc.constantFrom('ka', 'زند').map((text): Query => ({ kind: 'prefix', text })),
  fc.constantFrom<1 | 2>(1, 2).map((distance): Query => ({ kind: 'fuzzy', text: 'karimi', distance })),
  fc.constantFrom('pdf', 'two words').map((value): Query => ({ kind: 'field', field: 'type', value })),
  word.map((text): Query => ({ kind: 'name', part: { kind: 'word', text } })),
  fc.constant(read('date:1402..1403')),
)
const tree: fc.Arbitrary<Query> = fc.letrec<{ node: Query }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('node').map((part): Query => ({ kind: 'not', part })),
    fc
      .tuple(
        fc.constantFrom<'and' | 'or'>('and', 'or'),
        fc.array(tie('node'), { minLength: 2, maxLength: 4 }),
      )
      .map(([kind, parts]): Query => ({
        kind,
        parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])),
      })),
  ),
})).node

test('what is printed reads back as the same query', () => {
  fc.assert(fc.property(tree, (query) => assert.deepEqual(read(printQuery(query)), query)))
})

test('no text makes the reader throw, and every error lies inside the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab "()*~:-«»،AND OR NOT date:14 type') }), (text) => {
      const reading = readQuery(text)
      if (!reading.ok)
        assert.ok(reading.error.at >= 0 && reading.error.at + reading.error.length <= text.length)
      else assert.deepEqual(read(printQuery(reading.query)), reading.query)
    }),
    { numRuns: 2000 },
  )
})

test('edit distance counts a swap as one', () => {
  assert.equal(editDistance('karimi', 'kairmi', 2), 1)
  assert.equal(editDistance('karimi', 'kreemi', 2), 3)
  assert.equal(editDistance('', 'ab', 2), 2)
})
