import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { docxOf, readBytes } from '../../../../../test/extract/read-bytes.ts'

interface Cfb {
  utils: { cfb_new(): object; cfb_add(file: object, path: string, bytes: Uint8Array): void }
  write(file: object, options: { type: 'buffer' }): Buffer
}
const require = createRequire(import.meta.url)
const cfb = require('cfb') as Cfb
const sheets = require('@e965/xlsx') as {
  utils: {
    aoa_to_sheet(rows: unknown[][]): object
    book_new(): { Workbook?: object }
    book_append_sheet(book: object, sheet: object, name: string): void
  }
  write(book: object, options: { type: 'buffer'; bookType: string }): Buffer
}
const crypto = require('officecrypto-tool') as {
  encrypt(bytes: Buffer, options: { password: string; type?: string }): Buffer
}

function oleOf(streams: Readonly<Record<string, Uint8Array>>): Buffer {
  const file = cfb.utils.cfb_new()
  for (const [name, bytes] of Object.entries(streams)) cfb.utils.cfb_add(file, `/${name}`, bytes)
  return cfb.write(file, { type: 'buffer' })
}

/** A Word 97 file of two pieces, one in UTF-16 and one in windows-1252, then a footnote. */
function wordOf(wide: string, narrow: string, note: string): Buffer {
  const main = Buffer.alloc(0x1000)
  main.writeUInt16LE(0xa5ec, 0)
  main.writeUInt16LE(0xc1, 2)
  main.writeUInt16LE(0x0200, 10)
  main.writeInt32LE(wide.length + narrow.length, 0x4c)
  main.writeInt32LE(note.length, 0x50)
  main.write(wide, 0x800, 'utf16le')
  main.write(narrow + note, 0xa00, 'latin1')
  const plc = Buffer.alloc(3 * 4 + 2 * 8)
  plc.writeUInt32LE(wide.length, 4)
  plc.writeUInt32LE(wide.length + narrow.length + note.length, 8)
  plc.writeUInt32LE(0x800, 12 + 2)
  plc.writeUInt32LE((0xa00 * 2) | 0x40000000, 20 + 2)
  const clx = Buffer.concat([
    Buffer.from([1, 2, 0, 0, 0, 2]),
    Buffer.from(Uint32Array.of(plc.length).buffer),
    plc,
  ])
  main.writeUInt32LE(8, 0x1a2)
  main.writeUInt32LE(clx.length, 0x1a6)
  return oleOf({ WordDocument: main, '1Table': Buffer.concat([Buffer.alloc(8), clx, Buffer.alloc(4_096)]) })
}

test('Word 97: pieces in both encodings, parts, fields without their instructions', async () => {
  const read = await readBytes(
    'x.doc',
    wordOf('گواه گفت\r', 'see \u0013 HYPERLINK "x" \u0014link\u0015 end\r', 'a note\r'),
  )
  assert.equal(read.result.parts[0]?.text, 'گواه گفت\nsee link end')
  assert.deepEqual([read.result.parts[1]?.label, read.result.parts[1]?.text], ['footnotes', 'a note'])
})

test('Word: a file whose tables point nowhere is broken, not a crash', async () => {
  const bytes = wordOf('abc\r', 'def\r', 'g\r')
  const at = bytes.indexOf(Buffer.from('ec a5'.replace(' ', ''), 'hex'))
  bytes.writeUInt32LE(0x7fffffff, at + 0x1a2)
  const read = await readBytes('x.doc', bytes)
  assert.deepEqual([read.codes, read.result.outcome], [['broken'], 'unread'])
})

const record = (type: number, body: Buffer, version = 0) => {
  const head = Buffer.alloc(8)
  head.writeUInt16LE(version, 0)
  head.writeUInt16LE(type, 2)
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}

test('PowerPoint 97: outline by slide, boxes; lengths that lie end', async () => {
  const list = record(
    4080,
    Buffer.concat([
      record(1011, Buffer.alloc(20)),
      record(4000, Buffer.from('عنوان نخست', 'utf16le')),
      record(1011, Buffer.alloc(20)),
      record(4008, Buffer.from('second title', 'latin1')),
    ]),
    15,
  )
  const slide = record(1006, record(4008, Buffer.from('in a box')), 15)
  const lying = record(4008, Buffer.from('last'))
  lying.writeUInt32LE(0x7ffffff0, 4)
  const read = await readBytes(
    'x.ppt',
    oleOf({
      'PowerPoint Document': Buffer.concat([
        record(1000, list, 15),
        slide,
        record(1006, lying, 15),
        Buffer.alloc(4_096),
      ]),
      'Current User': Buffer.alloc(64),
    }),
  )
  assert.deepEqual(
    read.result.parts.slice(0, 3).map((part) => part.text),
    ['عنوان نخست', 'second title', 'in a box'],
  )
  assert.match(read.text, /last/)
})

for (const kind of ['biff8', 'xlsb', 'biff5'])
  test(`workbooks of ${kind}: cells, hidden sheets`, async () => {
    const book = sheets.utils.book_new()
    sheets.utils.book_append_sheet(
      book,
      sheets.utils.aoa_to_sheet([
        ['name', 'count'],
        ['Sample', 4],
      ]),
      'One',
    )
    sheets.utils.book_append_sheet(book, sheets.utils.aoa_to_sheet([['kept apart']]), 'Two')
    book.Workbook = { Sheets: [{}, { Hidden: 1 }] }
    const read = await readBytes('x.xls', sheets.write(book, { type: 'buffer', bookType: kind }))
    assert.equal(read.result.parts[0]?.text, 'name\tcount\nSample\t4')
    assert.equal(read.result.parts[1]?.locator.hidden, true)
    assert.ok(read.codes.includes('hidden-content'))
  })

test('an encrypted package: said, opened with the right password among several, kept without', async () => {
  const locked = crypto.encrypt(docxOf('<w:p><w:r><w:t>under seal</w:t></w:r></w:p>'), {
    password: 'sample pass',
  })
  const without = await readBytes('x.docx', locked)
  assert.deepEqual(
    [without.codes, without.result.outcome, without.result.notices[0]?.retryable],
    [['encrypted'], 'unread', true],
  )
  const wrong = await readBytes('x.docx', locked, { passwords: ['no'] })
  assert.deepEqual([wrong.codes, wrong.result.outcome], [['encrypted'], 'unread'])
  const right = await readBytes('x.docx', locked, { passwords: ['no', 'sample pass'] })
  assert.match(right.text, /under seal/)
  assert.equal(right.result.outcome, 'read')
})

test('packaged files inside a compound file come out with their name', async () => {
  const native = Buffer.concat([
    Buffer.alloc(4),
    Buffer.from([2, 0]),
    Buffer.from('photo.jpg\0C:\\Users\\sample\\photo.jpg\0'),
    Buffer.alloc(4),
    Buffer.alloc(4),
    Buffer.from([5, 0, 0, 0]),
    Buffer.from('bytes'),
  ])
  const bytes = oleOf({ WordDocument: Buffer.alloc(4_096), 'ObjectPool/_1/\u0001Ole10Native': native })
  const read = await readBytes('x.doc', bytes)
  assert.equal(read.children['photo.jpg']?.toString(), 'bytes')
})
