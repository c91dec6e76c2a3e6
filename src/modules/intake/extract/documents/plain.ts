import { decoderOf } from '../charset/decode.ts'
import { detectCharset } from '../charset/detect-charset.ts'
import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { ExtractInput, Extractor } from '../port.ts'
import { HtmlReader } from './html-text.ts'
import { XmlReader } from './xml.ts'

const VERSION = '1'
const SLICE = 1024 ** 2
/** Decoded text is handed on in pieces of about this many characters, cut at a line's end. */
const PIECE = 400_000

/** Text as it stands: notes, tables, logs, JSON, subtitles, cards, calendars, registry scripts, keys. */
export const plainText: Extractor = {
  name: 'plain-text',
  version: VERSION,
  reads: (type) =>
    [
      'txt',
      'csv',
      'tsv',
      'json',
      'jsonl',
      'vtt',
      'srt',
      'reg',
      'script',
      'pem',
      'bagit',
      'sam',
      'vcf',
      'ics',
    ].includes(type.label),
  async extract(input) {
    const gathering = new Gathering(input, `plain-text ${VERSION}`)
    await gathering.attempt('text', 'The text broke off', () => readPlain(input, gathering))
    if (input.type.label === 'reg' || input.type.label === 'script')
      gathering.notice('active-content', 'A script: shown as text, never run.')
    return gathering.finish()
  },
}

function readPlain(input: ExtractInput, gathering: Gathering): void {
  using file = new FileBytes(input.path)
  const charset = charsetOf(file, input)
  gathering.found('text.encoding', charset.name)
  if (charset.guessed)
    gathering.notice('encoding-guess', `The encoding is a guess (${charset.name}); a person should look.`, {
      step: 'encoding',
      retryable: true,
    })
  let pending = ''
  let piece = 0
  let lines = 0
  const flush = (all: boolean) => {
    while (pending.length > PIECE || (all && pending.length > 0)) {
      const end = all && pending.length <= PIECE ? pending.length : lineEnd(pending)
      const text = pending.slice(0, end)
      piece += 1
      const started = lines + 1
      lines += text.split('\n').length - 1
      gathering.part(
        piece === 1 && end === pending.length && all ? 'body' : `body, from line ${started}`,
        text,
        { line: started },
      )
      pending = pending.slice(end)
    }
  }
  const decoder = decoderOf(charset.name)
  for (let at = 0; at < file.sizeBytes && !gathering.textFullNow; at += SLICE) {
    pending += decoder.write(file.read(at, SLICE))
    if (at === 0) pending = pending.replace(/^\ufeff/, '')
    flush(false)
    if (!gathering.pressed()) continue
    gathering.notice('time-limit', 'Stopped at the time limit; the text after that is not indexed.', {
      lost: true,
      retryable: true,
    })
    break
  }
  pending += decoder.end()
  flush(true)
}

function lineEnd(text: string): number {
  const end = text.lastIndexOf('\n', PIECE)
  if (end > PIECE / 2) return end + 1
  const last = text.charCodeAt(PIECE - 1)
  return last >= 0xd800 && last < 0xdc00 ? PIECE - 1 : PIECE
}

/** The detected encoding; where the head is plain ASCII, the first place that is not is looked at too. */
export function charsetOf(file: FileBytes, input: ExtractInput): { name: string; guessed: boolean } {
  const { charset } = input.type
  if (charset !== undefined && charset !== 'utf-8')
    return { name: charset, guessed: input.type.confidence === 'guess' }
  for (let at = 0; at < file.sizeBytes; at += SLICE) {
    const slice = file.read(at, SLICE)
    const high = slice.findIndex((byte) => byte > 127)
    if (high < 0) continue
    const start = slice.lastIndexOf(10, high) + 1
    const found = detectCharset(slice.subarray(start, start + 96 * 1024))
    return { name: found?.charset ?? charset ?? 'utf-8', guessed: found?.confidence === 'guess' }
  }
  return { name: charset ?? 'utf-8', guessed: false }
}

