import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { docxOf, zipOf } from '../../../../test/extract/read-bytes.ts'
import { falseClaim, typeOf } from './detect/types.ts'
import { detectIn } from './detect.ts'
import { HeldBytes } from './file-bytes.ts'

interface Cfb {
  utils: { cfb_new(): object; cfb_add(file: object, path: string, bytes: Uint8Array): void }
  write(file: object, options: { type: 'buffer' }): Buffer
}
const cfb = createRequire(import.meta.url)('cfb') as Cfb

function oleOf(...streams: readonly string[]): Buffer {
  const file = cfb.utils.cfb_new()
  for (const stream of streams) cfb.utils.cfb_add(file, `/${stream}`, Buffer.from('content of some length'))
  return cfb.write(file, { type: 'buffer' })
}

const label = async (bytes: string | Uint8Array, name = 'file') =>
  (await detectIn(new HeldBytes(Buffer.from(bytes as string)), name)).label

test('packages are told by what they hold', async () => {
  assert.equal(await label(docxOf('')), 'docx')
  assert.equal(
    await label(
      zipOf([
        ['mimetype', 'application/epub+zip'],
        ['x', ''],
      ]),
    ),
    'epub',
  )
  assert.equal(await label(zipOf([['mimetype', 'application/vnd.oasis.opendocument.spreadsheet']])), 'ods')
  assert.equal(
    await label(
      zipOf([
        ['datapackage.json', '{}'],
        ['archive/a.warc.gz', ''],
      ]),
    ),
    'wacz',
  )
  assert.equal(
    await label(
      zipOf([
        ['AndroidManifest.xml', ''],
        ['META-INF/MANIFEST.MF', ''],
      ]),
    ),
    'apk',
  )
  assert.equal(await label(zipOf([['readme.txt', 'x']])), 'zip')
  const macro = zipOf([
    [
      '[Content_Types].xml',
      '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>',
    ],
  ])
  assert.equal(await label(macro), 'docm')
})

test('a package that lost its list of contents is still told', async () => {
  const whole = docxOf('<w:p/>')
  assert.equal(await label(whole.subarray(0, whole.length - 60)), 'docx')
})

test('compound files are told by their streams', async () => {
  assert.equal(await label(oleOf('WordDocument', '1Table')), 'doc')
  assert.equal(await label(oleOf('Workbook')), 'xls')
  assert.equal(await label(oleOf('PowerPoint Document')), 'ppt')
  assert.equal(await label(oleOf('__properties_version1.0')), 'msg')
  assert.equal(await label(oleOf('EncryptionInfo', 'EncryptedPackage')), 'ooxml-encrypted')
  assert.equal(await label(oleOf('Something')), 'ole2')
})

test('text is told by its shape', async () => {
  const cases: readonly (readonly [string, string, string?])[] = [
    ['html', '<!doctype html><title>x</title>'],
    ['html', '  <HTML><body>x'],
    ['xhtml', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'],
    ['xml', '<?xml version="1.0"?><root/>'],
    ['svg', '<svg xmlns="http://www.w3.org/2000/svg"></svg>'],
    ['fb2', '<?xml version="1.0"?><FictionBook xmlns="x"></FictionBook>'],
    ['rtf', '{\\rtf1 x}'],
    ['eml', 'From: a@example.org\nTo: b@example.org\nSubject: x\n\nbody'],
    ['eml', 'Received: from x\n by y\nDate: z\nFrom: q\n\nbody'],
    ['mbox', 'From a@example.org Mon Jan  1 10:00:00 2024\nFrom: a@example.org\nSubject: x\n\nbody\n'],
    ['vcf', 'BEGIN:VCARD\nVERSION:3.0\nEND:VCARD'],
    ['ics', 'BEGIN:VCALENDAR\nEND:VCALENDAR'],
    ['json', '{"a": 1}'],
    ['jsonl', '{"a": 1}\n{"a": 2}\n'],
    ['csv', 'a,b,c\n1,2,3\n4,5,6\n7,8,9\n'],
    ['tsv', 'a\tb\n1\t2\n3\t4\n5\t6\n'],
    ['csv', 'name;age\nx;1\n', 'list.csv'],
    ['bagit', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'],
    ['pgp', '-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----'],
    ['txt', 'Dear all,\nthis is a letter, with commas, here and there.\nIt ends, as letters do.\n'],
    ['txt', 'Subject to review: nothing else.'],
    ['txt', 'MZ is how programs begin, and ID3 how songs do.'],
    ['txt', 'The header of such a file is %PDF-1.4, as everybody knows.'],
  ]
  for (const [wanted, text, name] of cases) assert.equal(await label(text, name), wanted, text.slice(0, 40))
})

test('chats are told from plain text', async () => {
  assert.equal(await label('31/12/2023, 22:58 - A: one\n31/12/2023, 22:59 - B: two\n'), 'whatsapp')
  assert.equal(await label('[31.12.23, 22:58:01] A: one\n[31.12.23, 22:59:11] B: two\n'), 'whatsapp')
  assert.equal(await label('۱۴۰۲/۱۰/۱۰،‏ ۲۲:۱۵ - A: x\n۱۴۰۲/۱۰/۱۰،‏ ۲۲:۱۶ - B: y\n'), 'whatsapp')
  assert.equal(await label('31/12/2023, 22:58 - a log line\n31/12/2023, 22:59 - another\n'), 'txt')
  assert.equal(await label('{"name":"x","type":"personal_chat","id":1,"messages":[]}'), 'telegram-json')
})

test('gzip is looked into for web archives', async () => {
  assert.equal(await label(gzipSync('WARC/1.0\r\n')), 'warc.gz')
  assert.equal(await label(gzipSync('hello')), 'gz')
})

test('a false extension is a claim, an unknown or a fitting one is not', () => {
  assert.equal(falseClaim('photo.jpg', typeOf('pdf')), 'jpg')
  assert.equal(falseClaim('report.docx', typeOf('zip')), 'docx')
  assert.equal(falseClaim('report.final', typeOf('pdf')), null)
  assert.equal(falseClaim('report.PDF', typeOf('pdf')), null)
  assert.equal(falseClaim('notes.txt', typeOf('csv')), null)
  assert.equal(falseClaim('noextension', typeOf('pdf')), null)
})

test('any bytes get an answer', async () => {
  const starts = fc.constantFrom(
    '',
    'PK\u0003\u0004',
    'PK\u0005\u0006',
    '%PDF-1.4',
    '\u001f\u008b',
    '{\\rtf',
    'From ',
    '<?xml',
    'BM',
    'II*\u0000',
    '\u0089PNG',
    'RIFF',
    'ID3',
  )
  await fc.assert(
    fc.asyncProperty(starts, fc.uint8Array({ maxLength: 3_000 }), async (start, rest) => {
      const bytes = Buffer.concat([Buffer.from(start, 'latin1'), rest])
      assert.equal(typeof (await label(bytes)), 'string')
    }),
  )
})

test('damaged compound files end, whatever their tables say', async () => {
  const sound = oleOf('WordDocument', '1Table', 'a', 'b')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 }),
      async (flips) => {
        const bytes = Buffer.from(sound)
        for (const [at, value] of flips) bytes[at] = value
        assert.equal(typeof (await label(bytes)), 'string')
      },
    ),
  )
})
