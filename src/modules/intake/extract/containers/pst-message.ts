import { createHash } from 'node:crypto'
import type { PSTAttachment, PSTMessage } from 'pst-extractor'
import { reasonOf } from '../gather.ts'
import { composeMail, headerLine, type ComposedPart } from './mail-compose.ts'
import { mailbox } from './mail-facts.ts'

const MOST_NESTING = 16
const READ_BYTES = 8176

/**
 * An Outlook item as a MIME message: the headers it came with where it has them, else made from its
 * properties; bodies and attachments as they stand. `tell`: what could not be read.
 */
export function* composeMessage(
  message: PSTMessage,
  tell: (words: string) => void,
  depth = 0,
): Generator<Uint8Array> {
  const id = String(message.descriptorNodeId ?? '')
  const mark = createHash('sha256')
    .update(`${id}\0${message.internetMessageId}\0${depth}`)
    .digest('hex')
    .slice(0, 24)
  yield* composeMail(headerOf(message), bodiesOf(message, tell), attachmentsOf(message, tell, depth), mark)
}

/** Received headers stay as they are, without those that describe the MIME structure, which is made anew. */
function headerOf(message: PSTMessage): string {
  const given = message.transportMessageHeaders
  if (given && /^[!-9;-~]+:/m.test(given)) {
    const lines = given
      .replaceAll(/\r?\n/g, '\n')
      .trim()
      .split(/\n(?![ \t])/)
    const kept = lines.filter(
      (line) => /^[!-9;-~]+:/.test(line) && !/^(MIME-Version|Content-[\w-]+):/i.test(line),
    )
    return `${kept.join('\n')}\n`.replaceAll('\n', '\r\n')
  }
  const sent = message.clientSubmitTime ?? message.messageDeliveryTime ?? message.creationTime
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['From', mailbox(message.senderName, message.senderEmailAddress)],
    ['To', recipients(message, 1) ?? message.displayTo],
    ['Cc', recipients(message, 2) ?? message.displayCC],
    ['Bcc', recipients(message, 3) ?? message.displayBCC],
    ['Subject', message.subject],
    ['Date', sent?.toUTCString().replace('GMT', '+0000')],
    ['Message-ID', message.internetMessageId],
    ['In-Reply-To', message.inReplyToId],
    ['X-Outlook-Class', message.messageClass],
  ]
  return fields.map(([name, value]) => (value ? headerLine(name, value) : '')).join('')
}

function recipients(message: PSTMessage, type: number): string | undefined {
  const found: string[] = []
  for (let index = 0; index < message.numberOfRecipients; index++) {
    const one = message.getRecipient(index)
    if (one?.recipientType !== type) continue
    const written = mailbox(one.displayName, one.smtpAddress || one.emailAddress)
    if (written) found.push(written)
  }
  return found.length > 0 ? found.join(', ') : undefined
}

function bodiesOf(message: PSTMessage, tell: (words: string) => void): ComposedPart[] {
  const read = (look: () => string, what: string): string => {
    try {
      return look()
    } catch (fault) {
      tell(`its ${what} body could not be read (${reasonOf(fault)})`)
      return ''
    }
  }
  const text = read(() => message.body, 'plain')
  const html = read(() => message.bodyHTML, 'HTML')
  const rtf = text === '' && html === '' ? read(() => message.bodyRTF, 'rich text') : ''
  const parts: ComposedPart[] = []
  if (text !== '' || (html === '' && rtf === ''))
    parts.push({ mediaType: 'text/plain; charset=utf-8', bytes: [Buffer.from(text)] })
  if (html !== '') parts.push({ mediaType: 'text/html; charset=utf-8', bytes: [Buffer.from(html)] })
  if (rtf !== '') parts.push({ mediaType: 'text/rtf', name: 'body.rtf', bytes: [Buffer.from(rtf, 'latin1')] })
  return parts
}

function* attachmentsOf(
  message: PSTMessage,
  tell: (words: string) => void,
  depth: number,
): Generator<ComposedPart> {
  for (let index = 0; index < message.numberOfAttachments; index++) {
    try {
      const attachment = message.getAttachment(index)
      const part = partOf(attachment, index, tell, depth)
      if (part) yield part
    } catch (fault) {
      tell(`attachment ${index + 1} could not be read (${reasonOf(fault)})`)
    }
  }
}

function partOf(
  attachment: PSTAttachment,
  index: number,
  tell: (words: string) => void,
  depth: number,
): ComposedPart | undefined {
  const name =
    attachment.longFilename || attachment.filename || attachment.displayName || `attachment-${index + 1}`
  const embedded = attachment.embeddedPSTMessage
  if (embedded) {
    if (depth >= MOST_NESTING) {
      tell(`the message attached as ${name} is nested too deeply`)
      return undefined
    }
    return {
      mediaType: 'application/octet-stream',
      name: `${name}.eml`,
      bytes: composeMessage(embedded, tell, depth + 1),
    }
  }
  const stream = attachment.fileInputStream
  if (!stream) {
    tell(`the attachment ${name} has no data here`)
    return undefined
  }
  return {
    mediaType: /^[\w.+-]+\/[\w.+-]+$/.test(attachment.mimeTag)
      ? attachment.mimeTag
      : 'application/octet-stream',
    name,
    contentId: attachment.contentId || undefined,
    bytes: chunks(stream),
  }
}

function* chunks(stream: NonNullable<PSTAttachment['fileInputStream']>): Generator<Uint8Array> {
  for (;;) {
    const block = Buffer.alloc(READ_BYTES)
    const got = stream.read(block)
    if (got <= 0) return
    yield block.subarray(0, got)
    if (got < READ_BYTES) return
  }
}
