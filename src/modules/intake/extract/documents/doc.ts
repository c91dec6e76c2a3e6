import { decodeText } from '../charset/decode.ts'
import type { Gathering } from '../gather.ts'
import type { OleFile } from '../ole.ts'
import type { Extractor } from '../port.ts'
import { charsetOf } from './ole-properties.ts'
import { oleDocument } from './ole-document.ts'

const VERSION = '1'

/** Word 6 to 2003 documents ([MS-DOC]): body, notes, headers, comments and text boxes by their ranges. */
export const doc: Extractor = oleDocument({
  name: 'doc',
  version: VERSION,
  unreadable: 'Not a readable Word document',
  damaged: 'The text is damaged',
  isEncrypted,
  read: readWord,
})

function isEncrypted(ole: OleFile): boolean {
  const main = ole.stream('WordDocument')
  return main !== null && main.length > 12 && (main.readUInt16LE(10) & 0x0100) !== 0
}

/** Character counts of the document's parts stand one after another in the header, from here on. */
const PARTS: readonly (readonly [label: string, at: number])[] = [
  ['body', 0x4c],
  ['footnotes', 0x50],
  ['headers and footers', 0x54],
  ['macros', 0x58],
  ['comments', 0x5c],
  ['endnotes', 0x60],
  ['text boxes', 0x64],
  ['text boxes in headers', 0x68],
]

function readWord(ole: OleFile, gathering: Gathering): void {
  const main = ole.stream('WordDocument')
  if (main === null || main.length < 0x80) throw new Error('its main stream is missing')
  const version = main.readUInt16LE(2)
  gathering.found('document.formatVersion', version)
  const text = version < 0xc1 ? oldText(main, gathering) : pieces(main, ole)
  let at = 0
  for (const [label, place] of version < 0xc1 ? [] : PARTS) {
    const count = main.readInt32LE(place)
    if (count > 0) gathering.part(label, readable(text.slice(at, at + count)), { part: label })
    at += Math.max(0, count)
  }
  if (version < 0xc1) gathering.part('body', readable(text), { part: 'body' })
}

/** Text by the piece table: some pieces in UTF-16, some in windows-1252 ([MS-DOC] 2.4.1). */
function pieces(main: Buffer, ole: OleFile): string {
  const table =
    ole.stream((main.readUInt16LE(10) & 0x0200) !== 0 ? '1Table' : '0Table') ??
    ole.stream('1Table') ??
    ole.stream('0Table')
  if (table === null)
    return decodeText(main.subarray(main.readUInt32LE(0x18), main.readUInt32LE(0x1c)), 'windows-1252')
  const place = main.readUInt32LE(0x1a2)
  const texts = pieceTable(table.subarray(place, place + main.readUInt32LE(0x1a6))).map(
    ({ from, count, packed }) =>
      packed
        ? decodeText(main.subarray(from, from + count), 'windows-1252')
        : main.subarray(from, from + count * 2).toString('utf16le'),
  )
  return texts.join('')
}

function pieceTable(clx: Buffer): { from: number; count: number; packed: boolean }[] {
  let at = 0
  while (at + 3 <= clx.length && clx[at] === 1) at += 3 + clx.readUInt16LE(at + 1)
  if (at + 5 > clx.length || clx[at] !== 2) throw new Error('its piece table is missing')
  const plc = clx.subarray(at + 5, at + 5 + clx.readUInt32LE(at + 1))
  const count = Math.floor((plc.length - 4) / 12)
  return Array.from({ length: count }, (_, index) => {
    const [start, end] = [plc.readUInt32LE(index * 4), plc.readUInt32LE(index * 4 + 4)]
    const place = plc.readUInt32LE((count + 1) * 4 + index * 8 + 2)
    const packed = (place & 0x40000000) !== 0
    const from = packed ? (place & 0x3fffffff) >>> 1 : place
    return { from, count: Math.max(0, Math.min(end - start, 64_000_000)), packed }
  })
}

/** Word 6 and 95: 8-bit text between two places, in the code page of the document's language. */
function oldText(main: Buffer, gathering: Gathering): string {
  const charset = charsetOf(CODE_PAGES[main.readUInt16LE(6) & 0x3ff] ?? 1252)
  gathering.found('text.encoding', charset)
  const [from, to] = [main.readUInt32LE(0x18), main.readUInt32LE(0x1c)]
  if (from >= to || from > main.length) throw new Error('its text lies outside the file')
  return decodeText(main.subarray(from, to), charset)
}

/** Windows code page of a primary language id. */
const CODE_PAGES: Readonly<Record<number, number>> = {
  0x01: 1256,
  0x20: 1256,
  0x29: 1256,
  0x63: 1256,
  0x80: 1256,
  0x02: 1251,
  0x19: 1251,
  0x22: 1251,
  0x23: 1251,
  0x28: 1251,
  0x3f: 1251,
  0x08: 1253,
  0x0d: 1255,
  0x1f: 1254,
  0x2c: 1254,
  0x05: 1250,
  0x0e: 1250,
  0x15: 1250,
  0x18: 1250,
  0x1a: 1250,
  0x04: 936,
  0x11: 932,
  0x12: 949,
  0x1e: 874,
}

/** Paragraph, line, page and column marks. */
const BREAKS = new Set(['\r', '\n', '\v', '\f', '\u000e'])

/** Marks as a reader sees them: paragraphs, cells, breaks; field instructions left out. */
function readable(text: string): string {
  return withoutFields(text)
    .replaceAll('\u0007', '\t')
    .replaceAll('\u001e', '\u2011')
    .replaceAll(/\p{Cc}/gu, (mark) => (BREAKS.has(mark) ? '\n' : mark === '\t' ? mark : ''))
}

/** `{ instruction | result }` keeps the result; nested fields too, in one pass. */
function withoutFields(text: string): string {
  if (!text.includes('\u0013')) return text
  const kept: string[] = []
  const open: boolean[] = []
  for (const character of text) {
    if (character === '\u0013') open.push(true)
    else if (character === '\u0014') open[open.length - 1] = false
    else if (character === '\u0015') open.pop()
    else if (open[open.length - 1] !== true) kept.push(character)
  }
  return kept.join('')
}
