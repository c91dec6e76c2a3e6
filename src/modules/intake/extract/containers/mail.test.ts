import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { emlExtractor } from './eml.ts'
import { composeMail, headerLine } from './mail-compose.ts'
import { mboxExtractor } from './mbox.ts'
import { pstExtractor } from './pst.ts'
import { codesOf, readWith, valueOf } from '../../../../../test/fixtures/containers/read.ts'

const text = (result: { parts: readonly { text: string }[] }): string =>
  result.parts.map((part) => part.text).join('\n')

test('a message gives header, bodies, attachments and the message inside it', async (t) => {
  const inner = 'From: c@example.org\r\nSubject: Inner\r\n\r\ninside\r\n'
  const bytes = Buffer.from(
    [
      'From: =?utf-8?B?2YXYsduM2YU=?= <maryam@example.org>',
      'To: "B" <b@example.org>, Team: d@example.org;',
      'Subject: =?windows-1256?B?08fh483j?=',
      'Date: Tue, 3 Mar 2026 10:20:30 +0430',
      'Message-ID: <1@example.org>',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<p>متن <b>پیام</b></p><script>never()</script>',
      '--b',
      'Content-Type: application/pdf; name="a.pdf"',
      'Content-Disposition: attachment; filename="../../a.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      'JVBERi0=',
      '--b',
      'Content-Type: message/rfc822',
      '',
      inner,
      '--b--',
      '',
    ].join('\r\n'),
  )
  const result = await readWith(t, emlExtractor, { name: 'm.eml', bytes })
  assert.equal(valueOf(result, 'mail.from'), 'مریم <maryam@example.org>')
  assert.equal(valueOf(result, 'mail.date'), '2026-03-03T05:50:30.000Z')
  assert.equal(valueOf(result, 'mail.dateWritten'), 'Tue, 3 Mar 2026 10:20:30 +0430')
  assert.match(text(result), /متن پیام/)
  assert.doesNotMatch(text(result), /never/)
  assert.deepEqual(
    result.children.map((child) => child.path),
    ['../../a.pdf', 'Inner.eml'],
  )
  assert.equal(result.children[0]?.safePath, 'a.pdf')
  assert.equal(readFileSync(result.children[1]!.file, 'utf8').trimEnd(), inner.trimEnd())
})

test('what the HTML says beyond the plain text is found too', async (t) => {
  const bytes = (html: string): Buffer =>
    Buffer.from(
      `From: a@example.org\r\nSubject: s\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nOne two.\r\n--b\r\nContent-Type: text/html\r\n\r\n${html}\r\n--b--\r\n`,
    )
  const same = await readWith(t, emlExtractor, { name: 'a.eml', bytes: bytes('<p>One <i>two</i>.</p>') })
  assert.deepEqual(
    same.parts.map((part) => part.label),
    ['header', 'body'],
  )
  const more = await readWith(t, emlExtractor, { name: 'b.eml', bytes: bytes('<p>Pay at the bridge</p>') })
  assert.match(text(more), /bridge/)
})

test('8-bit letters written straight into a header are read in the encoding they look like', async (t) => {
  const subject = Buffer.from('d3e1c7e320dae1edc7e320e6d1cde3c920c7e1e1e520e6c8d1dfc7cae5', 'hex') // windows-1256
  const bytes = Buffer.concat([
    Buffer.from('From: a@example.org\r\nSubject: '),
    subject,
    Buffer.from('\r\n\r\nbody\r\n'),
  ])
  const result = await readWith(t, emlExtractor, { name: 'w.eml', bytes })
  assert.match(String(valueOf(result, 'mail.subject')), /^سلام/)
  assert.equal(valueOf(result, 'mail.headerCharset'), 'windows-1256')
})

test('encrypted and signed messages are said to be so', async (t) => {
  const smime = Buffer.from(
    'From: a@example.org\r\nSubject: s\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMAAA\r\n',
  )
  assert.deepEqual(codesOf(await readWith(t, emlExtractor, { name: 's.eml', bytes: smime })), ['encrypted'])
  const pgp = Buffer.from(
    'From: a@example.org\r\nSubject: s\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n',
  )
  assert.deepEqual(codesOf(await readWith(t, emlExtractor, { name: 'p.eml', bytes: pgp })), ['encrypted'])
})

