import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import { guessFormat, readManifest } from './formats.ts'
import { parseTable } from './table.ts'

const MD5 = '0123456789abcdef0123456789abcdef'

test('a quoted table reads back as it was written', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'ژ'), minLength: 1 })
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      (rows) => {
        const written = rows
          .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
          .join('\r\n')
        const read = parseTable(written, { delimiter: ',', quote: '"' }).map(({ cells }) => cells)
        assert.deepEqual(read, rows)
      },
    ),
  )
})

test('headers in Dari, in windows-1256, with semicolons', () => {
  const text = `مسیر;MD5;نویسنده\nپوشه/نامه.txt;${MD5.toUpperCase()};احمد\n`
  const read = readManifest('csv', iconv.encode(text.replaceAll('ی', 'ي'), 'windows-1256')) // it has no ی
  assert.equal(read.rows[0]?.md5, MD5)
  assert.deepEqual(Object.values(read.rows[0]?.fields ?? {}), ['احمد'])
})

test('Concordance DAT in UTF-16 and in windows-1252', () => {
  const text = `þDOCIDþ\u0014þNATIVEFILEþ\u0014þMD5HASHþ\u0014þNOTEþ\r\nþD1þ\u0014þ.\\NATIVES\\a.docþ\u0014þ${MD5}þ\u0014þtwo®linesþ\r\n`
  for (const bytes of [iconv.encode(text, 'utf16le', { addBOM: true }), iconv.encode(text, 'windows-1252')]) {
    assert.equal(guessFormat('load.dat', bytes), 'concordance-dat')
    const [row] = readManifest('concordance-dat', bytes).rows
    assert.equal(row?.path, '.\\NATIVES\\a.doc')
    assert.equal(row?.md5, MD5)
    assert.deepEqual(row?.fields, { DOCID: 'D1', NOTE: 'two\nlines' })
  }
})

test('a bad hash is named with its row, and the others stand', () => {
  const read = readManifest('csv', Buffer.from(`path,sha256\na.txt,xyz\nb.txt,${'ab'.repeat(32)}\n`))
  assert.deepEqual(
    read.rows.map((row) => row.path),
    ['b.txt'],
  )
  assert.equal(read.problems[0]?.row, 2)
})

test('a table that names no file is refused', () => {
  assert.throws(() => readManifest('csv', Buffer.from('a,b\n1,2\n')), /invalid_input/)
})
