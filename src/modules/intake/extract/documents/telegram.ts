import { Parser } from 'htmlparser2'
import { decoderOf } from '../charset/decode.ts'
import { FileBytes } from '../file-bytes.ts'
import { Gathering, reasonOf } from '../gather.ts'
import type { Extractor } from '../port.ts'
import { ObjectFinder } from './json-messages.ts'

const VERSION = '1'
const SLICE = 512 * 1024

/** Telegram's JSON export, one chat or a whole account: a part a message with sender, time and attachment. */
export const telegramJson: Extractor = {
  name: 'telegram-json',
  version: VERSION,
  reads: (type) => type.label === 'telegram-json',
  async extract(input) {
    const gathering = new Gathering(input, `telegram-json ${VERSION}`)
    const chats = new Map<string, number>()
    const people = new Set<string>()
    await gathering.attempt('text', 'The export broke off', () => {
      using file = new FileBytes(input.path)
      const decoder = decoderOf('utf-8')
      const finder = new ObjectFinder('messages', ({ text, around }) => {
        const chat = around.name ?? around.type ?? 'chat'
        chats.set(chat, (chats.get(chat) ?? 0) + 1)
        readMessage(text, chat, people, gathering)
      })
      for (let at = 0; at < file.sizeBytes && !gathering.pressed(); at += SLICE)
        finder.write(decoder.write(file.read(at, SLICE)))
      finder.write(decoder.end())
      if (finder.unfinished)
        gathering.notice('recovered', 'The export is cut off; read as far as it goes.', { lost: true })
      if (gathering.pressed())
        gathering.notice('time-limit', 'Stopped at the time limit.', { lost: true, retryable: true })
    })
    gathering.found('chat.application', 'Telegram')
    for (const [chat, count] of [...chats].slice(0, 2_000))
      gathering.found('chat.thread', `${chat} (${count})`)
    for (const person of [...people].slice(0, 2_000)) gathering.found('chat.participant', person)
    return gathering.finish()
  },
}

type Message = Readonly<Record<string, unknown>>

function readMessage(json: string, chat: string, people: Set<string>, gathering: Gathering): void {
  let message: Message
  try {
    message = JSON.parse(json) as Message
  } catch (error) {
    return gathering.notice('broken', `A message of “${chat}” is damaged (${reasonOf(error)}).`, {
      lost: true,
    })
  }
  const sender = word(message.from) || word(message.actor)
  if (sender !== '') people.add(sender)
  const file = word(message.file) || word(message.photo)
  const here = file !== '' && !file.startsWith('(File ')
  if (here) gathering.found('chat.attachment', file)
  else if (file !== '')
    gathering.notice('missing-attachment', 'Some files were left out when the chat was exported.', {
      step: 'attachments',
    })
  const text = [textOf(message.text), ...extras(message)].filter((piece) => piece !== '').join('\n')
  const shown = `${sender === '' ? '' : `${sender}: `}${text === '' && here ? file : text}`
  gathering.part(`message ${word(message.id)}`, shown, {
    ...times(message),
    ...links(message),
    message: word(message.id),
    chat,
    sender,
    ...(here ? { attachment: file } : {}),
  })
}

/** The local time as written, the instant, and from the two the exporting machine's offset. */
function times(message: Message): Record<string, string> {
  const written = word(message.date)
  const unix = Number(word(message.date_unixtime))
  if (written === '' || !Number.isFinite(unix) || unix <= 0)
    return written === '' ? {} : { writtenAt: written }
  const minutes = Math.round((Date.parse(`${written}Z`) - unix * 1_000) / 60_000)
  const sign = minutes < 0 ? '-' : '+'
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0')
  const zone =
    Number.isFinite(minutes) && Math.abs(minutes) <= 840
      ? { zone: `${sign}${two(minutes / 60)}:${two(Math.abs(minutes) % 60)}` }
      : {}
  return { writtenAt: written, time: new Date(unix * 1_000).toISOString(), ...zone }
}

function links(message: Message): Record<string, string | boolean> {
  return {
    ...(message.edited === undefined ? {} : { editedAt: word(message.edited) }),
    ...(message.forwarded_from === undefined
      ? {}
      : { forwardedFrom: word(message.forwarded_from) || 'hidden account' }),
    ...(message.reply_to_message_id === undefined ? {} : { replyTo: word(message.reply_to_message_id) }),
    ...(message.from_id === undefined ? {} : { senderId: word(message.from_id) }),
    ...(message.type === 'service' ? { system: true } : {}),
  }
}

/** Plain text, or a list of plain and marked-up pieces. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return ''
  return value.map((piece: unknown) => (typeof piece === 'string' ? piece : marked(piece))).join('')
}

function marked(piece: unknown): string {
  const { text, href } = (piece ?? {}) as { text?: unknown; href?: unknown }
  return href === undefined ? word(text) : `${word(text)} (${word(href)})`
}

/** What stands beside the text: actions, places, contacts, polls. */
function extras(message: Message): string[] {
  const place = message.location_information as { latitude?: unknown; longitude?: unknown } | undefined
  const contact = message.contact_information as
    | { first_name?: unknown; last_name?: unknown; phone_number?: unknown }
    | undefined
  const poll = message.poll as { question?: unknown; answers?: readonly { text?: unknown }[] } | undefined
  return [
    message.action === undefined
      ? ''
      : [
          `[${word(message.action)}]`,
          word(message.title),
          Array.isArray(message.members) ? message.members.map(word).join(', ') : '',
        ]
          .filter((piece) => piece !== '')
          .join(' '),
    place === undefined ? '' : `[location ${word(place.latitude)}, ${word(place.longitude)}]`,
    contact === undefined
      ? ''
      : `[contact ${word(contact.first_name)} ${word(contact.last_name)} ${word(contact.phone_number)}]`,
    poll === undefined
      ? ''
      : `[poll ${word(poll.question)}: ${(poll.answers ?? []).map((answer) => word(answer.text)).join(' / ')}]`,
    word(message.sticker_emoji),
  ]
}