test('composed mail reads back as it went in, whatever the letters', async (t) => {
  const words = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .filter((value) => value.trim() !== '' && !/[\p{Cc}\ufeff\u2028]/u.test(value))
  await fc.assert(
    fc.asyncProperty(words, fc.uint8Array({ maxLength: 5000 }), async (subject, data) => {
      const head = headerLine('From', 'A <a@example.org>') + headerLine('Subject', subject)
      const parts = [{ mediaType: 'text/plain; charset=utf-8', bytes: [Buffer.from('متن')] }]
      const attached = [
        {
          mediaType: 'application/octet-stream',
          name: `${'نام '.repeat(20)}.bin`,
          bytes: [data.subarray(0, 7), data.subarray(7)],
        },
      ]
      const bytes = Buffer.concat([...composeMail(head, parts, attached, 'mark')])
      const result = await readWith(t, emlExtractor, { name: 'm.eml', bytes })
      assert.equal(
        String(valueOf(result, 'mail.subject')).normalize('NFC').replaceAll(/\s+/g, ' '),
        subject.trim().normalize('NFC').replaceAll(/\s+/g, ' '),
      )
      assert.equal(result.children[0]?.path, `${'نام '.repeat(20)}.bin`)
      assert.deepEqual(new Uint8Array(readFileSync(result.children[0]!.file)), data)
    }),
    { numRuns: 60 },
  )
})

test('a mailbox gives its messages back byte for byte, quoted lines unquoted', async (t) => {
  const line = fc.constantFrom(
    '',
    'From me to you',
    '>From x',
    '>>From y',
    'متن',
    'From a Tue Mar  3 10:20:30 2026',
    'x'.repeat(90),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
      async (bodies) => {
        const messages = bodies.map(
          (lines, index) => `From: a${index}@example.org\nSubject: ${index}\n\n${lines.join('\n')}\n`,
        )
        const bytes = messages
          .map(
            (one) =>
              `From a@example.org Tue Mar  3 10:20:30 2026\n${one.replaceAll(/^(>*From )/gm, '>$1')}\n`,
          )
          .join('')
        const result = await readWith(t, mboxExtractor, { name: 'm.mbox', bytes: Buffer.from(bytes) })
        assert.deepEqual(
          result.children.map((child) => readFileSync(child.file, 'utf8')),
          messages,
        )
      },
    ),
    { numRuns: 40 },
  )
})

test('Content-Length decides where a mailbox does not quote', async (t) => {
  const body = 'From the start\nFrom a Tue Mar  3 10:20:30 2026\nX: y\n'
  const one = `From: a@example.org\nSubject: s\nContent-Length: ${body.length}\n\n${body}`
  const envelope = 'From a@example.org Tue Mar  3 10:20:30 2026\n'
  const result = await readWith(t, mboxExtractor, {
    name: 'm.mbox',
    bytes: Buffer.from(`${envelope}${one}\n${envelope}${one}\n`),
  })
  assert.deepEqual(
    result.children.map((child) => readFileSync(child.file, 'utf8')),
    [one, one],
  )
})

const sample = join(
  import.meta.dirname,
  '../../../../../node_modules/pst-extractor/example/testdata/enron.pst',
)
test(
  'an Outlook mailbox gives every message with its folder',
  { skip: existsSync(sample) ? false : 'no sample mailbox here' },
  async (t) => {
    const result = await readWith(t, pstExtractor, { name: 'enron.pst', bytes: readFileSync(sample) })
    assert.equal(result.outcome, 'read')
    assert.equal(valueOf(result, 'pst.messages'), 71)
    assert.equal(result.children.length, 71)
    const first = result.children[0]!
    assert.match(first.path, /^Top of Personal Folders\/lokay-m\//)
    const mail = await readWith(t, emlExtractor, { name: 'm.eml', bytes: readFileSync(first.file) })
    assert.match(String(valueOf(mail, 'mail.subject')), /Power Mart/)
    const offline = join(dirname(sample), 'pstextractortest@outlook.com.ost')
    const ost = await readWith(t, pstExtractor, { name: 'o.ost', bytes: readFileSync(offline) })
    assert.deepEqual([ost.outcome, ost.children.length], ['read', 183]) // 160 of them in one long folder
    const cut = await readWith(t, pstExtractor, {
      name: 'cut.pst',
      bytes: readFileSync(sample).subarray(0, 2_000_000),
    })
    assert.ok(codesOf(cut).includes('broken'))
  },
)
