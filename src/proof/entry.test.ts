import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nativePrimitives as p } from '../platform/primitives-native.ts'
import { fromCanonical, toCanonical, type JsonValue } from './canonical.ts'
import { entryKeyId, isSignedBy, opensSealed, parseSignedEntry, signEntry, type EntryDraft } from './entry.ts'
import { envelopeToBytes, envelopeToJson } from './dsse.ts'
import { LEAF_BYTES, makeLeaf } from './leaf.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'

const seed = new Uint8Array(32).fill(2)
const publicKey = p.ed25519PublicKey(seed)
const signer = {
  keyId: entryKeyId(p, publicKey),
  sign: (message: Uint8Array) => p.ed25519Sign(seed, message),
}
const random = (n: number): Uint8Array => new Uint8Array(n).fill(3)
const draft: EntryDraft = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  at: '2026-11-22T09:30:00.000Z',
  kind: 'evidence.item.registered',
  subjects: [{ type: 'item', id: '01890a5d-ac96-774b-bcce-b302099a8058' }],
  detail: { registrationNumber: 'AMN-2026-000001' },
  sealed: { who: { id: 'a' }, why: 'دلیل' },
}

test('an entry reads back, is signed by its key, and its sealed fields open one by one', () => {
  const signed = signEntry(p, draft, signer, random)
  const { envelope, entry } = parseSignedEntry(signed.bytes)
  assert.deepEqual(entry, signed.entry)
  assert.ok(isSignedBy(p, envelope, publicKey))
  assert.ok(!isSignedBy(p, envelope, p.ed25519PublicKey(new Uint8Array(32).fill(4))))
  assert.equal(signed.leaf.length, LEAF_BYTES)
  assert.deepEqual(signed.leaf, makeLeaf(p, signed.salt, signed.bytes))
  const { who, why } = signed.disclosures as {
    who: { salt: string; value: JsonValue }
    why: { salt: string; value: JsonValue }
  }
  assert.ok(opensSealed(p, entry, 'who', who))
  assert.ok(!opensSealed(p, entry, 'who', { ...who, value: { id: 'b' } }))
  assert.ok(!opensSealed(p, entry, 'who', why))
  assert.ok(!opensSealed(p, entry, 'toString', who))
  assert.ok(!fromUtf8(envelope.payload).includes('دلیل'), 'a sealed value must not be in the entry')
})

test('a changed byte, wherever it is, makes another leaf and no signed entry', () => {
  const signed = signEntry(p, draft, signer, random)
  for (let at = 0; at < signed.bytes.length; at++) {
    const changed = signed.bytes.slice()
    changed[at]! ^= 1
    assert.notDeepEqual(makeLeaf(p, signed.salt, changed), signed.leaf)
    try {
      assert.ok(!isSignedBy(p, parseSignedEntry(changed).envelope, publicKey), `byte ${at}`)
    } catch (refusal) {
      assert.equal((refusal as { code?: string }).code, 'malformed', `byte ${at}: ${String(refusal)}`)
    }
  }
})

test('drafts that the format does not allow are never signed', () => {
  const bad: Partial<EntryDraft>[] = [
    { id: 'x' },
    { at: '2026-02-31T09:30:00.000Z' },
    { at: '2026-11-22T09:30:00Z' },
    { kind: 'Registered' },
    { subjects: [{ type: 'Item', id: 'a' }] },
    { sealed: { 'a b': 1 } },
    { detail: { n: Number.POSITIVE_INFINITY } },
    { detail: { text: '\ud800' } },
    { detail: { text: 'a'.repeat(300_000) } },
  ]
  for (const change of bad)
    assert.throws(() => signEntry(p, { ...draft, ...change }, signer, random), { code: 'malformed' })
})

test('canonical bytes read back, and nothing but canonical bytes is read', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const bytes = toCanonical(value as JsonValue)
      assert.deepEqual(toCanonical(fromCanonical(bytes, 1_000_000)), bytes)
    }),
  )
  for (const bad of [
    '{"a":1,"a":1}',
    '{"b":1,"a":1}',
    '{"a": 1}',
    '1e400',
    '1.0',
    '-0',
    '1E2',
    '12345678901234567890',
    '"\\u0041"',
    '"\\ud800"',
    '[1,]',
    '',
    '\ufeff1',
    '{"__proto__":1,"__proto__":2}',
    '['.repeat(100_000) + ']'.repeat(100_000),
  ])
    assert.throws(() => fromCanonical(toUtf8(bad), 1_000_000), { code: 'malformed' }, bad.slice(0, 40))
  assert.throws(() => fromCanonical(Uint8Array.of(0x22, 0xff, 0x22), 9), { code: 'malformed' })
  assert.deepEqual(
    fromUtf8(toCanonical({ '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude00': 4, '\ufb33': 5 })),
    '{"\\r":2,"1":3,"€":1,"😀":4,"\ufb33":5}',
  )
})

test('an envelope written straight has the RFC 8785 bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 400 })
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(
      fc.record({ payloadType: text, payload: bytes, keyId: text, signature: bytes }),
      (envelope) => {
        assert.deepEqual(envelopeToBytes(envelope), toCanonical(envelopeToJson(envelope)))
      },
    ),
  )
})
