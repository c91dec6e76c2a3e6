import { gunzipSync } from 'node:zlib'
import { fileTypeFromBuffer } from 'file-type'
import { decodeText } from './charset/decode.ts'
import { detectCharset } from './charset/detect-charset.ts'
import { oleLabel, zipLabel } from './detect/container-types.ts'
import { bySignature } from './detect/signatures.ts'
import { textLabel } from './detect/text-types.ts'
import { falseClaim, isListed, typeOf } from './detect/types.ts'
import { FileBytes, type ByteSource } from './file-bytes.ts'
import { OleFile } from './ole.ts'
import type { DetectedType, Family } from './port.ts'

const HEAD_BYTES = 96 * 1024

/** What a file is, by its content; its name only settles what content leaves open, and is checked for lies. */
export async function detect(path: string, name: string): Promise<DetectedType> {
  using file = new FileBytes(path)
  const type = await detectIn(file, name)
  const claimed = falseClaim(name, type)
  return claimed === null ? type : { ...type, claimed }
}

/** The same for bytes at hand. */
export async function detectIn(source: ByteSource, name: string): Promise<DetectedType> {
  if (source.sizeBytes === 0) return typeOf('empty')
  const head = source.read(0, HEAD_BYTES)
  return (await binary(source, head, name)) ?? text(head, name) ?? typeOf('unknown', 'guess')
}

/** Local header, empty archive, spanned, and the mark of a split one that was joined. */
const ZIP_STARTS = ['PK\u0003\u0004', 'PK\u0005\u0006', 'PK\u0007\u0008', 'PK00PK']

async function binary(source: ByteSource, head: Buffer, name: string): Promise<DetectedType | null> {
  if (OleFile.looksLike(head)) return typeOf(damaged(() => oleLabel(source), 'ole2'))
  if (ZIP_STARTS.some((start) => head.toString('latin1', 0, 6).startsWith(start)))
    return typeOf(await zipLabel(source).catch(() => 'zip'))
  const pdf = head.subarray(0, 1_024).indexOf('%PDF-', 0, 'latin1')
  if (pdf === 0 || (pdf > 0 && /\d \d+ obj\b/.test(head.toString('latin1')))) return typeOf('pdf')
  if (head[0] === 0x1f && head[1] === 0x8b) return typeOf(gzipLabel(head))
  const own = bySignature(head)
  if (own !== null) return typeOf(own)
  if (isTextual(head)) return null
  return (await byLibrary(head)) ?? looseEnds(source, head, name)
}

/** Starts that media and programs have, and that a sentence may have as well. */
const BINARY_STARTS = [
  'ID3',
  'MZ',
  'FLV',
  '#!AMR',
  'MThd',
  'OggS',
  'GIF8',
  'RIFF',
  'fLaC',
  'FORM',
  '\u00ff\u00fb',
]

/** Text goes first: file-type takes 'ID3' or 'MZ' for binary even where a text merely begins so. */
function isTextual(head: Buffer): boolean {
  const charset = detectCharset(head)
  const start = head.toString('latin1', 0, 6)
  if (charset === null || start.startsWith('%!PS')) return false
  const sound = charset.confidence === 'certain' && !head.includes(0)
  if (BINARY_STARTS.some((binary) => start.startsWith(binary))) return sound
  return charset.confidence === 'certain' || !head.includes(0)
}

async function byLibrary(head: Buffer): Promise<DetectedType | null> {
  const found = await fileTypeFromBuffer(head).catch(() => undefined) // it throws at some truncated heads
  if (found === undefined || found.ext === ('xml' as string)) return null
  const label = LABELS[found.ext] ?? found.ext
  if (isListed(label)) return typeOf(label)
  return { mediaType: found.mime, label, family: familyOf(found.mime), confidence: 'certain' }
}

/** file-type's names where ours differ. */
const LABELS: Readonly<Record<string, string>> = {
  jpg: 'jpeg',
  tif: 'tiff',
  cfb: 'ole2',
  Z: 'z',
  macho: 'mach-o',
  azw3: 'mobi',
}

function familyOf(mime: string): Family {
  const top = mime.split('/')[0]
  if (top === 'image' || top === 'audio' || top === 'video' || top === 'font') return top
  return 'data'
}

/** PDFs behind a damaged header, ZIPs behind other bytes: found by what stands further on. */
function looseEnds(source: ByteSource, head: Buffer, name: string): DetectedType | null {
  const text = head.toString('latin1')
  if (/\b1 0 obj\b/.test(text) && /endobj|stream/.test(text)) return typeOf('pdf', 'likely')
  if (/^(MM\0\*|II\*\0)/.test(text)) return typeOf('tiff', 'likely')
  if (text.startsWith('\u0089PNG')) return typeOf('png', 'likely')
  if (text.slice(0, 64).includes('matroska')) return typeOf('mkv', 'likely')
  const tail = source.read(source.sizeBytes - 65_557, 65_557)
  if (text.startsWith('PK') && tail.lastIndexOf('PK\u0005\u0006', undefined, 'latin1') >= 0)
    return typeOf('zip', 'likely')
  return /\.tar$/i.test(name) && source.sizeBytes % 512 === 0 && head.every((byte) => byte === 0)
    ? typeOf('tar', 'guess')
    : null
}

function text(head: Buffer, name: string): DetectedType | null {
  const latin = head.toString('latin1', 0, 8_192)
  if (/\b\d+ 0 obj\b/.test(latin) && /endobj/.test(latin)) return typeOf('pdf', 'likely')
  const charset = detectCharset(head, declaredIn(latin))
  if (charset === null) return null
  const start = decodeText(head, charset.charset)
  return typeOf(
    textLabel(start.replace(/^[\p{Cc}\ufeff]+(?=[<{[A-Za-z])/u, ''), name),
    charset.confidence,
    charset.charset,
  )
}

/** The encoding that markup declares for itself. */
export function declaredIn(latin: string): string | undefined {
  const xml = /^[^<]*<\?xml[^>]*encoding=["']([\w.:-]+)/i.exec(latin)?.[1]
  return xml ?? /<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(latin.slice(0, 4_096))?.[1]
}

/** A gzip's content: WARC, which keeps its records packed one by one, or just one file. */
function gzipLabel(head: Buffer): string {
  const inner = damaged(
    () => gunzipSync(head.subarray(0, 8_192), { finishFlush: 2, maxOutputLength: 16 * 1024 ** 2 }),
    Buffer.alloc(0),
  )
  if (inner.subarray(0, 5).toString('latin1') === 'WARC/') return 'warc.gz'
  return 'gz'
}

/** Detection answers for damaged bytes; what a damaged container is inside stays its own reader's matter. */
function damaged<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}
