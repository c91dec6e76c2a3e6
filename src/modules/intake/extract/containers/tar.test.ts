import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { codesOf, readWith, valueOf } from '../../../../../test/fixtures/containers/read.ts'
import { tarExtractor } from './tar.ts'

interface Part {
  readonly name: string
  readonly data?: Buffer
  readonly type?: string
  readonly link?: string
}

function header(part: Part, size: number): Buffer {
  const block = Buffer.alloc(512)
  block.write(part.name.slice(0, 100), 0)
  block.write('0000644\0', 100)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write(`${(1_700_000_000).toString(8).padStart(11, '0')}\0`, 136)
  block.write(part.type ?? '0', 156)
  block.write(part.link ?? '', 157)
  block.write('ustar\x0000', 257)
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function tar(parts: readonly Part[]): Buffer {
  const blocks = parts.flatMap((part) => {
    const data = part.data ?? Buffer.alloc(0)
    const padded = Buffer.alloc(Math.ceil(data.length / 512) * 512)
    data.copy(padded)
    return [header(part, data.length), padded]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

const pax = (records: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`)
      const length = rest + String(rest + String(rest).length).length
      return Buffer.from(`${length} ${key}=${value}\n`)
    }),
  )
const words = Buffer.from('گزارش میدانی\n'.repeat(100))

test('files, long names and Unicode names come out whole', async (t) => {
  const long = `${'پوشه/'.repeat(40)}گزارش.txt`
  const bytes = tar([
    { name: 'plain.txt', data: words },
    { name: 'x', type: 'x', data: pax({ path: long, mtime: '1600000000.5' }) },
    { name: 'short', data: words },
    { name: '././@LongLink', type: 'L', data: Buffer.from(`gnu/${'n'.repeat(200)}\0`) },
    { name: 'gnu', data: words },
  ])
  const result = await readWith(t, tarExtractor, { name: 'a.tar', bytes })
  assert.deepEqual(
    result.children.map((child) => child.path),
    ['plain.txt', long, `gnu/${'n'.repeat(200)}`],
  )
  assert.ok(result.children.every((child) => readFileSync(child.file).equals(words)))
  assert.equal(result.children[1]?.modifiedAt, '2020-09-13T12:26:40.500Z')
  assert.equal(result.outcome, 'read')
})

test('links and devices are told and not made; climbing names are quarantined', async (t) => {
  const bytes = tar([
    { name: 'soft', type: '2', link: '/etc/passwd' },
    { name: 'hard', type: '1', link: '../../x' },
    { name: 'null', type: '3' },
    { name: '../up.txt', data: words },
  ])
  const result = await readWith(t, tarExtractor, { name: 'l.tar', bytes })
  assert.deepEqual(codesOf(result), ['link-not-followed', 'unsafe-name'])
  assert.equal(result.notices.filter((notice) => notice.code === 'link-not-followed').length, 3)
  assert.deepEqual(
    result.children.map((child) => child.safePath),
    ['up.txt'],
  )
  assert.equal(valueOf(result, 'archive.entries'), 4)
})

test('after a damaged header reading goes on at the next one', async (t) => {
  const bytes = tar([
    { name: 'one', data: words },
    { name: 'two', data: words },
    { name: 'three', data: words },
  ])
  bytes.write('XX', 512 + Math.ceil(words.length / 512) * 512)
  const result = await readWith(t, tarExtractor, { name: 'd.tar', bytes })
  assert.deepEqual(
    result.children.map((child) => child.path),
    ['one', 'three'],
  )
  assert.deepEqual(codesOf(result), ['broken'])
})

test('a cut archive keeps what is there', async (t) => {
  const result = await readWith(t, tarExtractor, {
    name: 'c.tar',
    bytes: tar([{ name: 'one', data: words }]).subarray(0, 1000),
  })
  assert.deepEqual(codesOf(result), ['truncated'])
  assert.equal(result.children[0]?.sizeBytes, 488)
})