/** HTML and XHTML pages: shown text, title, links and meta as found metadata; nothing fetched or run. */
export const html: Extractor = {
  name: 'html',
  version: VERSION,
  reads: (type) => type.label === 'html' || type.label === 'xhtml',
  async extract(input) {
    const gathering = new Gathering(input, `html ${VERSION}`)
    await gathering.attempt('text', 'The page broke off', () => {
      using file = new FileBytes(input.path)
      let piece = 0
      const reader = new HtmlReader(false, (text) =>
        gathering.part(`body, part ${++piece}`, text, { body: true, piece }),
      )
      const { name } = charsetOf(file, input)
      const decoder = decoderOf(name)
      gathering.found('text.encoding', name)
      for (let at = 0; at < file.sizeBytes && !gathering.pressed() && !gathering.textFullNow; at += SLICE)
        reader.write(decoder.write(file.read(at, SLICE)))
      reader.write(decoder.end())
      reportPage(gathering, reader.end())
      if (gathering.pressed())
        gathering.notice('time-limit', 'Stopped at the time limit.', { lost: true, retryable: true })
    })
    return gathering.finish()
  },
}

/** Puts what a page holds into a result: used for pages wherever they stand. */
export function reportPage(gathering: Gathering, page: ReturnType<HtmlReader['end']>): void {
  gathering.part('body', page.text, { body: true })
  gathering.part('text hidden from readers', page.hiddenText, { hidden: true })
  if (page.hiddenText !== '') gathering.notice('hidden-content', 'Holds text that a browser does not show.')
  gathering.found('html.title', page.title)
  gathering.found('html.language', page.language)
  for (const [name, content] of page.meta.slice(0, 100))
    gathering.found(`html.meta.${name.toLowerCase()}`, content)
  for (const link of [...new Set(page.links)].slice(0, 500)) gathering.found('html.link', link)
  if (page.scripts > 0) gathering.notice('active-content', 'Holds scripts; they were not run.')
  if (page.remote > 0)
    gathering.notice('external-reference', `Refers to ${page.remote} things elsewhere; nothing was fetched.`)
}

const QUIET = new Set(['binary', 'binData', 'base64'])

/** Any XML: the text of its elements, one line an element, attributes that hold words too. */
export const xml: Extractor = {
  name: 'xml',
  version: VERSION,
  reads: (type) => ['xml', 'fb2', 'wordml', 'spreadsheetml', 'plist'].includes(type.label),
  async extract(input) {
    const gathering = new Gathering(input, `xml ${VERSION}`)
    await gathering.attempt('text', 'The XML broke off', () => readXmlFile(input, gathering))
    return gathering.finish()
  },
}

function readXmlFile(input: ExtractInput, gathering: Gathering): void {
  using file = new FileBytes(input.path)
  const texts: string[] = []
  let quiet = 0
  let size = 0
  const flush = () => {
    gathering.part(
      'body',
      texts
        .join('')
        .replaceAll(/[ \t]+/g, ' ')
        .replaceAll(/ ?\n\s*/g, '\n')
        .trim(),
      { body: true },
    )
    texts.length = size = 0
  }
  const root = { name: '' }
  const reader = new XmlReader({
    open(name) {
      root.name ||= name
      if (QUIET.has(name)) quiet += 1
      if (BREAKS.test(name)) texts.push('\n')
    },
    close(name) {
      if (QUIET.has(name)) quiet -= 1
      texts.push(INLINE.has(name) ? '' : name === 'Cell' ? '\t' : '\n')
    },
    text(text) {
      if (quiet > 0) return
      texts.push(text.replaceAll(/\s+/g, ' '))
      size += text.length
      if (size > PIECE) flush()
    },
    declaration(text) {
      if (/<!ENTITY/i.test(text))
        gathering.notice(
          'external-reference',
          'Declares XML entities; they were neither expanded nor fetched.',
        )
    },
  })
  for (let at = 0; at < file.sizeBytes && !gathering.textFullNow && !gathering.pressed(); at += SLICE)
    reader.write(file.read(at, SLICE))
  reader.end()
  flush()
  gathering.found('xml.root', root.name)
}

const BREAKS = /^(p|Row|Cell|title|section|item|entry|row|v|stanza|subtitle)$/
const INLINE = new Set([
  'b',
  'i',
  'em',
  'strong',
  'emphasis',
  'style',
  'a',
  'span',
  'sub',
  'sup',
  't',
  'r',
  'Font',
  'B',
  'I',
  'U',
])
