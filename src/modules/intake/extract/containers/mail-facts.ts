import { readHtml } from '../documents/html-text.ts'
import type { Report } from './report.ts'

/** What every mail format tells about a message, in one shape. */
export interface MailFacts {
  readonly subject?: string | undefined
  readonly from?: string | undefined
  readonly sender?: string | undefined
  readonly to?: string | undefined
  readonly cc?: string | undefined
  readonly bcc?: string | undefined
  readonly replyTo?: string | undefined
  /** ISO, UTC. */
  readonly date?: string | undefined
  /** As written, with its offset. */
  readonly dateWritten?: string | undefined
  readonly messageId?: string | undefined
  readonly inReplyTo?: string | undefined
  readonly references?: string | undefined
}

const HEADINGS: readonly (readonly [keyof MailFacts, string])[] = [
  ['from', 'From'],
  ['sender', 'Sender'],
  ['to', 'To'],
  ['cc', 'Cc'],
  ['bcc', 'Bcc'],
  ['replyTo', 'Reply-To'],
  ['dateWritten', 'Date'],
  ['subject', 'Subject'],
]

/** Metadata mail.*, and one text part with what a reader sees above a message. */
export function reportMail(report: Report, facts: MailFacts): void {
  for (const [key, value] of Object.entries(facts) as [keyof MailFacts, string | undefined][]) {
    report.find(`mail.${key}`, value)
  }
  const lines = HEADINGS.flatMap(([key, heading]) => (facts[key] ? [`${heading}: ${facts[key]}`] : []))
  report.text('header', lines.join('\n'), { part: 'header' })
}

/**
 * The body as text. The HTML version is added only where it says something the plain one does not:
 * what a sender shows in one and hides in the other must both be found.
 */
export function reportBodies(report: Report, text: string | undefined, html: string | undefined): void {
  const plain = text ?? ''
  report.text('body', plain, { part: 'body' })
  if (!html) return
  const page = readHtml(html)
  const letters = (value: string): string => value.replaceAll(/[^\p{L}\p{N}]+/gu, '')
  if (!letters(plain).includes(letters(page.text))) report.text('body (HTML)', page.text, { part: 'html' })
}

/** An ISO instant from a written date, where it is one. */
export function instant(written: string | Date | undefined | null): string | undefined {
  if (!written) return undefined
  const date = written instanceof Date ? written : new Date(written.replace(/\s*\([^)]*\)\s*$/, ''))
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** 'Name <address>' as people write it. */
export function mailbox(name: string | undefined, address: string | undefined): string | undefined {
  if (!name || name === address) return address || undefined
  return address ? `${name} <${address}>` : name
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'text/plain': 'txt',
  'text/html': 'html',
  'text/calendar': 'ics',
  'text/vcard': 'vcf',
  'text/csv': 'csv',
  'message/rfc822': 'eml',
  'message/delivery-status': 'txt',
  'text/rfc822-headers': 'txt',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/ms-tnef': 'dat',
  'application/pkcs7-signature': 'p7s',
  'application/x-pkcs7-signature': 'p7s',
  'application/pkcs7-mime': 'p7m',
  'application/pgp-signature': 'asc',
  'application/pgp-encrypted': 'asc',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
}

/** A name for a part that has none. */
export function partName(number: number, mediaType: string): string {
  return `part-${number}.${EXTENSIONS[mediaType.toLowerCase()] ?? 'bin'}`
}
