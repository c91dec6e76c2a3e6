import { decoderOf } from '../charset/decode.ts'
import { WHATSAPP_LINE } from '../detect/text-types.ts'
import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import { type DateOrder, orderOf, readDate } from './chat-dates.ts'
import { charsetOf } from './plain.ts'

const VERSION = '1'
const SLICE = 1024 ** 2
const MAX_MESSAGES = 1_000_000

interface Message {
  readonly number: number
  readonly date: string
  readonly time: string
  readonly sender: string
  lines: string[]
}

/**
 * WhatsApp text exports of Android and iOS: a part a message with sender and time as written, in any
 * locale, digits and calendar; attachments are named, the media themselves come beside the text.
 */
export const whatsapp: Extractor = {
  name: 'whatsapp',
  version: VERSION,
  reads: (type) => type.label === 'whatsapp',
  async extract(input) {
    const gathering = new Gathering(input, `whatsapp ${VERSION}`)
    await gathering.attempt('text', 'The chat broke off', () => {
      using file = new FileBytes(input.path)
      const { name } = charsetOf(file, input)
      const messages = [...messagesOf(linesOf(file, name))]
      report(messages, gathering)
    })
    return gathering.finish()
  },
}

function* linesOf(file: FileBytes, charset: string): Generator<string> {
  const decoder = decoderOf(charset)
  let pending = ''
  for (let at = 0; at < file.sizeBytes; at += SLICE) {
    pending += decoder.write(file.read(at, SLICE))
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) yield line.replace(/\r$/, '')
  }
  pending += decoder.end()
  if (pending !== '') yield pending
}

/** A name, then a colon. Quotation marks are not in names but in notices ('changed the subject to "B: done"'). */
const SPEAKER = /^[\u200e\u200f]*([^:\n"“”«»]{1,80}?): ?([\s\S]*)$/

/** Lines that open a message start one; all others belong to the one before. */
function* messagesOf(lines: Iterable<string>): Generator<Message> {
  let current: Message | null = null
  let number = 0
  for (const line of lines) {
    const match = WHATSAPP_LINE.exec(line)
    if (match === null) {
      current?.lines.push(line)
      continue
    }
    if (current !== null) yield current
    if (number >= MAX_MESSAGES) return
    const rest = match[3] ?? ''
    const said = SPEAKER.exec(rest)
    number += 1
    current = {
      number,
      date: match[1] ?? '',
      time: match[2] ?? '',
      sender: said === null ? '' : bare(said[1] ?? ''),
      lines: [said === null ? rest : (said[2] ?? '')],
    }
  }
  if (current !== null) yield current
}

function report(messages: readonly Message[], gathering: Gathering): void {
  const order = orderOf(messages.map((message) => message.date))
  const senders = new Map<string, number>()
  let attached = 0
  let omitted = 0
  for (const message of messages) {
    const text = bare(message.lines.join('\n')).trimEnd()
    if (message.sender !== '') senders.set(message.sender, (senders.get(message.sender) ?? 0) + 1)
    const file = attachmentIn(text)
    if (file !== null) attached += 1
    if (file !== null && attached <= 5_000) gathering.found('chat.attachment', file)
    if (
      file === null &&
      (/^<[^<>\n]{3,60}>$/.test(text) || /^\S+ (omitted|weggelassen|omitido|omis|omessa)$/i.test(text))
    )
      omitted += 1
    const shown = message.sender === '' ? text : `${message.sender}: ${text}`
    gathering.part(`message ${message.number}`, shown, locator(message, order, text, file))
  }
  describe(messages, order, senders, gathering)
  gathering.found('chat.attachmentCount', attached)
  if (omitted > 0)
    gathering.notice('missing-attachment', `${omitted} media were left out when the chat was exported.`, {
      step: 'attachments',
    })
}

function locator(
  message: Message,
  order: DateOrder,
  text: string,
  file: string | null,
): Record<string, string | number | boolean> {
  const instant = readDate(message.date, message.time, order)
  return {
    message: String(message.number),
    sender: message.sender,
    writtenAt: bare(`${message.date} ${message.time}`),
    ...(instant === null ? {} : { time: instant }),
    ...(message.sender === '' ? { system: true } : {}),
    ...(file === null ? {} : { attachment: file }),
    ...(/<[^<>]*(edited|ویرایش|معدّلة|изменено|bearbeitet|editado|modifié)[^<>]*>\s*$/i.test(text)
      ? { edited: true }
      : {}),
    ...(order.calendar === 'gregorian' ? {} : { calendar: order.calendar }),
  }
}

function describe(
  messages: readonly Message[],
  order: DateOrder,
  senders: Map<string, number>,
  gathering: Gathering,
): void {
  gathering.found('chat.application', 'WhatsApp')
  gathering.found('chat.messageCount', messages.length)
  gathering.found('chat.timeZone', 'not stated: the local time of the phone that exported')
  gathering.found('chat.dateOrder', order.certain ? order.pattern : `${order.pattern} (a guess)`)
  for (const [sender, count] of [...senders].sort((a, b) => b[1] - a[1]).slice(0, 1_000))
    gathering.found('chat.participant', `${sender} (${count})`)
  const [first, last] = [messages[0], messages[messages.length - 1]]
  if (first !== undefined)
    gathering.found(
      'chat.firstAt',
      readDate(first.date, first.time, order) ?? bare(`${first.date} ${first.time}`),
    )
  if (last !== undefined)
    gathering.found('chat.lastAt', readDate(last.date, last.time, order) ?? bare(`${last.date} ${last.time}`))
  if (!order.certain)
    gathering.notice(
      'encoding-guess',
      'Day and month cannot be told apart in this chat; times are kept as written and read as day/month.',
      { step: 'dates' },
    )
}

/** The file a message names: 'IMG-….jpg (file attached)' in any language, '<attached: …>' on iOS. */
export function attachmentIn(text: string): string | null {
  const first = text.split('\n')[0] ?? ''
  const android = /^([^\s<>:"|?*][^<>:"|?*\n]{0,200}\.[A-Za-z0-9]{1,5}) \([^()\n]{3,40}\)$/.exec(first)?.[1]
  if (android !== undefined) return android
  return /<[^<>:\n]{2,40}: ?([^<>:\n]{1,200}\.[A-Za-z0-9]{1,5})>/.exec(first)?.[1] ?? null
}

/** Without direction marks: they are the exporter's, not the writer's. */
function bare(text: string): string {
  return text.replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
}
