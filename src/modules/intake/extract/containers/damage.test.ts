import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { packed } from '../../../../../test/fixtures/containers/packed.ts'
import { inputOf } from '../../../../../test/fixtures/containers/read.ts'
import type { Extractor } from '../port.ts'
import { emlExtractor } from './eml.ts'
import { ewfExtractor } from './ewf.ts'
import { mboxExtractor } from './mbox.ts'
import { sevenZipExtractor } from './seven-zip.ts'
import { singleStreamExtractor } from './single-stream.ts'
import { tarExtractor } from './tar.ts'
import { tnefExtractor } from './tnef.ts'
import { warcExtractor } from './warc.ts'
import { zipExtractor } from './zip.ts'

const words = Buffer.from('کمیسیون حقیقت‌یاب '.repeat(60))
const mail = Buffer.from(
  `From: a@example.org\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${words}\r\n--b\r\nContent-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${words.toString('base64')}\r\n--b--\r\n`,
)
const http = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n`
const capture = Buffer.concat([Buffer.from(http), Buffer.from('ff\r\n'), gzipSync(words)])
const warc = Buffer.concat([
  Buffer.from(
    `WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/\r\nContent-Length: ${capture.length}\r\n\r\n`,
  ),
  capture,
  Buffer.from('\r\n\r\n'),
])
const tnef = Buffer.from('789f3e2200000106900800040000000000010001', 'hex')

/** Every reader, whatever was cut or flipped, answers: it neither throws nor leaves files it does not name. */
async function survives(t: TestContext, extractor: Extractor, bytes: Buffer, runs: number): Promise<void> {
  const place = fc.nat({ max: Math.max(0, bytes.length - 1) })
  const flips = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(flips, fc.option(place), async (changes, cut) => {
      const damaged = Buffer.from(bytes)
      for (const [at, byte] of changes) damaged[at] = byte
      const input = await inputOf(t, {
        name: 'd',
        bytes: damaged.subarray(0, cut ?? undefined),
        passwords: ['x'],
      })
      const result = await extractor.extract(input)
      const named = result.children.map((child) => child.file)
      assert.deepEqual(
        readdirSync(input.workFolder)
          .map((name) => join(input.workFolder, name))
          .toSorted(),
        named.toSorted(),
      )
      assert.ok(
        result.outcome === 'read' || result.notices.length > 0,
        'nothing is said about what was not read',
      )
    }),
    { numRuns: runs },
  )
}

test(
  'no damage to an archive, a mail or an image makes its reader throw or fall silent',
  { timeout: 300_000 },
  async (t) => {
    const files = { 'a.txt': words, 'b.bin': words }
    const image = readFileSync(join(import.meta.dirname, '../../../../../test/fixtures/containers/drive.E01'))
    const given: readonly (readonly [Extractor, Buffer, number])[] = [
      [zipExtractor, await packed(t, 'zip', files), 150],
      [zipExtractor, await packed(t, 'zip', files, ['-mm=LZMA', '-psecret']), 40],
      [tarExtractor, await packed(t, 'tar', files), 100],
      [sevenZipExtractor, await packed(t, '7z', files), 40],
      [sevenZipExtractor, await packed(t, '7z', files, ['-psecret', '-mhe=on']), 20],
      [emlExtractor, mail, 100],
      [
        mboxExtractor,
        Buffer.concat([Buffer.from('From a@example.org Tue Mar  3 10:20:30 2026\n'), mail]),
        100,
      ],
      [warcExtractor, warc, 100],
      [tnefExtractor, tnef, 100],
      [ewfExtractor, image, 100],
    ]
    for (const [extractor, bytes, runs] of given) await survives(t, extractor, bytes, runs)
    const gzip = {
      ...singleStreamExtractor,
      extract: (input: Parameters<Extractor['extract']>[0]) =>
        singleStreamExtractor.extract({ ...input, type: { ...input.type, label: 'gz' } }),
    }
    await survives(t, gzip, gzipSync(words), 100)
  },
)
