import { LimitReached } from '../gather.ts'
import type { DetectedType, Extractor } from '../port.ts'
import { ChildWriter } from './children.ts'
import { FileReader } from './file-reader.ts'
import { Report } from './report.ts'

const NAME = 'mbox'
const VERSION = '1.0'
const SEPARATOR = Buffer.from('\nFrom ', 'latin1')
const FROM_LINE =
  /^From [^\r\n]*\d{1,2}:\d{2}[^\r\n]*\r?\n(?:>?From [^\r\n]*\r?\n)?(?:[!-9;-~]+[ \t]*:|\r?\n)/
const LINE_BYTES = 4096
const HEADER_BYTES = 65_536

interface Message {
  readonly start: number
  readonly end: number
  /** The envelope line: who, when, as the mailbox noted it. */
  readonly envelope: string
  /** Told by Content-Length, whose bodies are not quoted. */
  readonly counted: boolean
}

/** A mailbox (mboxo, mboxrd, mboxcl, mboxcl2): each message is a child of its own, unquoted. */
export const mboxExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.label === 'mbox',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    const writer = new ChildWriter(input, report)
    if (!writer.mayUnpack()) return report.result()
    let count = 0
    try {
      for (const message of messages(file)) {
        count++
        const bytes = message.counted ? file.chunks(message.start, message.end) : unquoted(file, message)
        const metadata = [
          report.found('mbox.envelope', message.envelope),
          report.found('mbox.position', message.start),
        ]
        await writer.add(`message-${String(count).padStart(6, '0')}.eml`, bytes, { metadata })
      }
    } catch (fault) {
      if (!(fault instanceof LimitReached)) throw fault
      report.notice(fault.code, fault.message)
    }
    report.find('mbox.messages', count)
    if (count === 0) report.notice('broken', 'No message could be found in this mailbox.')
    return report.result()
  },
}

function* messages(file: FileReader): Generator<Message> {
  let at = opening(file)
  while (at >= 0 && at < file.size) {
    const line = lineAt(file, at)
    const start = at + line.length
    const counted = countedEnd(file, start)
    const next = counted ?? nextSeparator(file, start)
    const end = next < 0 ? file.size : next
    yield {
      start,
      end: withoutLastBlankLine(file, start, end),
      envelope: line.toString('utf8').trim(),
      counted: counted !== undefined,
    }
    at = next < 0 ? -1 : skipBlank(file, end)
  }
}

function opening(file: FileReader): number {
  const at = skipBlank(file, 0)
  return separates(file, at) ? at : nextSeparator(file, 0)
}

function lineAt(file: FileReader, at: number): Buffer {
  const bytes = file.read(at, LINE_BYTES)
  const end = bytes.indexOf(10)
  return end < 0 ? bytes : bytes.subarray(0, end + 1)
}

function separates(file: FileReader, at: number): boolean {
  return FROM_LINE.test(file.read(at, LINE_BYTES).toString('latin1'))
}

/** Where the next envelope line begins. A body line that merely begins with 'From ' has no time and no header behind it. */
function nextSeparator(file: FileReader, from: number): number {
  for (let at = file.find(SEPARATOR, from); at >= 0; at = file.find(SEPARATOR, at + 1)) {
    if (separates(file, at + 1)) return at + 1
  }
  return -1
}

/** The end that Content-Length states, if another envelope line or the end of the file stands there. */
function countedEnd(file: FileReader, start: number): number | undefined {
  const head = file.read(start, HEADER_BYTES).toString('latin1')
  const body = /\r?\n\r?\n/.exec(head)
  if (!body) return undefined
  const stated = /^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?$/im.exec(head.slice(0, body.index + 1))?.[1]
  if (stated === undefined) return undefined
  const end = start + body.index + body[0].length + Number(stated)
  const next = skipBlank(file, end)
  return end <= file.size && (next >= file.size || separates(file, next)) ? end : undefined
}

function skipBlank(file: FileReader, at: number): number {
  const bytes = file.read(at, 64).toString('latin1')
  return at + (/^(\r?\n)*/.exec(bytes)?.[0].length ?? 0)
}

function withoutLastBlankLine(file: FileReader, start: number, end: number): number {
  const tail = file.read(Math.max(start, end - 4), Math.min(4, end - start)).toString('latin1')
  const blank = /(?:\r?\n)(\r?\n)$/.exec(tail)
  return blank?.[1] ? end - blank[1].length : end
}

/** mboxrd: lines of one or more '>' before 'From ' lose one '>'. */
function* unquoted(file: FileReader, message: Message): Generator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0)
  for (const chunk of file.chunks(message.start, message.end)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const last = bytes.lastIndexOf(10)
    // A line without an end is held back, but not without bound.
    const cut = last < 0 && bytes.length < 1_048_576 ? 0 : last < 0 ? bytes.length : last + 1
    if (cut > 0) yield unquoteLines(bytes.subarray(0, cut))
    rest = bytes.subarray(cut)
  }
  if (rest.length > 0) yield unquoteLines(rest)
}

function unquoteLines(bytes: Buffer): Buffer {
  if (!bytes.includes('>From ')) return bytes
  return Buffer.from(bytes.toString('latin1').replaceAll(/^>(>*From )/gm, '$1'), 'latin1')
}