function word(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** Telegram's HTML export: the same from its pages; a page names its chat and continues the one before. */
export const telegramHtml: Extractor = {
  name: 'telegram-html',
  version: VERSION,
  reads: (type) => type.label === 'telegram-html',
  async extract(input) {
    const gathering = new Gathering(input, `telegram-html ${VERSION}`)
    await gathering.attempt('text', 'The page broke off', () => {
      using file = new FileBytes(input.path)
      const page = new TelegramPage(gathering)
      const decoder = decoderOf('utf-8')
      for (let at = 0; at < file.sizeBytes && !gathering.pressed(); at += SLICE)
        page.parser.write(decoder.write(file.read(at, SLICE)))
      page.parser.write(decoder.end())
      page.parser.end()
      page.finish()
    })
    gathering.found('chat.application', 'Telegram')
    return gathering.finish()
  },
}

interface PageMessage {
  id: string
  sender: string
  text: string
  writtenAt: string
  forwardedFrom: string
  replyTo: string
  files: string[]
  service: boolean
}

/** Follows the classes of Telegram's own page layout. */
class TelegramPage {
  readonly parser: Parser
  private readonly gathering: Gathering
  private readonly classes: string[] = []
  private readonly people = new Set<string>()
  private message: PageMessage | null = null
  private sender = ''
  private chat = ''

  constructor(gathering: Gathering) {
    this.gathering = gathering
    this.parser = new Parser(
      {
        onopentag: (name, attributes) => this.open(name, attributes),
        onclosetag: (name) => {
          if (!VOID.has(name)) this.classes.pop()
        },
        ontext: (text) => this.text(text),
      },
      { decodeEntities: true },
    )
  }

  finish(): void {
    this.keep()
    for (const person of [...this.people].slice(0, 2_000)) this.gathering.found('chat.participant', person)
    this.gathering.found('chat.thread', this.chat.trim())
  }

  private open(name: string, attributes: Record<string, string>): void {
    const classes = attributes.class ?? ''
    if (name === 'br' && this.message !== null) this.message.text += '\n'
    if (VOID.has(name)) return
    this.classes.push(classes)
    if (/(^| )message( |$)/.test(classes)) this.begin(classes, attributes.id ?? '')
    const { message } = this
    if (message === null) return
    if (/(^| )date( |$)/.test(classes) && attributes.title !== undefined && message.writtenAt === '')
      message.writtenAt = attributes.title
    if (
      name === 'a' &&
      /(^| )(photo_wrap|video_file_wrap|media|sticker_wrap|animated_wrap)/.test(classes) &&
      attributes.href !== undefined
    )
      message.files.push(attributes.href)
    if (name === 'a' && /^#go_to_message(\d+)$/.test(attributes.href ?? ''))
      message.replyTo = (attributes.href ?? '').slice(14)
  }

  private begin(classes: string, id: string): void {
    this.keep()
    const joined = /(^| )joined( |$)/.test(classes)
    if (!joined) this.sender = ''
    this.message = {
      id: id.replace(/^message/, ''),
      sender: '',
      text: '',
      writtenAt: '',
      forwardedFrom: '',
      replyTo: '',
      files: [],
      service: /(^| )service( |$)/.test(classes),
    }
  }

  private text(text: string): void {
    const inside = (name: string) =>
      this.classes.some((classes) => new RegExp(`(^| )${name}( |$)`).test(classes))
    const { message } = this
    if (message === null) {
      if (inside('page_header')) this.chat += text
    } else if (inside('date') || inside('reply_to')) return
    else if (inside('from_name')) {
      if (inside('forwarded')) message.forwardedFrom += text
      else this.sender += text
    } else if (
      inside('text') ||
      inside('details') ||
      inside('title') ||
      inside('status') ||
      inside('description')
    )
      message.text += text
  }

  private keep(): void {
    const { message } = this
    if (message === null) return
    const sender = oneLine(this.sender)
    if (sender !== '') this.people.add(sender)
    for (const file of message.files) this.gathering.found('chat.attachment', file)
    const text = message.text.replaceAll(/[ \t]*\n[ \t\n]*/g, '\n').trim() || message.files.join(' ')
    this.gathering.part(
      `message ${message.id}`,
      sender === '' || message.service ? text : `${sender}: ${text}`,
      {
        message: message.id,
        chat: oneLine(this.chat),
        ...(message.service ? { system: true } : { sender }),
        ...telegramTime(message.writtenAt),
        ...(message.forwardedFrom.trim() === '' ? {} : { forwardedFrom: oneLine(message.forwardedFrom) }),
        ...(message.replyTo === '' ? {} : { replyTo: message.replyTo }),
        ...(message.files[0] === undefined ? {} : { attachment: message.files[0] }),
      },
    )
    this.message = null
  }
}

const VOID = new Set(['br', 'img', 'link', 'meta', 'input', 'hr', 'source'])

/** '31.12.2023 22:15:03 UTC+04:30' as an instant and its zone; without a zone only as written. */
function telegramTime(written: string): Record<string, string> {
  const match = /^(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)(?: UTC([+-]\d\d:\d\d))?$/.exec(written.trim())
  if (match === null) return written === '' ? {} : { writtenAt: written }
  const [, day, month, year, clock, zone] = match
  if (zone === undefined) return { writtenAt: written }
  return { writtenAt: written, zone, time: new Date(`${year}-${month}-${day}T${clock}${zone}`).toISOString() }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
