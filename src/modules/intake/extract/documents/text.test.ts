import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { readBytes, zipOf } from '../../../../../test/extract/read-bytes.ts'
import { readHtml } from './html-text.ts'

const iconv = createRequire(import.meta.url)('iconv-lite') as typeof import('iconv-lite')
const DARI = 'گواه گفت که چهار موتر در راه قریه ایستاده بودند'
const ARABIC = 'قال الشاهد إن أربع سيارات كانت واقفة على طريق القرية'

/** RTF's \'xx escapes of a text in a code page. */
const escaped = (text: string, charset: string) =>
  [...iconv.encode(text, charset)].map((byte) => `\\'${byte.toString(16).padStart(2, '0')}`).join('')
const unicode = (text: string) => [...text].map((character) => `\\u${character.charCodeAt(0)}?`).join('')

test('RTF: Persian by \\u escapes with their fallbacks skipped', async () => {
  assert.equal(
    (await readBytes('x.rtf', Buffer.from(`{\\rtf1\\ansi\\uc1 ${unicode(DARI)}\\par end}`))).text,
    `${DARI}\nend`,
  )
  assert.equal(
    (
      await readBytes(
        'x.rtf',
        Buffer.from(`{\\rtf1\\uc2 {\\uc0 ${[...DARI].map((one) => `\\u${one.charCodeAt(0)} `).join('')}}}`),
      )
    ).text,
    DARI,
  )
  const fallback = [...DARI].map((one) => `\\u${one.charCodeAt(0)}\\'3f\\'3f`).join('')
  assert.equal((await readBytes('x.rtf', Buffer.from(`{\\rtf1\\uc2 ${fallback}}`))).text, DARI)
})

test('RTF: Arabic by code page and by font', async () => {
  const page = `{\\rtf1\\ansi\\ansicpg1256 ${escaped(ARABIC, 'windows-1256')}}`
  assert.equal((await readBytes('x.rtf', Buffer.from(page))).text, ARABIC)
  const font = `{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset178 Arial;}{\\f2\\fcharset204 Arial;}}\\f0 caf\\'e9 {\\f1 ${escaped(ARABIC, 'windows-1256')}} {\\f2 ${escaped('свидетель', 'windows-1251')}}}`
  assert.equal((await readBytes('x.rtf', Buffer.from(font))).text, `café ${ARABIC} свидетель`)
  const chinese = `{\\rtf1{\\fonttbl{\\f0\\fcharset134 SimSun;}}\\f0 ${escaped('证人说', 'gb18030')}}`
  assert.equal((await readBytes('x.rtf', Buffer.from(chinese))).text, '证人说')
})

test('RTF: hidden, deleted, notes, properties, objects; a cut file says so', async () => {
  const object = Buffer.concat([
    Buffer.from([1, 5, 0, 0, 2, 0, 0, 0]),
    Buffer.from([4, 0, 0, 0]),
    Buffer.from('Abc\0'),
    Buffer.alloc(8),
    Buffer.from([5, 0, 0, 0]),
    Buffer.from('bytes'),
  ])
  const text =
    '{\\rtf1{\\info{\\author A. Sample}{\\creatim\\yr2024\\mo1\\dy31\\hr9\\min5}}{\\header page head\\par}body{\\v  hidden words}{\\deleted  old words}{\\footnote a note}' +
    `{\\object{\\*\\objdata ${object.toString('hex')}}{\\result seen}}{\\*\\unknown nothing}{\\pict ffd8ff}\\bin4 }}{{ end}`
  const read = await readBytes('x.rtf', Buffer.from(text))
  const part = (name: string) => read.result.parts.find((one) => one.locator.part === name)?.text
  assert.equal(part('body'), 'bodyseen end')
  assert.deepEqual(
    [part('hidden'), part('deleted'), part('footnotes'), part('header')],
    ['hidden words', 'old words', 'a note', 'page head'],
  )
  assert.equal(read.found('document.author'), 'A. Sample')
  assert.equal(read.found('document.createdAt'), '2024-01-31T09:05')
  assert.equal(Object.values(read.children)[0]?.toString(), 'bytes')
  const cut = await readBytes('x.rtf', Buffer.from('{\\rtf1 {\\b half'))
  assert.deepEqual([cut.text, cut.codes, cut.result.outcome], ['half', ['recovered'], 'partly'])
})

