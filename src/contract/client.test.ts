import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { spellQuery, spellRequest } from './client.ts'

test('a call is spelled as method, address and body', () => {
  assert.deepEqual(
    spellRequest('POST /api/items/:id/hold', { params: { id: 'a/b' }, body: { hold: true } }),
    { method: 'POST', url: '/api/items/a%2Fb/hold', body: '{"hold":true}' },
  )
  assert.deepEqual(
    spellRequest('GET /api/items', { query: { state: ['a', 'b'], name: '', after: undefined } }),
    {
      method: 'GET',
      url: '/api/items?state=a&state=b',
      body: undefined,
    },
  )
})

test('a call without a value for its path is a fault, not a wrong address', () => {
  assert.throws(() => spellRequest('GET /api/items/:id', { params: {} }), /no value for id/)
})

test('what a query spells, a server reads back', () => {
  const value = fc.string({ unit: 'binary', minLength: 1 })
  fc.assert(
    fc.property(fc.dictionary(value, fc.array(value, { minLength: 1 })), (query) => {
      const read = new URLSearchParams(spellQuery(query))
      for (const [key, values] of Object.entries(query)) assert.deepEqual(read.getAll(key), values)
    }),
  )
})
