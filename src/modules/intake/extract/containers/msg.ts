import msgReader, { type FieldsData } from '@kenjiuno/msgreader'
import { decompressRTF } from '@kenjiuno/decompressrtf'
import { decodeText } from '../charset/decode.ts'
import { detectCharset } from '../charset/detect-charset.ts'
import { LimitReached, reasonOf } from '../gather.ts'
import type { DetectedType, ExtractInput, Extractor } from '../port.ts'
import { ChildWriter, quoted } from './children.ts'
import { codePageName, codePageOfLocale } from './code-pages.ts'
import { FileReader } from './file-reader.ts'
import { instant, mailbox, reportBodies, reportMail } from './mail-facts.ts'
import { Report } from './report.ts'

const NAME = 'outlook-message'
const VERSION = 'msgreader 1.28.0'
const MEMORY_SHARE = 8
/** A CommonJS module: its exports are Node's default, and the class is theirs. */
const MsgReader = msgReader.default

type Reader = InstanceType<typeof MsgReader>

/** Outlook .msg: properties, recipients, bodies, attachments, embedded messages. */
export const msgExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.label === 'msg',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    if (file.size > (input.limits.memoryMb * 1024 * 1024) / MEMORY_SHARE) {
      report.notice('memory-limit', 'The message is too large to be read at once.', {
        retryable: true,
        step: 'open',
      })
      return report.result('unread')
    }
    const bytes = file.read(0, file.size)
    try {
      const { reader, fields, page } = open(bytes)
      describe(fields, report)
      await bodies(fields, page, input, report, reader)
    } catch (fault) {
      if (fault instanceof LimitReached) throw fault
      report.notice('broken', `The message is damaged: ${reasonOf(fault)}.`, { step: 'open' })
    }
    return report.result()
  },
}

/** Reads twice where the message names a code page: single-byte text is decoded with it. */
function open(bytes: Buffer): { reader: Reader; fields: FieldsData; page: string | undefined } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const first = new MsgReader(view)
  const fields = first.getFileData()
  const problem = (fields as { error?: string }).error
  if (problem) throw new Error(problem)
  const page = codePageName(
    fields.messageCodepage ?? codePageOfLocale(fields.messageLocaleId) ?? fields.internetCodepage,
  )
  if (page === undefined) return { reader: first, fields, page }
  const reader = new MsgReader(view)
  reader.parserConfig = { ansiEncoding: page }
  return { reader, fields: reader.getFileData(), page }
}

function describe(fields: FieldsData, report: Report): void {
  const recipients = (kind: 'to' | 'cc' | 'bcc'): string | undefined =>
    (fields.recipients ?? [])
      .filter((one) => (one.recipType ?? 'to') === kind)
      .map((one) => mailbox(one.name, one.smtpAddress ?? one.email))
      .filter((one) => one !== undefined)
      .join(', ') || undefined
  const written = /^Date:[ \t]*([^\r\n]+)/im.exec(fields.headers ?? '')?.[1]
  const sent = fields.clientSubmitTime ?? fields.messageDeliveryTime
  reportMail(report, {
    subject: fields.subject ?? fields.normalizedSubject,
    from: mailbox(
      fields.senderName,
      fields.senderSmtpAddress ?? fields.sentRepresentingSmtpAddress ?? fields.senderEmail,
    ),
    to: recipients('to'),
    cc: recipients('cc'),
    bcc: recipients('bcc'),
    date: instant(sent) ?? instant(written),
    dateWritten: written ?? sent,
    messageId: fields.messageId,
  })
  report.find('mail.class', fields.messageClass)
  report.find('mail.createdAt', instant(fields.creationTime))
  report.find('mail.modifiedAt', instant(fields.lastModificationTime))
  report.find('mail.receivedAt', instant(fields.messageDeliveryTime))
  report.find('mail.lastModifier', fields.lastModifierName)
  report.find('mail.headers', fields.headers)
}

async function bodies(
  fields: FieldsData,
  page: string | undefined,
  input: ExtractInput,
  report: Report,
  reader: Reader,
): Promise<void> {
  const html =
    fields.bodyHtml ??
    (fields.html ? decodeHtml(fields.html, codePageName(fields.internetCodepage) ?? page) : undefined)
  reportBodies(report, fields.body, html)
  reportContact(fields, report)
  const writer = new ChildWriter(input, report, { sameNames: true })
  const attachments = fields.attachments ?? []
  report.find('mail.attachments', attachments.length)
  if (!writer.mayUnpack()) return
  try {
    if (!fields.body?.trim() && !html && fields.compressedRtf)
      await rtfBody(fields.compressedRtf, writer, report)
    for (const attachment of attachments) await attach(attachment, reader, writer, report)
  } catch (fault) {
    if (!(fault instanceof LimitReached)) throw fault
    report.notice(fault.code, fault.message)
  }
}

/** The body of many Outlook messages is RTF only: it becomes a child, which the RTF reader reads. */
async function rtfBody(compressed: Uint8Array, writer: ChildWriter, report: Report): Promise<void> {
  try {
    await writer.add('body.rtf', Uint8Array.from(decompressRTF([...compressed])))
  } catch (fault) {
    if (fault instanceof LimitReached) throw fault
    report.notice('broken', `The body in rich text could not be decompressed: ${reasonOf(fault)}.`, {
      step: 'text',
    })
  }
}

async function attach(
  attachment: FieldsData,
  reader: Reader,
  writer: ChildWriter,
  report: Report,
): Promise<void> {
  const name = attachment.fileName ?? attachment.name ?? attachment.fileNameShort ?? 'attachment'
  const metadata = [
    report.found('mail.attachment.mediaType', attachment.attachMimeTag),
    report.found('mail.attachment.contentId', attachment.pidContentId),
  ]
  try {
    const { content, fileName } = reader.getAttachment(attachment)
    const path = attachment.innerMsgContent ? messageName(fileName || name) : name
    await writer.add(path, content, { metadata, modifiedAt: instant(attachment.lastModificationTime) })
  } catch (fault) {
    if (fault instanceof LimitReached) throw fault
    report.notice(
      'missing-attachment',
      `The attachment ${quoted(name)} could not be read: ${reasonOf(fault)}.`,
    )
  }
}

const messageName = (name: string): string => (/\.msg$/i.test(name) ? name : `${name}.msg`)

function decodeHtml(bytes: Uint8Array, page: string | undefined): string {
  return decodeText(bytes, page ?? detectCharset(bytes)?.charset ?? 'utf-8')
}

/** Contacts and appointments keep what matters in properties of their own. */
function reportContact(fields: FieldsData, report: Report): void {
  const skip = /^(body|html|headers|compressedRtf|subject|normalizedSubject|messageId)/
  const lines: string[] = []
  const special = /Contact|Appointment|Task|Meeting/i.test(fields.messageClass ?? '')
  if (!special) return
  for (const [key, value] of Object.entries(fields)) {
    if (skip.test(key) || (typeof value !== 'string' && typeof value !== 'number') || value === '') continue
    lines.push(`${key}: ${value}`)
  }
  report.text('properties', lines.join('\n'), { part: 'properties' })
}
