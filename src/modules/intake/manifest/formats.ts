import iconv from 'iconv-lite'
import { Refusal } from '../../../base/refusal.ts'
import { MANIFEST_FORMATS } from '../../../contract/intake.ts'
import { decodePath } from '../../../proof/bagit/manifest.ts'
import { readColumns, readHash } from './columns.ts'
import { parseTable, type TableRules } from './table.ts'
import type { ManifestProblem, ManifestRow, ReadManifest } from './row.ts'

export type ManifestFormat = (typeof MANIFEST_FORMATS)[number]

/** Concordance: þ around a cell, U+0014 between cells, ® for a line break inside one. */
const CONCORDANCE: TableRules = { delimiter: '\u0014', quote: 'þ' }

/** Guesses a list's format from its name and its first bytes. */
export function guessFormat(name: string, bytes: Uint8Array): ManifestFormat {
  const lower = name.toLowerCase()
  if (/^(tag)?manifest-(md5|sha1|sha256|sha512)\.txt$/.test(lower)) return 'bagit'
  if (lower.endsWith('.opt')) return 'concordance-opt'
  if (lower.endsWith('.dat')) return 'concordance-dat'
  const start = decode(bytes.subarray(0, 4_096))
  if (start.includes('\u0014') && start.includes('þ')) return 'concordance-dat'
  if (/^[0-9a-fA-F]{32,64} [ *]\S/m.test(start)) return 'bagit'
  return 'csv'
}

/** Reads a provider's list. Refuses: invalid_input, where nothing of it names a file. */
export function readManifest(format: ManifestFormat, bytes: Uint8Array): ReadManifest {
  const text = decode(bytes)
  const read = readers[format](text)
  if (read.rows.length > 0) return read
  const why = read.problems[0]?.words ?? 'It names no file.'
  throw new Refusal(
    'invalid_input',
    `The manifest could not be used as ${format}. ${why} Nothing was changed.`,
  )
}

const readers: Readonly<Record<ManifestFormat, (text: string) => ReadManifest>> = {
  csv: (text) => readColumns(parseTable(text, { delimiter: sniffDelimiter(text), quote: '"' })),
  'concordance-dat': (text) => {
    const records = parseTable(text, CONCORDANCE)
    return readColumns(
      records.map(({ line, cells }) => ({ line, cells: cells.map((cell) => cell.replaceAll('®', '\n')) })),
    )
  },
  'concordance-opt': readOpt,
  bagit: readBagIt,
}

/** BOM, else strict UTF-8, else the page that Dari and Pashto offices use most. */
function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // A Concordance file of a Western office has þ as the byte FE, which windows-1256 reads as another letter.
    const western = bytes.includes(0x14) && bytes.includes(0xfe)
    return iconv.decode(Buffer.from(bytes), western ? 'windows-1252' : 'windows-1256')
  }
}

function sniffDelimiter(text: string): string {
  const line = text.slice(0, text.search(/[\r\n]|$/))
  const counted = [',', ';', '\t', '|', '؛'].map((sign) => ({ sign, count: line.split(sign).length }))
  return counted.reduce((best, one) => (one.count > best.count ? one : best)).sign
}

/** Image, volume, path, document break…: the paths of a load file's page images; no hashes. */
function readOpt(text: string): ReadManifest {
  const columns = ['image key', 'volume', 'path', 'document break', 'folder break', 'box break', 'pages']
  const rows = parseTable(text, { delimiter: ',', quote: '"' }).flatMap(({ line, cells }): ManifestRow[] => {
    const path = cells[2]?.trim() ?? ''
    if (path === '') return []
    const fields = Object.fromEntries(
      columns.flatMap((name, at) => (name !== 'path' && cells[at]?.trim() ? [[name, cells[at].trim()]] : [])),
    )
    return [{ row: line, path, sha256: null, sha1: null, md5: null, fields, custody: {} }]
  })
  return {
    columns: columns.map((header) => ({ header, meaning: header === 'path' ? 'path' : 'field' })),
    rows,
    problems: [],
  }
}

/** RFC 8493 §2.1.3: digest, white space, path with %0A, %0D and %25. `sha256sum` writes the same with a `*`. */
function readBagIt(text: string): ReadManifest {
  const rows: ManifestRow[] = []
  const problems: ManifestProblem[] = []
  for (const [at, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (line.trim() === '') continue
    const match = /^([0-9a-fA-F]{32,128})[ \t]+\*?(.+)$/.exec(line.replace(/^\ufeff/, ''))
    const hash = match?.[1] === undefined ? null : readHash(match[1], 'hash')
    if (match?.[2] === undefined || hash === null) {
      problems.push({ row: at + 1, words: 'The line is not a digest (MD5, SHA-1, SHA-256) and a path.' })
      continue
    }
    const path = decodePath(match[2])
    const hashes = { sha256: null, sha1: null, md5: null, [hash.kind]: hash.hex }
    rows.push({ row: at + 1, path, ...hashes, fields: {}, custody: {} })
  }
  const columns = [
    { header: 'digest', meaning: 'hash' },
    { header: 'path', meaning: 'path' },
  ]
  return { columns, rows, problems }
}
