import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compileMessage } from '@lingui/message-utils/compileMessage'

const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`messages/${language}.json`, import.meta.url), 'utf8')) as Record<
    string,
    string
  >
const en = read('en')
const prs = read('prs')

/** The names of the values that a compiled message takes. */
function valuesOf(message: string): string[] {
  const names = new Set<string>()
  const collect = (token: unknown): void => {
    if (!Array.isArray(token)) return
    if (
      typeof token[0] === 'string' &&
      token.length <= 3 &&
      (token.length === 1 || typeof token[1] === 'string')
    )
      names.add(token[0])
    const options: unknown = token[2]
    if (typeof options === 'object' && options !== null)
      Object.values(options).forEach((option) => each(option))
  }
  const each = (compiled: unknown): void => {
    if (Array.isArray(compiled)) compiled.forEach(collect)
  }
  each(compileMessage(message))
  return [...names].sort()
}

test('both catalogues hold the same messages', () => {
  assert.deepEqual(Object.keys(prs).sort(), Object.keys(en).sort())
})

test('a message takes the same values in both languages', () => {
  for (const [id, message] of Object.entries(en)) assert.deepEqual(valuesOf(prs[id]!), valuesOf(message), id)
})

test('values are found where they stand, within plurals too', () => {
  assert.deepEqual(valuesOf('{name} has {count, plural, one {# file of {size}} other {# files}}'), [
    'count',
    'name',
    'size',
  ])
})

test('no Dari message is left in English', () => {
  // Names of formats and digits are the same everywhere.
  const same = Object.keys(en).filter((id) => en[id] === prs[id])
  assert.deepEqual(same.sort(), ['account.numeralsWestern', 'custody.csv', 'custody.json'])
})

test('Dari is written with Persian letters, not their Arabic look-alikes', () => {
  const wrong = Object.entries(prs).filter(([, message]) => /[يكىة]/.test(message))
  assert.deepEqual(wrong, [])
})
