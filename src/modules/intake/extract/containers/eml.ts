import { isUtf8 } from 'node:buffer'
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime'
import { decodeText } from '../charset/decode.ts'
import { detectCharset } from '../charset/detect-charset.ts'
import { LimitReached, reasonOf } from '../gather.ts'
import type { DetectedType, ExtractInput, Extractor } from '../port.ts'
import { ChildWriter, quoted } from './children.ts'
import { FileReader } from './file-reader.ts'
import { instant, mailbox, partName, reportBodies, reportMail } from './mail-facts.ts'
import { Report } from './report.ts'

const NAME = 'mail'
const VERSION = 'postal-mime 4.0.0'
const LABELS = new Set(['eml', 'mht', 'emlx'])
/** Parsing holds a message several times over. */
const MEMORY_SHARE = 8
const NESTING = 64

/** One message (RFC 5322, MIME): header, bodies, attachments and nested messages as children. */
export const emlExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => LABELS.has(type.label),
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    const most = (input.limits.memoryMb * 1024 * 1024) / MEMORY_SHARE
    if (file.size > most) {
      report.notice(
        'memory-limit',
        `The message is larger than ${Math.floor(most / 1048576)} MiB; its end was not read.`,
        {
          retryable: true,
        },
      )
    }
    const bytes = withReadableHeader(withoutEnvelope(file.read(0, most)), report)
    let mail: Email
    try {
      mail = await PostalMime.parse(bytes, {
        forceRfc822Attachments: true,
        maxNestingDepth: NESTING,
        maxHeadersSize: 8 * 1024 * 1024,
      })
    } catch (fault) {
      report.notice(
        'broken',
        `The message could not be taken apart and was read as plain text: ${reasonOf(fault)}.`,
        {
          step: 'open',
        },
      )
      report.text('source', decodeText(bytes, detectCharset(bytes)?.charset ?? 'utf-8'), { part: 'source' })
      return report.result()
    }
    describe(mail, bytes, report)
    await attachments(mail, bytes.includes('\r\n'), input, report)
    return report.result()
  },
}

/** Mail programs prepend 'From ' (mbox), Apple a byte count: neither belongs to the message. */
function withoutEnvelope(bytes: Buffer): Buffer {
  const start = bytes.subarray(0, 1024).toString('latin1')
  const before = /^(?:\s*\d{1,12}\s*\r?\n|(?:\r?\n)*From [^\r\n]*\r?\n|(?:\r?\n)+)/.exec(start)
  return before ? bytes.subarray(before[0].length) : bytes
}

function describe(mail: Email, bytes: Buffer, report: Report): void {
  const written = header(mail, 'date')
  reportMail(report, {
    subject: mail.subject,
    from: address(mail.from),
    sender: address(mail.sender),
    to: addresses(mail.to),
    cc: addresses(mail.cc),
    bcc: addresses(mail.bcc),
    replyTo: addresses(mail.replyTo),
    date: instant(written),
    dateWritten: written,
    messageId: mail.messageId,
    inReplyTo: mail.inReplyTo,
    references: mail.references,
  })
  for (const name of [
    'x-originating-ip',
    'x-mailer',
    'user-agent',
    'list-id',
    'authentication-results',
    'return-path',
  ]) {
    report.find(`mail.header.${name}`, header(mail, name))
  }
  for (const hop of all(mail, 'received').slice(0, 50)) report.find('mail.received', hop)
  reportBodies(report, mail.text, mail.html)
  protection(mail, bytes, report)
  if (mail.headers.length === 0) {
    report.notice('broken', 'No header could be read; the text stands as it was found.', { step: 'open' })
  }
}

/**
 * Old mail programs wrote 8-bit letters straight into the header (windows-1256, Big5, KOI8-R). Where the header is
 * neither ASCII nor UTF-8, its encoding is recognised from the letters, and the parser gets it in UTF-8.
 */
function withReadableHeader(bytes: Buffer, report: Report): Buffer {
  const end = /\r?\n\r?\n/.exec(bytes.toString('latin1', 0, Math.min(bytes.length, 262_144)))?.index ?? 0
  const head = bytes.subarray(0, end)
  if (isUtf8(head)) return bytes
  const charset = detectCharset(head)?.charset
  if (charset === undefined) return bytes
  report.find('mail.headerCharset', charset)
  return Buffer.concat([Buffer.from(decodeText(head, charset)), bytes.subarray(end)])
}

