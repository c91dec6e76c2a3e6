import type { Gathering } from '../gather.ts'
import type { OleFile } from '../ole.ts'
import type { Extractor } from '../port.ts'
import { oleDocument } from './ole-document.ts'

const VERSION = '1'
const MAX_DEPTH = 64

/** PowerPoint 97 to 2003 shows ([MS-PPT]): outline text by slide, then text boxes, notes, comments. */
export const ppt: Extractor = oleDocument({
  name: 'ppt',
  version: VERSION,
  unreadable: 'Not a readable PowerPoint file',
  damaged: 'The slides are damaged',
  isEncrypted,
  read: readSlides,
})

/** The current user's header token differs in encrypted files. */
function isEncrypted(ole: OleFile): boolean {
  const user = ole.stream('Current User')
  return (
    ole.find('EncryptedSummary') !== null ||
    (user !== null && user.length >= 16 && user.readUInt32LE(12) === 0xf3d1c4df)
  )
}

const SLIDE = 1006
const NOTES = 1008
const MASTER = 1016
const SLIDE_LIST = 4080
const SLIDE_PERSIST = 1011
const TEXT_CHARS = 4000
const TEXT_BYTES = 4008
const STRING = 4026
const COMMENT = 12000
const HEADERS = 4057
const LABELS = new Map([
  [SLIDE, 'text boxes of slide'],
  [NOTES, 'notes'],
  [MASTER, 'master'],
  [COMMENT, 'comment'],
  [HEADERS, 'headers and footers'],
])

interface Section {
  label: string
  readonly texts: string[]
}

function readSlides(ole: OleFile, gathering: Gathering): void {
  const stream = ole.stream('PowerPoint Document')
  if (stream === null) throw new Error('a PowerPoint version before 97, or its main stream is missing')
  const sections: Section[] = []
  const counts = new Map<string, number>()
  const open = (label: string): Section => {
    const number = (counts.get(label) ?? 0) + 1
    counts.set(label, number)
    const section = { label: `${label} ${number}`, texts: [] }
    sections.push(section)
    return section
  }
  walk(stream, { label: '', texts: [] }, open, 0)
  for (const { label, texts } of sections) gathering.part(label, texts.join('\n'), { section: label })
  gathering.found('document.slideCount', counts.get('slide') ?? counts.get('text boxes of slide') ?? 0)
}

/** Walks records; a length beyond its container is cut to it, so that fuzzed files end. */
function walk(bytes: Buffer, inherited: Section, open: (label: string) => Section, depth: number): void {
  let section = inherited
  for (let at = 0; at + 8 <= bytes.length;) {
    const head = bytes.readUInt16LE(at)
    const type = bytes.readUInt16LE(at + 2)
    const length = Math.min(bytes.readUInt32LE(at + 4), bytes.length - at - 8)
    const body = bytes.subarray(at + 8, at + 8 + length)
    at += 8 + length
    if (type === SLIDE_PERSIST) section = open('slide')
    else if (type === TEXT_CHARS || type === STRING)
      say(section, body.subarray(0, body.length & ~1).toString('utf16le'))
    else if (type === TEXT_BYTES) say(section, body.toString('latin1'))
    else if ((head & 15) === 15 && depth < MAX_DEPTH) {
      const label = LABELS.get(type)
      const inner =
        label !== undefined
          ? open(label)
          : type === SLIDE_LIST && head >> 4 !== 0
            ? { label: '', texts: [] }
            : section
      walk(body, inner, type === SLIDE_LIST ? listOpener(open, head >> 4) : open, depth + 1)
    }
  }
}

/** Outline lists: 0 slides, 1 masters, 2 notes; only the first repeats what a reader sees on slides. */
function listOpener(open: (label: string) => Section, instance: number): (label: string) => Section {
  const names = ['slide', 'master outline', 'notes outline']
  return () => open(names[instance] ?? 'outline')
}

function say(section: Section, text: string): void {
  const shown = text.replaceAll(/\p{Cc}/gu, (mark) =>
    ['\r', '\n', '\v'].includes(mark) ? '\n' : mark === '\t' ? mark : '',
  )
  if (shown.trim() !== '' && !/^___PPT\d+$/.test(shown)) section.texts.push(shown)
}
