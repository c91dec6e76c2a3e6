import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nativePrimitives as p } from '../platform/primitives-native.ts'
import { checkCosignature, cosign, formatCheckpoint, parseCheckpoint } from './checkpoint.ts'
import {
  KEY_TYPE,
  checkSignature,
  formatNote,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
} from './note.ts'

const seed = new Uint8Array(32).fill(1)
const publicKey = p.ed25519PublicKey(seed)
const key = verifierKey(p, { name: 'desk.example/log', type: KEY_TYPE.ed25519, publicKey })
const cosigner = verifierKey(p, { name: 'peer.example', type: KEY_TYPE.cosignature, publicKey })
const sign = (message: Uint8Array): Uint8Array => p.ed25519Sign(seed, message)
const text = formatCheckpoint({ origin: key.name, size: 7, root: new Uint8Array(32).fill(5), extensions: [] })
const note = formatNote({ text, signatures: [signNote(text, key, sign)] })

test('the key of the Go note package reads as it should', () => {
  const known = parseVerifierKey(p, 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  assert.equal(known.name, 'PeterNeumann')
  const signed =
    'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
      '’',
      "'",
    )
  const line =
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='
  assert.equal(checkSignature(p, parseNote(`${signed}\n${line}\n`), known), 'good')
})

test('keys, notes and checkpoints read back as written', () => {
  assert.deepEqual(parseVerifierKey(p, formatVerifierKey(key)), key)
  assert.equal(formatNote(parseNote(note)), note)
  assert.equal(checkSignature(p, parseNote(note), key), 'good')
  assert.equal(parseCheckpoint(text).size, 7)
  fc.assert(
    fc.property(fc.nat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, root) => {
      const checkpoint = { origin: 'a b', size, root, extensions: ['x'] }
      assert.deepEqual(parseCheckpoint(formatCheckpoint(checkpoint)), checkpoint)
    }),
  )
})

test('any changed, missing or added character spoils a note', () => {
  const isGood = (changed: string): boolean => {
    try {
      return checkSignature(p, parseNote(changed), key) === 'good'
    } catch (refusal) {
      assert.equal((refusal as { code?: string }).code, 'malformed')
      return false
    }
  }
  assert.ok(isGood(note))
  for (let at = 0; at < note.length; at++) {
    const flipped = String.fromCharCode(note.charCodeAt(at) ^ 1)
    assert.ok(!isGood(note.slice(0, at) + flipped + note.slice(at + 1)), `flip ${at}`)
    assert.ok(!isGood(note.slice(0, at)), `cut ${at}`)
    assert.ok(!isGood(`${note.slice(0, at)}\n${note.slice(at)}`), `newline ${at}`)
  }
})

test('one bad line of a key spoils its good line; unknown keys are left alone', () => {
  const good = signNote(text, key, sign)
  const bad = { ...good, signature: new Uint8Array(64) }
  const other = { name: 'other', keyHash: Uint8Array.of(1, 2, 3, 4), signature: new Uint8Array(64) }
  assert.equal(checkSignature(p, { text, signatures: [good, bad] }, key), 'bad')
  assert.equal(checkSignature(p, { text, signatures: [other, good] }, key), 'good')
  assert.equal(checkSignature(p, { text, signatures: [other] }, key), 'absent')
})

test('a cosignature signs the time too', () => {
  const line = cosign(text, { key: cosigner, epochSeconds: 1_790_000_000 }, sign)
  const signed = parseNote(formatNote({ text, signatures: [line] }))
  assert.deepEqual(checkCosignature(p, signed, cosigner), { verdict: 'good', epochSeconds: 1_790_000_000 })
  for (let at = 0; at < 72; at++) {
    const signature = line.signature.slice()
    signature[at]! ^= 1
    assert.equal(checkCosignature(p, { text, signatures: [{ ...line, signature }] }, cosigner).verdict, 'bad')
  }
})

test('checkpoints of another form are refused', () => {
  const root = 'BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU='
  for (const bad of [
    '',
    'a\n1\n',
    `a\n01\n${root}\n`,
    `a\n-1\n${root}\n`,
    `a\n1e3\n${root}\n`,
    `a\n281474976710656\n${root}\n`,
    `a\n99999999999999999999999\n${root}\n`,
    `\n1\n${root}\n`,
    `a\n1\n${root}\n\n`,
    `a\n1\n${root.slice(0, -4)}\n`,
    `a\n1\n${root}`,
  ])
    assert.throws(() => parseCheckpoint(bad), { code: 'malformed' }, JSON.stringify(bad))
})

test('verifier keys of another form are refused', () => {
  const good = formatVerifierKey(key)
  for (const bad of [
    '',
    'a+b',
    good.toUpperCase(),
    good.slice(0, -4),
    good.replace('desk', 'dusk'),
    `${good}\n`,
  ])
    assert.throws(() => parseVerifierKey(p, bad), { code: 'malformed' }, bad)
})