function protection(mail: Email, bytes: Buffer, report: Report): void {
  const type = (header(mail, 'content-type') ?? '').toLowerCase()
  const inline = mail.text ?? ''
  const has = (pattern: RegExp): boolean =>
    pattern.test(type) || mail.attachments.some((part) => pattern.test(part.mimeType))
  if (/multipart\/encrypted/.test(type) || inline.includes('-----BEGIN PGP MESSAGE-----')) {
    report.find('mail.encrypted', 'pgp')
    report.notice('encrypted', 'The message is encrypted with OpenPGP; the key of a recipient is needed.', {
      step: 'text',
    })
  } else if (/pkcs7-mime/.test(type) && !/signed-data/.test(type)) {
    report.find('mail.encrypted', 'smime')
    report.notice('encrypted', 'The message is encrypted with S/MIME; the key of a recipient is needed.', {
      step: 'text',
    })
  }
  const kind = has(/pkcs7-signature|signed-data/)
    ? 'smime'
    : has(/pgp-signature/) || inline.includes('-----BEGIN PGP SIGNED')
      ? 'pgp'
      : ''
  if (kind !== '') {
    report.find('mail.signed', kind)
    report.notice('signed', 'The message carries a digital signature, which was kept and not checked.', {
      step: 'text',
    })
  }
  if (/multipart\//.test(type) && !/^--/m.test(bytes.toString('latin1', 0, Math.min(bytes.length, 65_536)))) {
    report.notice('broken', 'The message says it has several parts, but none of their boundaries is there.', {
      step: 'text',
    })
  }
}

async function attachments(mail: Email, crlf: boolean, input: ExtractInput, report: Report): Promise<void> {
  const writer = new ChildWriter(input, report, { sameNames: true })
  report.find('mail.attachments', mail.attachments.length)
  if (mail.attachments.length === 0 || !writer.mayUnpack()) return
  for (const [index, part] of mail.attachments.entries()) {
    const name = part.filename || nameOf(part, index + 1)
    try {
      await writer.add(name, original(part, crlf), {
        metadata: [
          report.found('mail.attachment.mediaType', part.mimeType),
          report.found('mail.attachment.contentId', part.contentId),
          report.found('mail.attachment.disposition', part.disposition),
          report.found('mail.attachment.description', part.description),
        ],
      })
    } catch (fault) {
      if (!(fault instanceof LimitReached)) throw fault
      report.notice(fault.code, `${fault.message} First left out: ${quoted(name)}.`)
      return
    }
  }
}

/** A nested message without a name takes its subject. */
function nameOf(part: Attachment, number: number): string {
  if (part.mimeType !== 'message/rfc822') return partName(number, part.mimeType)
  const head = Buffer.from(contentOf(part)).toString('utf8', 0, 4096)
  const subject = /^Subject:[ \t]*([^\r\n=?]{1,80})/im.exec(head)?.[1]?.trim().replaceAll(/[\\/]/g, '_')
  return subject ? `${subject}.eml` : partName(number, part.mimeType)
}

/** The parser ends the lines of nested messages with LF: where the mail has CRLF they get it back, as signatures need it. */
function original(part: Attachment, crlf: boolean): Uint8Array {
  const content = contentOf(part)
  if (!crlf || part.mimeType !== 'message/rfc822') return content
  return Buffer.from(Buffer.from(content).toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1')
}

function contentOf(part: Attachment): Uint8Array {
  const { content } = part
  if (typeof content === 'string') return Buffer.from(content, part.encoding === 'base64' ? 'base64' : 'utf8')
  return content instanceof Uint8Array ? content : new Uint8Array(content)
}

function all(mail: Email, name: string): string[] {
  return mail.headers.filter((line) => line.key === name).map((line) => line.value)
}

function header(mail: Email, name: string): string | undefined {
  return all(mail, name)[0]
}

function address(one: Address | undefined): string | undefined {
  if (!one) return undefined
  if (one.group) return `${one.name}: ${addresses(one.group) ?? ''};`
  return mailbox(one.name, one.address)
}

function addresses(many: readonly Address[] | undefined): string | undefined {
  const written = many?.map(address).filter((one) => one !== undefined)
  return written && written.length > 0 ? written.join(', ') : undefined
}
