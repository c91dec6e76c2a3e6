import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toHex } from '../../base/bytes.ts'
import { nativePrimitives as p } from '../../platform/primitives-native.ts'
import { noblePrimitives } from '../primitives-noble.ts'
import { toUtf8 } from '../utf8.ts'
import { decodePath, encodePath, isSafePath } from './manifest.ts'
import { readBag } from './read.ts'
import type { BagSource } from './source.ts'
import { validateBag } from './validate.ts'
import { writeBag } from './write.ts'

function source(files: ReadonlyMap<string, Uint8Array>): BagSource {
  return {
    list: async () => [...files].map(([path, bytes]) => ({ path, sizeBytes: bytes.length })),
    async *read(path) {
      const bytes = files.get(path)
      if (bytes === undefined) throw new Error(`${path} was asked for, but is not in the bag`)
      yield bytes
    },
  }
}

function bag(payload: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  const files = Object.entries(payload).map(([path, text]) => ({ path, bytes: toUtf8(text) }))
  const tags = writeBag(p, {
    payload: files.map(({ path, bytes }) => ({
      path,
      sizeBytes: bytes.length,
      sha256: toHex(p.sha256(bytes)),
    })),
    info: [['Source-Organization', 'A fictional desk']],
  })
  return new Map([
    ...tags.map(({ path, bytes }) => [path, bytes] as const),
    ...files.map(({ path, bytes }) => [`data/${path}`, bytes] as const),
  ])
}

const sample = { 'a.txt': 'one', 'پوشه/سند.txt': 'دو', '100% sure\r\n.txt': 'three' }

test('what is written is valid, and every name comes back', async () => {
  for (const primitives of [p, noblePrimitives]) {
    const report = await validateBag(primitives, source(bag(sample)))
    assert.deepEqual(report.problems, [])
    assert.ok(report.isValid)
    assert.deepEqual(
      report.bag?.payload.map((file) => file.path).sort(),
      Object.keys(sample)
        .map((name) => `data/${name}`)
        .sort(),
    )
    assert.deepEqual(report.bag?.info[0], ['Source-Organization', 'A fictional desk'])
  }
})

test('a changed byte anywhere makes a bag invalid', async () => {
  const good = bag(sample)
  for (const [path, bytes] of good)
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice()
      changed[at]! ^= 1
      const report = await validateBag(p, source(new Map(good).set(path, changed)))
      assert.ok(!report.isValid, `${path} ${at}`)
    }
})

test('a file that is missing or added is named', async () => {
  const good = bag(sample)
  for (const path of good.keys()) {
    if (path === 'tagmanifest-sha256.txt') continue // it is optional, and nothing lists it
    const files = new Map(good)
    files.delete(path)
    assert.ok(!(await validateBag(p, source(files))).isValid, path)
  }
  const report = await validateBag(p, source(new Map(good).set('data/extra', toUtf8('x'))))
  assert.deepEqual(report.problems.map(({ code, path }) => [code, path])[1], ['file_unlisted', 'data/extra'])
})

test('paths that leave the bag are refused and never read', async () => {
  const hash = toHex(p.sha256(toUtf8('one')))
  for (const bad of [
    '../x',
    'data/../../x',
    '/etc/passwd',
    'data//x',
    '~/x',
    'C:\\x',
    'data/..\\x',
    'data/a/./x',
    '%windir%\\x',
    'bagit.txt',
    'data/%0D/../../x',
  ]) {
    assert.ok(!isSafePath(bad) || !bad.startsWith('data/') || bad.includes('%'), bad)
    const files = bag(sample)
    files.set('manifest-sha256.txt', toUtf8(`${hash}  ${bad}\n`))
    const report = await validateBag(p, source(files))
    assert.ok(
      report.problems.some(({ code }) => code === 'path_unsafe'),
      bad,
    )
  }
})

test('the writer refuses what a reader could not hold apart', () => {
  const file = { sizeBytes: 0, sha256: toHex(p.sha256(new Uint8Array(0))) }
  for (const paths of [['a', 'A'], ['é', 'e\u0301'], ['../a'], ['a/'], ['']])
    assert.throws(() => writeBag(p, { payload: paths.map((path) => ({ ...file, path })), info: [] }), {
      code: 'malformed',
    })
  assert.throws(() => writeBag(p, { payload: [], info: [['A', 'b\nc']] }), { code: 'malformed' })
})

test('names survive the manifest', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (name) => decodePath(encodePath(name)) === name))
})

test('whatever the tag files hold, there is a report', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('bagit.txt', 'manifest-sha256.txt', 'bag-info.txt', 'fetch.txt', 'manifest-md5.txt'),
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ unit: 'grapheme', maxLength: 200 }).map(toUtf8),
      ),
      async (path, bytes) => {
        const { problems } = await readBag(source(new Map(bag(sample)).set(path, bytes)))
        assert.ok(Array.isArray(problems))
      },
    ),
    { numRuns: 300 },
  )
})
