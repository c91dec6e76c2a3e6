import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArguments } from './arguments.ts'
import { printable } from './print.ts'

test('arguments are read, and wrong ones are named', () => {
  assert.deepEqual(readArguments(['a', 'b', '--json', '--key=x=y']), {
    do: 'verify',
    certificate: 'a',
    original: 'b',
    key: 'x=y',
    policy: null,
    json: true,
  })
  assert.equal(readArguments(['a', '-', '--policy', 'p']).do, 'verify')
  assert.equal(readArguments(['--help']).do, 'help')
  for (const bad of [
    [],
    ['a', 'b', 'c'],
    ['a', '--key'],
    ['a', '--key', 'x', '--policy', 'y'],
    ['a', '--nope'],
    ['a', '--key', 'x', '--key', 'y'],
  ])
    assert.equal(readArguments(bad).do, 'problem', bad.join(' '))
})

test('nothing invisible reaches the terminal', () => {
  assert.equal(printable('a\u001b[31m\u202e\u2028\u0085ب'), 'a\\u{1b}[31m\\u{202e}\\u{2028}\\u{85}ب')
})
