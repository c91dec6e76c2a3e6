import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docxOf, readBytes, relations, zipOf } from '../../../../../test/extract/read-bytes.ts'

const CORE =
  '<cp:coreProperties xmlns:dc="d" xmlns:dcterms="t" xmlns:cp="c"><dc:creator>A. Sample</dc:creator><dcterms:created>2024-01-31T10:00:00Z</dcterms:created><cp:revision>7</cp:revision></cp:coreProperties>'

test('Word: body, table, notes, comments, properties, embedded files', async () => {
  const body =
    '<w:p><w:r><w:t>در روز شنبه</w:t></w:r><w:r><w:tab/><w:t>two</w:t></w:r></w:p>' +
    '<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a1</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b1</w:t></w:r></w:p></w:tc></w:tr></w:tbl>'
  const read = await readBytes(
    'x.docx',
    docxOf(body, [
      [
        'word/_rels/document.xml.rels',
        relations(
          ['r1', 'footnotes', 'footnotes.xml'],
          ['r2', 'comments', 'comments.xml'],
          ['r3', 'hyperlink', 'https://example.org/', 'External'],
        ),
      ],
      [
        'word/footnotes.xml',
        '<w:footnotes><w:footnote><w:p><w:r><w:t>a footnote</w:t></w:r></w:p></w:footnote></w:footnotes>',
      ],
      [
        'word/comments.xml',
        '<w:comments><w:comment w:author="B. Sample"><w:p><w:r><w:t>a comment</w:t></w:r></w:p></w:comment></w:comments>',
      ],
      ['docProps/core.xml', CORE],
      ['word/media/image1.png', 'picture bytes'],
    ]),
  )
  assert.equal(read.result.parts[0]?.text, 'در روز شنبه\ttwo\na1\tb1')
  assert.deepEqual(
    read.result.parts.map((part) => part.label),
    ['body', 'footnotes', 'comments'],
  )
  assert.match(read.text, /B\. Sample: a comment/)
  assert.equal(read.found('document.author'), 'A. Sample')
  assert.equal(read.found('document.createdAt'), '2024-01-31T10:00:00Z')
  assert.equal(read.found('document.link'), 'https://example.org/')
  assert.equal(read.children['word/media/image1.png']?.toString(), 'picture bytes')
  assert.deepEqual([read.result.outcome, read.codes], ['read', []])
})

test('Word: deleted and hidden text are kept apart and said', async () => {
  const read = await readBytes(
    'x.docx',
    docxOf(
      '<w:p><w:r><w:t>shown</w:t></w:r><w:del><w:r><w:delText>deleted words</w:delText></w:r></w:del>' +
        '<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden words</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> more</w:t></w:r></w:p>',
    ),
  )
  assert.equal(read.result.parts.find((part) => part.label === 'body')?.text, 'shown more')
  assert.equal(read.result.parts.find((part) => part.locator.deleted === true)?.text, 'deleted words')
  assert.equal(read.result.parts.find((part) => part.locator.hidden === true)?.text, 'hidden words')
  assert.equal(read.codes.filter((code) => code === 'hidden-content').length, 2)
})

test('XML entities are neither expanded nor fetched', async () => {
  const prolog =
    '<!DOCTYPE d [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
  const read = await readBytes(
    'x.docx',
    docxOf('<w:p><w:r><w:t>before &b; &c; after &amp; &#1583;</w:t></w:r></w:p>', [], prolog),
  )
  assert.doesNotMatch(read.text, /boom|root:/)
  assert.match(read.text, /before .* after & د/)
  assert.ok(read.codes.includes('external-reference'))
})

test('what an Office file would load by itself is said', async () => {
  const read = await readBytes(
    'x.docx',
    docxOf('<w:p><w:r><w:t>x</w:t></w:r></w:p>', [
      [
        'word/_rels/settings.xml.rels',
        relations(['r1', 'attachedTemplate', 'http://example.org/t.dotm', 'External']),
      ],
      ['word/vbaProject.bin', 'macros'],
    ]),
  )
  assert.ok(read.codes.includes('external-reference'))
  assert.ok(read.codes.includes('active-content'))
})

test('a package cut in half gives what is there and says so', async () => {
  const whole = docxOf('<w:p><w:r><w:t>still here</w:t></w:r></w:p>', [['word/last.bin', 'x'.repeat(1_000)]])
  const read = await readBytes('x.docx', whole.subarray(0, whole.indexOf('word/last.bin') + 10))
  assert.match(read.text, /still here/)
  assert.equal(read.result.outcome, 'partly')
  assert.ok(read.codes.includes('recovered'))
})

test('lying sizes and repeated names hurt nobody', async () => {
  const doubled = zipOf([
    ['[Content_Types].xml', '<Types>wordprocessingml.document.main</Types>'],
    ['word/document.xml', '<d><p><t>first</t></p></d>'],
    ['word/document.xml', '<d><p><t>second</t></p></d>'],
  ])
  const read = await readBytes('x.docx', doubled)
  assert.match(read.text, /first/)
  assert.ok(read.codes.includes('unsafe-name'))
  const lying = zipOf(
    [
      ['[Content_Types].xml', 'wordprocessingml.document.main'],
      ['word/document.xml', `<d><p><t>${'long '.repeat(5_000)}</t></p></d>`],
    ],
    10,
  )
  assert.ok((await readBytes('x.docx', lying)).text.length > 20_000)
})

test('a part that unpacks without end stops at the budget', async () => {
  const bomb = docxOf(`<w:p><w:r><w:t>${' '.repeat(30_000_000)}</w:t></w:r></w:p>`)
  const read = await readBytes('x.docx', bomb, { limits: { expansionRatio: 10 } })
  assert.ok(read.codes.includes('bomb'))
})

