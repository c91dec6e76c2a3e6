import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { crc32, deflateRawSync } from 'node:zlib'
import { codesOf, inputOf, readWith, valueOf } from '../../../../../test/fixtures/containers/read.ts'
import { packed } from '../../../../../test/fixtures/containers/packed.ts'
import { zipExtractor } from './zip.ts'

interface Part {
  readonly name: string | Buffer
  readonly data: Buffer
  readonly size?: number
  readonly localName?: string
  readonly mode?: number
}

/** A small ZIP written by hand, so that it can lie. */
function zip(parts: readonly Part[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const part of parts) {
    const name = Buffer.from(part.name)
    const local = Buffer.from(part.localName ?? name)
    const body = deflateRawSync(part.data)
    const fixed = (length: number): Buffer => {
      const bytes = Buffer.alloc(20)
      bytes.writeUInt16LE(8, 2)
      bytes.writeUInt32LE(crc32(part.data), 8)
      bytes.writeUInt32LE(body.length, 12)
      bytes.writeUInt32LE(part.size ?? part.data.length, 16)
      return Buffer.concat([bytes, Buffer.from([length & 255, length >> 8, 0, 0])])
    }
    const head = Buffer.concat([Buffer.from('PK\x03\x04\x14\x00', 'latin1'), fixed(local.length), local])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    centrals.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x03\x14\x00', 'latin1'), fixed(name.length), tail, name]),
    )
    locals.push(head, body)
    offset += head.length + body.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

const letter = Buffer.from('سلام، این یک نامه است.\n'.repeat(20))

test('entries become children with their names, bytes and times', async (t) => {
  const result = await readWith(t, zipExtractor, {
    name: 'a.zip',
    bytes: zip([{ name: 'نامه/یک.txt', data: letter }]),
  })
  assert.equal(result.outcome, 'read')
  assert.deepEqual(result.notices, [])
  assert.equal(result.children[0]?.path, 'نامه/یک.txt')
  assert.deepEqual(readFileSync(result.children[0]!.file), letter)
  assert.match(result.parts[0]?.text ?? '', /یک\.txt/)
})

test('hostile names stay text: nothing is written but generated files', async (t) => {
  const names = ['../../evil', '/abs', 'C:\\win', 'a\\..\\b', 'same', 'SAME', 'same', 'x\0y', '']
  const input = await inputOf(t, { name: 'h.zip', bytes: zip(names.map((name) => ({ name, data: letter }))) })
  const result = await zipExtractor.extract(input)
  assert.deepEqual(
    readdirSync(input.workFolder).toSorted(),
    result.children.map((child) => child.file.split('/').at(-1)).toSorted(),
  )
  assert.deepEqual(
    result.children.map((child) => child.path),
    names,
  )
  assert.equal(result.children.filter((child) => child.unsafe).length, 8)
  assert.equal(new Set(result.children.map((child) => child.safePath.toLowerCase())).size, names.length)
  assert.ok(codesOf(result).includes('unsafe-name'))
})

test('a symbolic link is told and not made', async (t) => {
  const bytes = zip([{ name: 'link', data: Buffer.from('/etc/passwd'), mode: 0o120777 }])
  const result = await readWith(t, zipExtractor, { name: 'l.zip', bytes })
  assert.deepEqual(result.children, [])
  assert.deepEqual(codesOf(result), ['link-not-followed'])
  assert.match(result.notices[0]?.words ?? '', /etc\/passwd/)
})

test('a bomb stops at the ratio; its list of contents stays', async (t) => {
  const bytes = zip([
    { name: 'bomb.bin', data: Buffer.alloc(32 * 1024 * 1024) },
    { name: 'after.txt', data: letter },
  ])
  const input = await inputOf(t, { name: 'b.zip', bytes })
  const result = await zipExtractor.extract(input)
  assert.deepEqual(codesOf(result), ['bomb'])
  assert.match(result.parts[0]?.text ?? '', /after\.txt/)
  assert.deepEqual(readdirSync(input.workFolder), [])
})

test('count and depth have limits', async (t) => {
  const parts = Array.from({ length: 20 }, (_, number) => ({ name: `f${number}`, data: letter }))
  const many = await readWith(t, zipExtractor, {
    name: 'm.zip',
    bytes: zip(parts),
    limits: { maxChildren: 5 },
  })
  assert.equal(many.children.length, 5)
  assert.deepEqual(codesOf(many), ['too-many'])
  const deep = await readWith(t, zipExtractor, { name: 'd.zip', bytes: zip(parts), limits: { maxDepth: 0 } })
  assert.equal(deep.children.length, 0)
  assert.deepEqual(codesOf(deep), ['too-deep'])
  assert.equal(valueOf(deep, 'archive.entries'), 20)
})

test('sizes and names that lie are told, and the real bytes kept', async (t) => {
  const bytes = zip([{ name: 'shown.txt', data: letter, size: 7, localName: 'other.exe' }])
  const result = await readWith(t, zipExtractor, { name: 'lie.zip', bytes })
  assert.deepEqual(codesOf(result), ['broken', 'size-mismatch'])
  assert.deepEqual(readFileSync(result.children[0]!.file), letter)
})

test('without its list of contents an archive is read by its entries', async (t) => {
  const whole = zip([
    { name: 'one.txt', data: letter },
    { name: 'two.txt', data: letter },
  ])
  const result = await readWith(t, zipExtractor, {
    name: 'cut.zip',
    bytes: whole.subarray(0, whole.indexOf('PK\x01\x02')),
  })
  assert.deepEqual(
    result.children.map((child) => child.path),
    ['one.txt', 'two.txt'],
  )
  assert.deepEqual(codesOf(result), ['broken', 'recovered'])
  assert.equal(result.outcome, 'partly')
})

test('bytes before the archive are told', async (t) => {
  const shifted = Buffer.concat([
    Buffer.from('PK\x03'),
    Buffer.alloc(500),
    zip([{ name: 'a', data: letter }]),
  ])
  const input = await inputOf(t, { name: 'p.zip', bytes: shifted })
  const result = await zipExtractor.extract(input)
  assert.equal(result.children.length, 1)
  assert.ok(codesOf(result).includes('hidden-content'))
})

for (const [method, switches] of [
  ['AES-256', ['-mem=AES256']],
  ['AES-128 over LZMA', ['-mem=AES128', '-mm=LZMA']],
  ['ZipCrypto', ['-mem=ZipCrypto']],
  ['ZipCrypto stored', ['-mem=ZipCrypto', '-mx=0']],
] as const) {
  test(`locked with ${method}: said without, opened with the password`, async (t) => {
    const bytes = await packed(t, 'zip', { 'نامه.txt': letter }, ['-psecret key', ...switches])
    const locked = await readWith(t, zipExtractor, { name: 'k.zip', bytes, passwords: ['wrong'] })
    assert.deepEqual(codesOf(locked), ['encrypted'])
    assert.ok(locked.notices.every((notice) => notice.retryable))
    assert.equal(locked.children.length, 0)
    const open = await readWith(t, zipExtractor, { name: 'k.zip', bytes, passwords: ['wrong', 'secret key'] })
    assert.deepEqual(open.notices, [])
    assert.deepEqual(readFileSync(open.children[0]!.file), letter)
  })
}

for (const method of ['BZip2', 'LZMA', 'PPMd', 'Deflate64', 'XZ']) {
  test(`method ${method} is read`, async (t) => {
    const bytes = await packed(t, 'zip', { 'a.txt': letter, 'b.txt': letter }, [`-mm=${method}`])
    const result = await readWith(t, zipExtractor, { name: 'm.zip', bytes })
    assert.deepEqual(result.notices, [])
    assert.deepEqual(
      result.children.map((child) => readFileSync(child.file)),
      [letter, letter],
    )
  })
}
