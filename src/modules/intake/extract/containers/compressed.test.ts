import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { codesOf, inputOf, readWith, valueOf } from '../../../../../test/fixtures/containers/read.ts'
import { packed } from '../../../../../test/fixtures/containers/packed.ts'
import { sevenZipExtractor } from './seven-zip.ts'
import { singleStreamExtractor } from './single-stream.ts'

const words = Buffer.from('شهادت‌نامه\n'.repeat(3000))

test('gzip and Zstandard give back their one file under its name', async (t) => {
  for (const [name, bytes] of [
    ['گزارش.csv.gz', gzipSync(words)],
    ['گزارش.csv.zst', zstdCompressSync(words)],
  ] as const) {
    const result = await readWith(t, singleStreamExtractor, { name, bytes })
    assert.deepEqual(result.notices, [])
    assert.equal(result.children[0]?.path, 'گزارش.csv')
    assert.deepEqual(readFileSync(result.children[0]!.file), words)
  }
})

for (const [type, name] of [
  ['bzip2', 'a.txt.bz2'],
  ['xz', 'a.txt.xz'],
] as const) {
  test(`${type} gives back its one file`, async (t) => {
    const result = await readWith(t, singleStreamExtractor, {
      name,
      bytes: await packed(t, type, { 'a.txt': words }),
    })
    assert.deepEqual(result.notices, [])
    assert.equal(result.children[0]?.path, 'a.txt')
    assert.deepEqual(readFileSync(result.children[0]!.file), words)
  })
}

test('a cut gzip keeps what came before the cut and says so', async (t) => {
  const random = Buffer.concat(
    Array.from({ length: 2000 }, (_, index) => createHash('sha256').update(String(index)).digest()),
  )
  const result = await readWith(t, singleStreamExtractor, {
    name: 'c.gz',
    bytes: gzipSync(random).subarray(0, 20_000),
  })
  assert.deepEqual(codesOf(result), ['truncated'])
  const kept = readFileSync(result.children[0]!.file)
  assert.ok(kept.length > 1000 && kept.equals(random.subarray(0, kept.length)))
})

test('a gzip bomb stops', async (t) => {
  const input = await inputOf(t, { name: 'b.gz', bytes: gzipSync(Buffer.alloc(40 * 1024 * 1024)) })
  assert.deepEqual(codesOf(await singleStreamExtractor.extract(input)), ['bomb'])
  assert.deepEqual(readdirSync(input.workFolder), [])
})

test('7z: children, and a solid bomb that stops with its list kept', async (t) => {
  const whole = await readWith(t, sevenZipExtractor, {
    name: 'a.7z',
    bytes: await packed(t, '7z', { 'نامه.txt': words, 'b.txt': words }),
  })
  assert.deepEqual(whole.notices, [])
  assert.deepEqual(whole.children.map((child) => child.path).toSorted(), ['b.txt', 'نامه.txt'])
  assert.ok(whole.children.every((child) => readFileSync(child.file).equals(words)))
  const bytes = await packed(t, '7z', { 'bomb.bin': Buffer.alloc(64 * 1024 * 1024) })
  const input = await inputOf(t, { name: 'b.7z', bytes })
  const bomb = await sevenZipExtractor.extract(input)
  assert.deepEqual(codesOf(bomb), ['bomb'])
  assert.match(bomb.parts[0]?.text ?? '', /bomb\.bin/)
  assert.deepEqual(readdirSync(input.workFolder), [])
})

for (const [what, switches] of [
  ['data', []],
  ['data and list', ['-mhe=on']],
] as const) {
  test(`7z with locked ${what}: said without, opened with the password`, async (t) => {
    const bytes = await packed(t, '7z', { 'a.txt': words }, ['-pکلید', ...switches])
    const locked = await readWith(t, sevenZipExtractor, { name: 'a.7z', bytes, passwords: ['wrong'] })
    assert.deepEqual(codesOf(locked), ['encrypted'])
    assert.equal(locked.children.length, 0)
    const open = await readWith(t, sevenZipExtractor, { name: 'a.7z', bytes, passwords: ['wrong', 'کلید'] })
    assert.deepEqual(open.notices, [])
    assert.deepEqual(readFileSync(open.children[0]!.file), words)
    assert.equal(valueOf(open, 'archive.format'), '7z')
  })
}