const SHEET = (cells: string) =>
  `<worksheet><cols><col min="2" max="2" hidden="1"/></cols><sheetData>${cells}</sheetData></worksheet>`

function workbookOf(sheet: string, more: readonly (readonly [string, string])[] = []): Buffer {
  return zipOf([
    ['[Content_Types].xml', '<Types>spreadsheetml.sheet.main</Types>'],
    ['_rels/.rels', relations(['r1', 'officeDocument', 'xl/workbook.xml'])],
    [
      'xl/workbook.xml',
      '<workbook xmlns:r="r"><sheets><sheet name="نمونه" sheetId="1" r:id="r1"/><sheet name="Secret" sheetId="2" state="veryHidden" r:id="r2"/></sheets></workbook>',
    ],
    [
      'xl/_rels/workbook.xml.rels',
      relations(
        ['r1', 'worksheet', 'worksheets/sheet1.xml'],
        ['r2', 'worksheet', '/xl/worksheets/sheet2.xml'],
        ['r3', 'styles', 'styles.xml'],
        ['r4', 'sharedStrings', 'sharedStrings.xml'],
      ),
    ],
    [
      'xl/styles.xml',
      '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="10"/></cellXfs></styleSheet>',
    ],
    [
      'xl/sharedStrings.xml',
      '<sst><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>reading</t></rPh></si></sst>',
    ],
    ['xl/worksheets/sheet1.xml', sheet],
    [
      'xl/worksheets/sheet2.xml',
      SHEET('<row r="1"><c r="A1" t="inlineStr"><is><t>kept apart</t></is></c></row>'),
    ],
    ...more,
  ])
}

test('Excel: strings, dates in either spelling, percent, formulas’ results, hidden things', async () => {
  const row =
    '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3" s="1"><v>45322</v></c><c r="D3" s="2"><v>0.25</v></c><c r="E3" t="str"><f>[other.xlsx]S!A1</f><v>said</v></c><c r="F3" t="b"><v>1</v></c></row><row r="4" hidden="1"><c r="A4"><v>12</v></c></row>'
  const read = await readBytes('x.xlsx', workbookOf(SHEET(row)))
  assert.equal(read.result.parts[0]?.text, 'rich text\t\t31/01/2024 [2024-01-31]\t25.00%\tsaid\tTRUE\n12')
  assert.deepEqual(read.result.parts[1]?.locator, { sheet: 'Secret', row: 1, hidden: true })
  assert.equal(read.found('document.sheetCount'), 2)
  const words = read.result.notices.map((notice) => notice.words).join(' ')
  assert.match(words, /“Secret” is hidden/)
  assert.match(words, /1 hidden rows/)
  assert.match(words, /hidden columns/)
  assert.match(words, /refer to other files/)
})

test('PowerPoint: slides in the show’s order, notes, hidden slides', async () => {
  const slide = (text: string, show = '') =>
    `<p:sld${show}><p:cSld><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:cSld></p:sld>`
  const read = await readBytes(
    'x.pptx',
    zipOf([
      ['[Content_Types].xml', '<Types>presentationml.presentation.main</Types>'],
      ['_rels/.rels', relations(['r1', 'officeDocument', 'ppt/presentation.xml'])],
      [
        'ppt/presentation.xml',
        '<p:presentation xmlns:r="r"><p:sldIdLst><p:sldId r:id="b"/><p:sldId r:id="a"/></p:sldIdLst></p:presentation>',
      ],
      [
        'ppt/_rels/presentation.xml.rels',
        relations(['a', 'slide', 'slides/slide1.xml'], ['b', 'slide', 'slides/slide2.xml']),
      ],
      ['ppt/slides/slide1.xml', slide('shown last', ' show="0"')],
      ['ppt/slides/slide2.xml', slide('shown first')],
      ['ppt/slides/slide3.xml', slide('left over')],
      ['ppt/slides/_rels/slide2.xml.rels', relations(['n', 'notesSlide', '../notesSlides/n1.xml'])],
      ['ppt/notesSlides/n1.xml', slide('a note')],
    ]),
  )
  assert.deepEqual(
    read.result.parts.map((part) => [part.label, part.text]),
    [
      ['slide 1', 'shown first'],
      ['notes of slide 1', 'a note'],
      ['slide 2', 'shown last'],
      ['slide 3', 'left over'],
    ],
  )
  assert.equal(read.result.parts[2]?.locator.hidden, true)
  assert.equal(read.codes.filter((code) => code === 'hidden-content').length, 2)
})

test('OpenDocument: text, sheets, changes, encryption', async () => {
  const odt = (content: string, manifest = '<m/>') =>
    zipOf([
      ['mimetype', 'application/vnd.oasis.opendocument.text'],
      ['META-INF/manifest.xml', manifest],
      ['content.xml', content],
      ['meta.xml', '<o><initial-creator>A. Sample</initial-creator></o>'],
    ])
  const content =
    '<office:document-content><office:body><office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:p>سلام<text:tab/>x<text:s text:c="3"/>y</text:p>' +
    '<table:table table:name="T"><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>'
  const read = await readBytes('x.odt', odt(content))
  assert.equal(read.result.parts[0]?.text, 'سلام\tx   y')
  assert.equal(read.result.parts.find((part) => part.locator.sheet === 'T')?.text, 'a\tb')
  assert.equal(read.result.parts.find((part) => part.label === 'deleted text')?.text, 'gone')
  assert.equal(read.found('document.author'), 'A. Sample')
  const locked = await readBytes(
    'x.odt',
    odt('\u0001\u0002', '<m><file-entry><encryption-data/></file-entry></m>'),
  )
  assert.deepEqual([locked.codes, locked.result.outcome], [['encrypted'], 'unread'])
})
