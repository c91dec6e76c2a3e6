import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { analyse } from './analyse.ts'
import { foldWord, normalise } from './normalise.ts'
import { tokenise } from './tokenise.ts'

/** True where some sequence asked by `query` stands in `text`: the meaning the index must keep. */
function finds(text: string, query: string): boolean {
  const tokens = tokenise(text)
  const at = new Map<string, Set<number>>()
  tokens.terms.forEach((term, i) => at.set(term, (at.get(term) ?? new Set()).add(tokens.positions[i]!)))
  return analyse(query).some((sequence) =>
    [...(at.get(sequence[0]!.term) ?? [])].some((start) =>
      sequence.every((slot) => at.get(slot.term)?.has(start + slot.at)),
    ),
  )
}

const ALIKE: readonly (readonly [string, string, string])[] = [
  ['Arabic and Persian yeh and kaf', 'كتاب يك', 'کتاب یک'],
  ['teh marbuta', 'مدرسة', 'مدرسه'],
  ['he with hamza', 'خانهٔ', 'خانۀ'],
  ['alef variants', 'أحمد', 'احمد'],
  ['alef madda', 'آزادی', 'ازادی'],
  ['hamza on vav', 'مؤمن', 'مومن'],
  ['tatweel and marks', 'محـــمّد', 'محمد'],
  ['presentation forms', 'ﺳﻼﻡ', 'سلام'],
  ['Persian digits', '۱۴۰۲', '1402'],
  ['Arabic digits', '١٤٠٢', '۱۴۰۲'],
  ['full-width Latin', 'ＡＢＣ１２', 'abc12'],
  ['ZWNJ and joined', 'می‌رود', 'میرود'],
  ['ZWNJ and apart', 'می‌رود', 'می رود'],
  ['apart and joined', 'می رود', 'میرود'],
  ['plural left off', 'کتاب‌ها', 'کتاب'],
  ['joined plural left off', 'کتابهای', 'کتاب'],
  ['direction controls', '\u202bکابل\u202c', 'کابل'],
  ['case and accents', 'Évidence', 'evidence'],
  ['French elision', 'l’homme', 'homme'],
  ['yo', 'её', 'ее'],
  ['short i in two spellings', 'мои\u0306', 'мой'],
  ['Uzbek apostrophes', 'oʻrtasida', "o'rtasida"],
  ['Uzbek typographic quote', 'o‘rtasida', 'oʻrtasida'],
  ['Turkish letters', 'İstanbul', 'istanbul'],
  ['Uyghur seat', 'ئۇيغۇر', 'ۇيغۇر'],
  ['Pashto gaf', 'ګټه', 'گټه'],
  ['Chinese inside a run', '根据联合国宪章的规定', '联合国'],
  ['one Chinese character', '联合国', '国'],
  ['registration number whole', 'see AF-2024/000123.', 'AF2024000123'],
  ['registration number in part', 'see AF-2024/000123.', '000123'],
  ['mail address whole', 'from a.karimi@example.org', 'a.karimi@example.org'],
  ['mail address in part', 'from a.karimi@example.org', 'example'],
  ['thousands', '1,234 dead', '1234'],
  ['number with a dot', 'about 3.14', '3.14'],
]

for (const [name, text, query] of ALIKE)
  test(`found alike: ${name}`, () => {
    assert.ok(finds(text, query), `${query} in ${text}`)
    assert.ok(finds(`آغاز ${text} پایان`, query), 'between other words')
  })

test('different words stay different', () => {
  for (const [text, query] of [
    ['گرگ', 'کرک'],
    ['314', '3.14'],
    ['联合', '合联'],
    ['a b', 'b a'],
    ['ډار', 'دار'],
  ] as const)
    assert.equal(finds(text, query), false, `${query} is not in ${text}`)
})

test('folding is idempotent', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const once = foldWord(text)
      assert.equal(foldWord(once), once)
    }),
  )
})

test('every normalised letter knows where it came from', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { text: folded, origin } = normalise(text)
      assert.equal(origin.length, folded.length + 1)
      assert.equal(origin[folded.length], text.length)
      for (let at = 1; at < origin.length; at++) assert.ok(origin[at]! >= origin[at - 1]!)
    }),
  )
})

test('every token lies inside its text and any of its words finds it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      const tokens = tokenise(text)
      tokens.terms.forEach((term, i) => {
        assert.ok(term.length > 0)
        assert.ok(
          tokens.starts[i]! >= 0 && tokens.starts[i]! < tokens.ends[i]! && tokens.ends[i]! <= text.length,
        )
        assert.ok(tokens.positions[i]! < tokens.length)
      })
      if (tokens.length > 0) assert.ok(finds(text, text), 'a text finds itself')
    }),
    { numRuns: 500 },
  )
})
