import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cutAt, markHits } from './mark-hits.ts'

test('a text is marked where it answers, whatever variant of a letter was typed', () => {
  const pieces = markHits('در دفتر کتابچه بود', 'كتابچة')
  assert.deepEqual(
    pieces.filter(({ hit }) => hit).map(({ text }) => text),
    ['کتابچه'],
  )
})

test('a query that cannot be read marks nothing and loses nothing', () => {
  assert.deepEqual(markHits('a "text', '"open'), [{ at: 0, text: 'a "text', hit: false }])
})

test('cutting loses nothing, whatever is marked', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, query) => {
      assert.equal(
        markHits(text, query)
          .map((piece) => piece.text)
          .join(''),
        text,
      )
    }),
  )
  assert.deepEqual(
    cutAt('abcdef', [
      [1, 2],
      [4, 6],
    ])
      .map(({ text, hit }) => (hit ? `[${text}]` : text))
      .join(''),
    'a[b]cd[ef]',
  )
})
