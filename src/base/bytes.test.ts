import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex } from './bytes.ts'

test('hexadecimal and base64 are those of everyone else, and read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(toHex(bytes), Buffer.from(bytes).toString('hex'))
      assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'))
      assert.deepEqual(fromHex(toHex(bytes).toUpperCase()), bytes)
      assert.deepEqual(fromBase64(toBase64(bytes)), bytes)
    }),
  )
})

test('one value has one spelling', () => {
  for (const bad of [
    'A',
    'AA',
    'AAA',
    'AAAA=',
    'A===',
    'AB==',
    'AAB=',
    'AA=A',
    'AA-_',
    ' AAA',
    'AAAA\n',
    '====',
    'ＡAAA',
  ])
    assert.equal(fromBase64(bad), null, bad)
  for (const bad of ['a', 'zz', '0x', ' 00', '00\n']) assert.equal(fromHex(bad), null, bad)
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const bytes = fromBase64(text)
      return bytes === null || toBase64(bytes) === text
    }),
  )
})

test('joining and comparing', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (parts) => {
      assert.deepEqual(concatBytes(...parts), new Uint8Array(Buffer.concat(parts)))
    }),
  )
  assert.ok(!equalBytes(Uint8Array.of(1), Uint8Array.of(1, 2)))
  assert.ok(!equalBytes(Uint8Array.of(1, 3), Uint8Array.of(1, 2)))
  assert.ok(equalBytes(new Uint8Array(0), new Uint8Array(0)))
})
