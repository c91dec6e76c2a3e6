import { concatBytes } from '../../base/bytes.ts'
import { decodeText } from '../utf8.ts'
import type { BagSource, Problems } from './source.ts'

/** The first file of a bag: which version of BagIt, and how the other tag files are encoded. */
export interface Declaration {
  readonly version: BagVersion
  readonly encoding: string
}

export const BAG_VERSIONS = ['0.93', '0.94', '0.95', '0.96', '0.97', '1.0'] as const
export type BagVersion = (typeof BAG_VERSIONS)[number]

const MAX_DECLARATION_BYTES = 4096
const ENCODINGS = [
  'utf-8',
  'utf-16',
  'utf-16le',
  'utf-16be',
  'iso-8859-1',
  'us-ascii',
  'windows-1252',
  'windows-1256',
]

/** Null where the bag has none that can be used; the reason is among the problems. */
export async function readDeclaration(source: BagSource, problems: Problems): Promise<Declaration | null> {
  const bytes = await readBounded(source, 'bagit.txt', MAX_DECLARATION_BYTES)
  const text = bytes === null ? null : decodeText(bytes, 'utf-8')
  const found = text === null ? null : DECLARATION.exec(text)
  if (found === null || found[1] === undefined || found[2] === undefined) {
    problems.error('declaration_malformed', 'bagit.txt does not have its two lines.', 'bagit.txt')
    return null
  }
  const version = BAG_VERSIONS.find((known) => known === found[1])
  const encoding = found[2].toLowerCase()
  if (version === undefined)
    problems.error(
      'version_unknown',
      'bagit.txt states a version other than 0.93 to 0.97 or 1.0.',
      'bagit.txt',
    )
  if (!ENCODINGS.includes(encoding))
    problems.error('encoding_unknown', 'bagit.txt states an encoding that is not supported.', 'bagit.txt')
  return version === undefined || !ENCODINGS.includes(encoding) ? null : { version, encoding }
}

const DECLARATION =
  /^BagIt-Version: (\d{1,3}\.\d{1,3})\r?\nTag-File-Character-Encoding: ([\w-]{1,40})(?:\r?\n)*$/i

/** A tag file's text, or null where it is too large or not in the stated encoding. */
export async function readTagFile(
  source: BagSource,
  order: { readonly path: string; readonly encoding: string; readonly maxBytes: number },
  problems: Problems,
): Promise<string | null> {
  const bytes = await readBounded(source, order.path, order.maxBytes)
  const text = bytes === null ? null : decodeText(bytes, order.encoding)
  if (text === null)
    problems.error(
      'tag_file_unreadable',
      `${order.path} is too large or not in ${order.encoding}.`,
      order.path,
    )
  return text?.replace(/^\ufeff/, '') ?? null
}

/** Lines without their ends; CR, LF and CRLF all end a line. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/).filter((line) => line !== '')
}

/** `bag-info.txt`: labels may repeat and keep their order; a line that starts with white space goes on. */
export function parseBagInfo(text: string): (readonly [string, string])[] {
  const pairs: [string, string][] = []
  for (const line of linesOf(text)) {
    const last = pairs.at(-1)
    if (/^[ \t]/.test(line) && last !== undefined && !/^[ \t]+[^\s:]+[ \t]*:/.test(line))
      last[1] = `${last[1]} ${line.trim()}`
    else {
      const colon = line.indexOf(':')
      if (colon > 0) pairs.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
    }
  }
  return pairs
}

async function readBounded(source: BagSource, path: string, maxBytes: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const part of source.read(path)) {
    sizeBytes += part.length
    if (sizeBytes > maxBytes) return null
    parts.push(part)
  }
  return concatBytes(...parts)
}
