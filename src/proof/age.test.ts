import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import fc from 'fast-check'
import { concatBytes } from '../base/bytes.ts'
import { nativePrimitives as native } from '../platform/primitives-native.ts'
import {
  ageHeaderLength,
  formatX25519Recipient,
  makeAgeHeader,
  parseX25519Identity,
  parseX25519Recipient,
} from './age-header.ts'
import {
  CHUNK_BYTES,
  decryptPayload,
  decryptRange,
  encryptPayload,
  payloadSize,
  plaintextSize,
} from './age.ts'
import { noblePrimitives as noble } from './primitives-noble.ts'
import type { Primitives } from './primitives.ts'

const fileKey = new Uint8Array(16).fill(6)
const nonce = new Uint8Array(16).fill(9)
const SIZES = [
  0,
  1,
  15,
  CHUNK_BYTES - 1,
  CHUNK_BYTES,
  CHUNK_BYTES + 1,
  2 * CHUNK_BYTES,
  2 * CHUNK_BYTES + 777,
]

function plain(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255)
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function gather(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return concatBytes(...parts)
}

const seal = (p: Primitives, bytes: Uint8Array, step = 10_007): Promise<Uint8Array> =>
  gather(encryptPayload(p, { fileKey, nonce }, cut(bytes, step)))
const open = (p: Primitives, sealed: Uint8Array, step = 9973): Promise<Uint8Array> =>
  gather(decryptPayload(p, fileKey, cut(sealed, step)))

test('what is sealed opens again, whatever the size and the pieces it comes in', async () => {
  for (const size of SIZES) {
    const sealed = await seal(native, plain(size))
    assert.equal(sealed.length, payloadSize(size))
    assert.equal(plaintextSize(sealed.length), size)
    assert.deepEqual(await seal(noble, plain(size), 65_536), sealed)
    assert.deepEqual(await open(native, sealed), plain(size))
    assert.deepEqual(await open(noble, sealed, 7919), plain(size))
  }
})

test('any range opens without the rest', async () => {
  const size = 2 * CHUNK_BYTES + 777
  const sealed = await seal(native, plain(size))
  const reads: number[] = []
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    reads.push(length)
    return sealed.slice(offset, offset + length)
  }
  await fc.assert(
    fc.asyncProperty(fc.nat(size), fc.nat(size), async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)]
      const part = await gather(
        decryptRange(native, { fileKey, payloadBytes: sealed.length, read }, { start, end }),
      )
      assert.ok(Buffer.from(part).equals(Buffer.from(plain(size).subarray(start, end))))
    }),
    { numRuns: 40 },
  )
  reads.length = 0
  await gather(decryptRange(native, { fileKey, payloadBytes: sealed.length, read }, { start: 5, end: 6 }))
  assert.deepEqual(reads, [16, CHUNK_BYTES + 16])
})

test('a payload cut anywhere near a boundary, lengthened, or with chunks swapped is refused', async () => {
  const sealed = await seal(native, plain(2 * CHUNK_BYTES + 10))
  const chunk = CHUNK_BYTES + 16
  const edges = [0, 16, 16 + chunk, 16 + 2 * chunk, sealed.length].flatMap((edge) => [
    edge - 1,
    edge,
    edge + 1,
  ])
  for (const end of edges.filter((edge) => edge >= 0 && edge < sealed.length))
    await assert.rejects(open(native, sealed.subarray(0, end)), { code: 'malformed' }, `cut at ${end}`)
  await assert.rejects(open(native, concatBytes(sealed, Uint8Array.of(0))), { code: 'malformed' })
  const swapped = concatBytes(
    sealed.subarray(0, 16),
    sealed.subarray(16 + chunk, 16 + 2 * chunk),
    sealed.subarray(16, 16 + chunk),
    sealed.subarray(16 + 2 * chunk),
  )
  await assert.rejects(open(native, swapped), { code: 'malformed' })
})

test('every changed byte is found', async () => {
  const sealed = await seal(native, plain(40))
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice()
    changed[at]! ^= 1
    await assert.rejects(open(native, changed), { code: 'malformed' }, `byte ${at}`)
  }
})

test('lengths that no payload has are refused', () => {
  const chunk = CHUNK_BYTES + 16
  for (const length of [0, 16, 31, 16 + chunk + 1, 16 + chunk + 16, 16 + 2 * chunk + 3])
    assert.throws(() => plaintextSize(length), { code: 'malformed' }, String(length))
})

test('a header made for an existing file key opens with the age library and with stock age', async (t) => {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  const raw = parseX25519Recipient(recipient)
  assert.equal(formatX25519Recipient(raw), recipient)
  assert.deepEqual(native.x25519PublicKey(parseX25519Identity(identity)), raw)
  const random = (n: number): Uint8Array => crypto.getRandomValues(new Uint8Array(n))
  const other = native.x25519PublicKey(random(32))
  const header = makeAgeHeader(native, { fileKey, recipients: [other, raw] }, random)
  const file = concatBytes(header, await seal(native, plain(CHUNK_BYTES + 5)))
  assert.equal(ageHeaderLength(file), header.length)

  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  assert.deepEqual(await decrypter.decrypt(file), plain(CHUNK_BYTES + 5))

  if (spawnSync('age', ['--version']).error !== undefined)
    return t.diagnostic('age is not installed: stock check left out')
  const folder = mkdtempSync(path.join(tmpdir(), 'age-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'key'), identity)
  writeFileSync(path.join(folder, 'file'), file)
  const opened = spawnSync('age', ['-d', '-i', path.join(folder, 'key'), path.join(folder, 'file')])
  assert.equal(opened.status, 0, opened.stderr.toString())
  assert.deepEqual(new Uint8Array(opened.stdout), plain(CHUNK_BYTES + 5))
})

test('recipients and identities of another form are refused', () => {
  const good = formatX25519Recipient(new Uint8Array(32).fill(9))
  for (const bad of [
    '',
    'age1',
    good.slice(0, -1),
    `${good}q`,
    good.toUpperCase().slice(0, -1),
    good.replace('age1', 'agf1'),
  ])
    assert.throws(() => parseX25519Recipient(bad), { code: 'malformed' }, bad)
  assert.throws(() => parseX25519Identity(good), { code: 'malformed' })
  const order = { fileKey, recipients: [new Uint8Array(32)] }
  assert.throws(() => makeAgeHeader(native, order, (n) => new Uint8Array(n).fill(8)), { code: 'malformed' })
  assert.throws(() => makeAgeHeader(native, { fileKey, recipients: [] }, (n) => new Uint8Array(n)), {
    code: 'malformed',
  })
})
