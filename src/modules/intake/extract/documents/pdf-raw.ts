import { constants, inflateSync } from 'node:zlib'

const MARKS: readonly (readonly [name: RegExp, words: string])[] = [
  [/\/JavaScript\b|\/JS[\s(<[]/, 'JavaScript'],
  [/\/Launch\b/, 'an action that starts a program'],
  [/\/XFA[\s[(<\d]/, 'an XFA form'],
  [/\/RichMedia\b|\/Rendition\b|\/Movie\b|\/Sound\b|\/Screen\b|\/3D\b/, 'embedded sound, film or 3D'],
  [/\/SubmitForm\b/, 'a form that sends data away'],
  [/\/ImportData\b/, 'an action that imports data'],
  [/\/GoToE\b/, 'a jump into an embedded file'],
  [/\/SpiderInfo\b/, 'web capture, which may reach the network'],
  [/\/Named\s*\/N\s*\/Print\b|\/N\s*\/Print\b/, 'printing on opening'],
]
const OBJECT_STREAM_BYTES = 32 * 1024 ** 2
const OBJECT_STREAMS = 500
const SCAN_BYTES = 64 * 1024 ** 2

/** What a PDF would do by itself, read from its object text; packed object streams are looked into. */
export function activeMarks(bytes: Buffer): readonly string[] {
  const scanned = bytes.subarray(0, SCAN_BYTES)
  const texts = [unescaped(scanned.toString('latin1')), ...objectStreams(scanned)]
  return MARKS.filter(([name]) => texts.some((text) => name.test(text))).map(([, words]) => words)
}

/** True where the trailer, packed or not, names an encryption dictionary. */
export function mentionsEncryption(bytes: Buffer): boolean {
  return bytes.includes('/Encrypt', 0, 'latin1')
}

/** Names may hide letters as #4A: undone, so that '/J#61vaScript' is seen. */
function unescaped(text: string): string {
  return text.replaceAll(/#([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function objectStreams(bytes: Buffer): string[] {
  const texts: string[] = []
  let spent = 0
  for (
    let at = bytes.indexOf('/ObjStm', 0, 'latin1');
    at >= 0 && texts.length < OBJECT_STREAMS;
    at = bytes.indexOf('/ObjStm', at + 7, 'latin1')
  ) {
    const start = bytes.indexOf('stream', at, 'latin1')
    if (start < 0 || start - at > 1_000 || spent > OBJECT_STREAM_BYTES) continue
    const data = start + (bytes[start + 6] === 13 ? 8 : 7)
    const text = inflated(bytes.subarray(data, data + 8 * 1024 ** 2))
    spent += text.length
    texts.push(unescaped(text))
  }
  return texts
}

function inflated(bytes: Buffer): string {
  try {
    return inflateSync(bytes, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 8 * 1024 ** 2,
    }).toString('latin1')
  } catch {
    return '' // encrypted, damaged or packed another way: PDFium reads it, this look does not
  }
}

/**
 * An attached file that PDFium does not find because its names are given one way and its stream another
 * (`/UF (a.txt) /EF << /F 14 0 R >>`). Unencrypted files only; null where it is not found.
 */
export function embeddedFile(bytes: Buffer, name: string): Buffer | null {
  if (mentionsEncryption(bytes)) return null
  const text = bytes.subarray(0, SCAN_BYTES).toString('latin1')
  for (const match of text.matchAll(/\/EF\s*<<[^>]{0,200}?\/(?:F|UF|DOS|Mac|Unix)\s+(\d+)\s+(\d+)\s+R/g)) {
    const around = text.slice(Math.max(0, match.index - 400), match.index + 400)
    if (!around.includes(name.slice(0, 100))) continue
    const object = new RegExp(`(?:^|[\\r\\n ])${match[1]}\\s+${match[2]}\\s+obj`).exec(text)
    const start = object === null ? -1 : text.indexOf('stream', object.index)
    if (object === null || start < 0) continue
    const dictionary = text.slice(object.index, start)
    const from = start + (text[start + 6] === '\r' ? 8 : 7)
    const end = text.indexOf('endstream', from)
    const stated = Number(/\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(dictionary)?.[1] ?? Number.NaN)
    const packed = bytes.subarray(from, Number.isFinite(stated) ? from + stated : end)
    if (!dictionary.includes('/Filter')) return packed
    if (/\/Filter\s*\[?\s*\/(FlateDecode|Fl)\b\s*\]?/.test(dictionary))
      return Buffer.from(inflated(packed), 'latin1')
  }
  return null
}
