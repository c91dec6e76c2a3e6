import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { readBytes } from '../../../../../test/extract/read-bytes.ts'
import { pdfDate } from './pdf.ts'
import { looksLikeGarbage, repaired } from './text-layer.ts'

/** A PDF of these objects, numbered from 1; object 1 is the catalog. */
function pdfOf(...objects: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')]
  const places: number[] = []
  let at = 9
  for (const [index, object] of objects.entries()) {
    const bytes = Buffer.concat([
      Buffer.from(`${index + 1} 0 obj\n`),
      Buffer.from(object as string),
      Buffer.from('\nendobj\n'),
    ])
    places.push(at)
    at += bytes.length
    parts.push(bytes)
  }
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<</Size ${objects.length + 1}/Root 1 0 R/Info 3 0 R>>\nstartxref\n${at}\n%%EOF\n`,
    ),
  )
  return Buffer.concat(parts)
}

const stream = (content: string, dictionary = '') =>
  `<<${dictionary}/Length ${Buffer.byteLength(content)}>>\nstream\n${content}\nendstream`
const INFO = "<</Title (A sample)/Author (A. Sample)/CreationDate (D:20240131120000+04'30')>>"
const FONT = '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>'
const page = (contents: number, more = '') =>
  `<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Resources<</Font<</F1 4 0 R>>>>/Contents ${contents} 0 R${more}>>`
const say = (text: string) => stream(`BT /F1 12 Tf 20 50 Td (${text}) Tj ET`)

test('pages, properties, links', async () => {
  const bytes = pdfOf(
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[5 0 R 6 0 R]/Count 2>>',
    INFO,
    FONT,
    page(7),
    page(8, '/Annots[9 0 R]'),
    say('first page'),
    say('second page'),
    '<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://example.org/)>>>>',
  )
  const read = await readBytes('x.pdf', bytes)
  assert.deepEqual(
    read.result.parts.map((part) => [part.label, part.text]),
    [
      ['page 1', 'first page'],
      ['page 2', 'second page'],
    ],
  )
  assert.deepEqual(
    [read.found('document.title'), read.found('document.pages'), read.found('document.createdAt')],
    ['A sample', 2, '2024-01-31T12:00:00+04:30'],
  )
  assert.deepEqual([read.codes, read.result.outcome], [[], 'read'])
})

test('scripts, launches and forms are said, wherever they hide', async () => {
  const packed = deflateSync(Buffer.from('10 0 <</S/JavaScript/JS(app.alert(1))>>'))
  const hidden = Buffer.concat([
    Buffer.from(`<</Type/ObjStm/N 1/First 5/Filter/FlateDecode/Length ${packed.length}>>\nstream\n`),
    packed,
    Buffer.from('\nendstream'),
  ])
  const base = ['<</Type/Pages/Kids[5 0 R]/Count 1>>', INFO, FONT, page(6), say('words')] as const
  const inStream = await readBytes('x.pdf', pdfOf('<</Type/Catalog/Pages 2 0 R>>', ...base, hidden))
  assert.ok(inStream.codes.includes('active-content'))
  const spelled = await readBytes(
    'x.pdf',
    pdfOf('<</Type/Catalog/Pages 2 0 R/OpenAction<</S/J#61vaScript/J#53(1)>>>>', ...base),
  )
  assert.ok(spelled.codes.includes('active-content'))
  const launch = await readBytes(
    'x.pdf',
    pdfOf('<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(cmd.exe)>>>>', ...base),
  )
  assert.match(launch.result.notices[0]?.words ?? '', /starts a program/)
  const plain = await readBytes('x.pdf', pdfOf('<</Type/Catalog/Pages 2 0 R>>', ...base))
  assert.deepEqual(plain.codes, [])
})

test('attached files come out, by either spelling of their names', async () => {
  for (const names of ['/F(note.txt)/UF(note.txt)', '/UF(note.txt)']) {
    const bytes = pdfOf(
      '<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(note.txt) 7 0 R]>>>>>>',
      '<</Type/Pages/Kids[5 0 R]/Count 1>>',
      INFO,
      FONT,
      page(6),
      say('words'),
      `<</Type/Filespec${names}/EF<</F 8 0 R>>>>`,
      stream('attached words', '/Type/EmbeddedFile'),
    )
    const read = await readBytes('x.pdf', bytes)
    assert.equal(read.children['note.txt']?.toString(), 'attached words', names)
  }
})

test('a note’s words and a form field’s value are read', async () => {
  const note = '<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/T(A. Sample)/Contents(remember this)>>'
  const bytes = pdfOf(
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[5 0 R]/Count 1>>',
    INFO,
    FONT,
    page(6, '/Annots[7 0 R]'),
    say('words'),
    note,
  )
  assert.match((await readBytes('x.pdf', bytes)).text, /A\. Sample: remember this/)
})

test('a page without text but with a picture needs OCR; an empty one is said to show nothing', async () => {
  const image = stream(
    '\u0000\u0000\u0000',
    '/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8',
  )
  const withPicture =
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Resources<</XObject<</I 7 0 R>>>>/Contents 6 0 R>>'
  const picture = await readBytes(
    'x.pdf',
    pdfOf(
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Kids[5 0 R]/Count 1>>',
      INFO,
      FONT,
      withPicture,
      stream('q 300 0 0 100 0 0 cm /I Do Q'),
      image,
    ),
  )
  assert.equal(picture.result.parts[0]?.needsOcr, true)
  assert.deepEqual(picture.codes, ['needs-ocr'])
  const blank = await readBytes(
    'x.pdf',
    pdfOf(
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Kids[5 0 R]/Count 1>>',
      INFO,
      FONT,
      page(6),
      stream('q Q'),
    ),
  )
  assert.deepEqual(blank.codes, ['empty'])
})

test('a lost header is recovered, a lost body is named', async () => {
  const whole = pdfOf(
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[5 0 R]/Count 1>>',
    INFO,
    FONT,
    page(6),
    say('words'),
  )
  const headless = await readBytes('x.pdf', whole.subarray(9))
  assert.equal(headless.text, 'words')
  assert.ok(headless.codes.includes('recovered'))
  const nothing = await readBytes('x.pdf', whole.subarray(0, 30))
  assert.deepEqual([nothing.codes, nothing.result.outcome], [['broken'], 'unread'])
})

test('language is not garbage, glyph numbers are', () => {
  for (const text of [
    'گواه گفت که چهار موتر ایستاده بود و 3 نفر',
    'Výbava na přání',
    'à À â Â ä Ä ç Ç é É',
    'あのイーハトーヴォのすきとおった風',
    'Chapter 1 ........................ 2',
    'Подп. и дата',
    '1 2 3 4 5 6 7 8 9 10',
  ])
    assert.equal(looksLikeGarbage(text, 1), false, text)
  for (const text of [
    '\ue001\ue002\ue003\ue004 \ue005\ue006',
    '̽ଋҨǥƹ̽ୡȥဎഁୡࣧҨဌʾဎಱ̽ೌ ̽ଋҨǥƺ̿ୡȥဎഔୡ࣭Ҩဌʾဎ',
    'ÞÓãÇáÇÊÍÇÏ ÇáÚÇã áßÊÇÈ',
    '\ufffd\ufffd\ufffd\ufffda\ufffd',
  ])
    assert.equal(looksLikeGarbage(text, 0.5), true, text)
})

test('Cyrillic that came out as Hangul is put right; Korean stays', () => {
  const wrong = [
    ...Buffer.from('подпись и дата', 'utf8')
      .toString('latin1')
      .matchAll(/([\xc2-\xdf])([\x80-\xbf])|( )/g),
  ]
    .map(([, high, low]) =>
      high === undefined ? ' ' : String.fromCharCode((high.charCodeAt(0) << 8) | (low ?? '').charCodeAt(0)),
    )
    .join('')
  assert.equal(repaired(wrong), 'подпись и дата')
  const korean = '토요일 아침에 무장한 사람들이 마을에 들어왔다'
  assert.equal(repaired(korean), korean)
})

test('dates keep the offset they were written with', () => {
  assert.equal(pdfDate("D:20240131120000+04'30'"), '2024-01-31T12:00:00+04:30')
  assert.equal(pdfDate('D:20240131120000Z'), '2024-01-31T12:00:00Z')
  assert.equal(pdfDate('D:2024'), '2024-01-01T00:00:00')
  assert.equal(pdfDate('yesterday'), 'yesterday')
})