test('RTF: any bytes end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.constantFrom(
          '{',
          '}',
          '\\',
          "\\'",
          '\\u',
          '\\bin',
          '99999999999',
          '-',
          'a',
          ' ',
          '\\fonttbl',
          '\\*',
          '\\objdata',
          'ff',
          '\\uc',
        ),
        { maxLength: 200 },
      ),
      async (pieces) => {
        await readBytes('x.rtf', Buffer.from(`{\\rtf1 ${pieces.join('')}`))
      },
    ),
    { numRuns: 60 },
  )
})

test('HTML: shown text, hidden text apart, nothing run, nothing fetched', async () => {
  const page =
    '<!doctype html><html lang="fa"><head><title>عنوان</title><meta name="author" content="A. Sample"><style>p{}</style><script>alert(1)</script></head>' +
    '<body onload="x()"><p>one &amp; دو</p><div style="display: none">not shown</div><table><tr><td>a</td><td>b</td></tr></table><img src="https://example.org/p.png" alt="a picture"><a href="https://example.org/">link</a><svg><text>drawn</text></svg></body></html>'
  const read = await readBytes('x.html', Buffer.from(page))
  assert.match(read.result.parts[0]?.text ?? '', /^عنوان\none & دو\na\tb\na picture link/)
  assert.match(read.text, /drawn/)
  assert.equal(read.result.parts[1]?.text, 'not shown')
  assert.doesNotMatch(read.text, /alert|p\{\}/)
  assert.deepEqual(
    [
      read.found('html.title'),
      read.found('html.language'),
      read.found('html.meta.author'),
      read.found('html.link'),
    ],
    ['عنوان', 'fa', 'A. Sample', 'https://example.org/'],
  )
  assert.deepEqual([...read.codes].sort(), ['active-content', 'external-reference', 'hidden-content'])
})

test('HTML: any markup ends and keeps its words', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          '<p>',
          '</p>',
          '<div hidden>',
          '</div>',
          '<script>',
          '</script>',
          '<!--',
          '-->',
          '<td',
          '>',
          '&lt;',
          '<br>',
          'word',
        ),
        { maxLength: 60 },
      ),
      (pieces) => {
        assert.equal(typeof readHtml(pieces.join('')).text, 'string')
      },
    ),
  )
})

test('plain text: the encoding found late in a long file is used for all of it', async () => {
  const bytes = Buffer.concat([
    Buffer.from('plain line of a log\n'.repeat(60_000)),
    iconv.encode(ARABIC, 'windows-1256'),
  ])
  const read = await readBytes('x.log', bytes)
  assert.equal(read.found('text.encoding'), 'windows-1256')
  assert.ok(read.text.endsWith(ARABIC))
})

test('a script is text, and said', async () => {
  assert.deepEqual((await readBytes('x.reg', Buffer.from('REGEDIT4\n\n[HKEY]\n'))).codes, ['active-content'])
})

test('EPUB: chapters in the spine’s order', async () => {
  const read = await readBytes(
    'x.epub',
    zipOf([
      ['mimetype', 'application/epub+zip'],
      ['META-INF/container.xml', '<c><rootfiles><rootfile full-path="OEBPS/b.opf"/></rootfiles></c>'],
      [
        'OEBPS/b.opf',
        '<p><metadata><dc:title>A book</dc:title></metadata><manifest><item id="a" href="one.xhtml"/><item id="b" href="t%20wo.xhtml"/></manifest><spine><itemref idref="b"/><itemref idref="a"/></spine></p>',
      ],
      ['OEBPS/one.xhtml', '<html><body><p>last</p></body></html>'],
      ['OEBPS/t wo.xhtml', '<html><body><p>نخست</p></body></html>'],
    ]),
  )
  assert.deepEqual(
    read.result.parts.map((part) => part.text),
    ['نخست', 'last'],
  )
  assert.equal(read.found('document.title'), 'A book')
})

test('unknown bytes give their readable runs as a lead, never as a reading', async () => {
  const bytes = Buffer.concat([
    Buffer.from([0, 1, 2, 3]),
    Buffer.from('a hidden sentence in bytes'),
    Buffer.from([0, 255]),
    Buffer.from('جمله پنهان', 'utf16le'),
    Buffer.from([0, 0, 1]),
  ])
  const read = await readBytes('x.bin', bytes)
  assert.match(read.text, /a hidden sentence in bytes/)
  assert.match(read.text, /جمله پنهان/)
  assert.deepEqual([read.codes, read.result.outcome], [['unsupported'], 'partly'])
})
