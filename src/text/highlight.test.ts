import assert from 'node:assert/strict'
import { test } from 'node:test'
import { highlight } from './highlight.ts'
import { readQuery } from './read-query.ts'

function lit(text: string, asked: string): string[] {
  const reading = readQuery(asked)
  assert.ok(reading.ok)
  return highlight(text, reading.query).map(([start, end]) => text.slice(start, end))
}

test('the original spelling is lit, whatever was typed', () => {
  assert.deepEqual(lit('در كتابخانهٔ كابل', 'کابل'), ['كابل'])
  assert.deepEqual(lit('او می‌رود.', 'میرود'), ['می‌رود'])
  assert.deepEqual(lit('سال ۱۴۰۲ بود', '1402'), ['۱۴۰۲'])
  assert.deepEqual(lit('Évidence and evidences', 'evidence*'), ['Évidence', 'evidences'])
  assert.deepEqual(lit('根据联合国宪章', '联合国'), ['联合国'])
})

test('a phrase is lit only where it stands whole, and nothing under NOT', () => {
  assert.deepEqual(lit('a b, b, a b c', '"a b" NOT c'), ['a', 'b', 'a', 'b'])
  assert.deepEqual(lit('karimi kairmi', 'karimi~1 name:karimi'), ['karimi', 'kairmi'])
})
