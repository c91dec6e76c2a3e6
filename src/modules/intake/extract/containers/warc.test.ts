import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { packed } from '../../../../../test/fixtures/containers/packed.ts'
import { codesOf, readWith, valueOf } from '../../../../../test/fixtures/containers/read.ts'
import { waczExtractor } from './wacz.ts'
import { warcExtractor } from './warc.ts'

interface Capture {
  readonly type?: string
  readonly address: string
  readonly block: Buffer
  readonly digest?: string
  readonly length?: number
}

function record(capture: Capture): Buffer {
  const digest = capture.digest ?? `sha256:${createHash('sha256').update(capture.block).digest('hex')}`
  const head = [
    'WARC/1.1',
    `WARC-Type: ${capture.type ?? 'response'}`,
    `WARC-Target-URI: ${capture.address}`,
    'WARC-Date: 2026-03-03T05:50:30Z',
    'WARC-Record-ID: <urn:uuid:0190d0f0-0000-7000-8000-000000000001>',
    'Content-Type: application/http; msgtype=response',
    `WARC-Block-Digest: ${digest}`,
    `Content-Length: ${capture.length ?? capture.block.length}`,
    '',
    '',
  ]
  return Buffer.concat([Buffer.from(head.join('\r\n')), capture.block, Buffer.from('\r\n\r\n')])
}

const page = Buffer.from('<html><body>صفحه بایگانی شده</body></html>')
const http = (body: Buffer, ...headers: string[]): Buffer =>
  Buffer.concat([
    Buffer.from(['HTTP/1.1 200 OK', 'Content-Type: text/html', ...headers, '', ''].join('\r\n')),
    body,
  ])
const chunked = (body: Buffer): Buffer => {
  const half = body.length >> 1
  const piece = (part: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')])
  return Buffer.concat([piece(body.subarray(0, half)), piece(body.subarray(half)), Buffer.from('0\r\n\r\n')])
}

test('captures become children with address and date, transfer and content encodings undone', async (t) => {
  const records = [
    record({ address: 'https://example.org/a/', block: http(page) }),
    record({
      address: 'https://example.org/b',
      block: http(chunked(gzipSync(page)), 'Transfer-Encoding: chunked', 'Content-Encoding: gzip'),
    }),
    record({
      address: 'https://example.org/c?q=1',
      block: http(brotliCompressSync(page), 'Content-Encoding: br'),
    }),
    record({ type: 'resource', address: 'urn:thumbnail:https://example.org/a/', block: page }),
  ]
  for (const bytes of [Buffer.concat(records), Buffer.concat(records.map((one) => gzipSync(one)))]) {
    const result = await readWith(t, warcExtractor, { name: 'a.warc', bytes })
    assert.deepEqual(result.notices, [])
    assert.equal(valueOf(result, 'warc.records'), 4)
    assert.deepEqual(
      result.children.slice(0, 3).map((child) => child.path),
      ['example.org/a/index', 'example.org/b', 'example.org/c?q=1'],
    )
    for (const child of result.children.slice(0, 3)) assert.deepEqual(readFileSync(child.file), page)
    assert.equal(result.children[0]?.modifiedAt, '2026-03-03T05:50:30.000Z')
    assert.ok(
      result.children[1]?.metadata?.some(
        (found) => found.name === 'web.url' && found.value === 'https://example.org/b',
      ),
    )
  }
})

test('a changed capture is told by its digest, a wrong length costs one record', async (t) => {
  const good = record({ address: 'https://example.org/good', block: http(page) })
  const changed = record({
    address: 'https://example.org/changed',
    block: http(page),
    digest: `sha1:${'A'.repeat(32)}`,
  })
  const tampered = await readWith(t, warcExtractor, { name: 't.warc', bytes: Buffer.concat([changed, good]) })
  assert.deepEqual(codesOf(tampered), ['tampered'])
  assert.match(tampered.notices[0]?.words ?? '', /changed/)
  const short = record({ address: 'https://example.org/short', block: http(page), length: 30 })
  const damaged = await readWith(t, warcExtractor, { name: 'd.warc', bytes: Buffer.concat([short, good]) })
  assert.deepEqual(codesOf(damaged), ['broken'])
  assert.equal(damaged.children.length, 2)
  assert.deepEqual(readFileSync(damaged.children[1]!.file), page)
})

test('a cut archive keeps what is there', async (t) => {
  const whole = Buffer.concat([
    record({ address: 'https://example.org/1', block: http(page) }),
    record({ address: 'https://example.org/2', block: http(page) }),
  ])
  const result = await readWith(t, warcExtractor, {
    name: 'c.warc',
    bytes: whole.subarray(0, whole.length - 20),
  })
  assert.deepEqual(codesOf(result), ['broken'])
  assert.equal(result.children.length, 2)
})

test('a WACZ is unpacked and its stated hashes recomputed', async (t) => {
  const warc = gzipSync(record({ address: 'https://example.org/a', block: http(page) }))
  const hash = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const made = async (stated: string): Promise<Buffer> => {
    const described = Buffer.from(
      JSON.stringify({
        wacz_version: '1.1.1',
        title: 'آرشیو',
        resources: [{ name: 'd', path: 'data.warc.gz', hash: stated, bytes: warc.length }],
      }),
    )
    const digest = Buffer.from(JSON.stringify({ path: 'datapackage.json', hash: hash(described) }))
    return packed(t, 'zip', {
      'datapackage.json': described,
      'datapackage-digest.json': digest,
      'data.warc.gz': warc,
    })
  }
  const read = async (bytes: Buffer): Promise<Awaited<ReturnType<typeof readWith>>> =>
    readWith(t, { ...waczExtractor, reads: () => true }, { name: 'a.wacz', bytes })
  const good = await read(await made(hash(warc)))
  assert.deepEqual(good.notices, [])
  assert.equal(valueOf(good, 'wacz.title'), 'آرشیو')
  assert.equal(valueOf(good, 'wacz.resourcesMatched'), 1)
  assert.equal(valueOf(good, 'wacz.packageDigestMatches'), true)
  assert.deepEqual(codesOf(await read(await made(hash(page)))), ['tampered'])
})
