import { foldWord } from '../../../text/normalise.ts'
import { lastStep, pathKey, type ManifestProblem, type ManifestRow, type ReadManifest } from './row.ts'

type Meaning = 'path' | 'sha256' | 'sha1' | 'md5' | 'hash' | CustodyField
type CustodyField =
  | 'collectedBy'
  | 'collectedAt'
  | 'place'
  | 'how'
  | 'tool'
  | 'toolVersion'
  | 'priorHolders'
  | 'note'

/** Headers as providers write them, in English and Dari. */
const HEADERS: Readonly<Record<Meaning, string>> = {
  path: 'path filepath file filename fullpath relativepath native nativefile nativelink nativepath itempath docpath location مسیر مسیرفایل فایل نامفایل دوسیه',
  sha256: 'sha256 sha256hash filesha256 sha2 sha256sum',
  sha1: 'sha1 sha1hash filesha1 sha1sum',
  md5: 'md5 md5hash filemd5 md5sum hashmd5',
  hash: 'hash checksum digest hashvalue هش اثرانگشت',
  collectedBy: 'collectedby collector custodian acquiredby گردآورنده جمعآوریکننده',
  collectedAt: 'collectedat collecteddate datecollected acquired acquiredat acquisitiondate تاریخجمعآوری',
  place: 'place collectedfrom wherecollected collectionplace مکان محل',
  how: 'how method collectionmethod طریقه روش',
  tool: 'tool collectiontool software ابزار',
  toolVersion: 'toolversion softwareversion نسخهابزار',
  priorHolders: 'priorholders previousholders chain heldby دارندگانپیشین',
  note: 'custodynote custodynotes یادداشتحفاظت',
}
/** Letters and digits only, letter variants folded: older Dari tables write ي for ی. */
function headerKey(header: string): string {
  return foldWord(header.normalize('NFKC').replaceAll(/[^\p{L}\p{N}]/gu, ''))
}

const MEANINGS = new Map(
  Object.entries(HEADERS).flatMap(([meaning, words]) =>
    words.split(' ').map((word) => [headerKey(word), meaning as Meaning] as const),
  ),
)
const LENGTHS = { sha256: 64, sha1: 40, md5: 32 } as const
const HASHES = ['sha256', 'sha1', 'md5'] as const

function meaningOf(header: string): Meaning | null {
  return MEANINGS.get(headerKey(header)) ?? null
}

/**
 * Reads a table with a header: which column is the path, which the hashes, which custody; all others are the
 * provider's fields. Records come with the line they began on.
 */
export function readColumns(
  records: readonly { readonly line: number; readonly cells: readonly string[] }[],
): ReadManifest {
  const [head, ...body] = records
  const headers = head?.cells.map((cell) => cell.trim()) ?? []
  const meanings = headers.map(meaningOf)
  const pathAt = meanings.indexOf('path')
  const columns = headers.map((header, at) => ({
    header,
    meaning: at === pathAt ? 'path' : (meanings[at] ?? 'field'),
  }))
  if (pathAt < 0)
    return {
      columns,
      rows: [],
      problems: [{ row: 1, words: 'No column names the files: call one “path” or “file”.' }],
    }
  const rows: ManifestRow[] = []
  const problems: ManifestProblem[] = []
  for (const { line, cells } of body) {
    if (cells.every((cell) => cell.trim() === '')) continue
    const read = readRow(line, cells, { headers, meanings, pathAt })
    if ('words' in read) problems.push(read)
    else rows.push(read)
  }
  return { columns, rows, problems }
}

interface Table {
  readonly headers: readonly string[]
  readonly meanings: readonly (Meaning | null)[]
  readonly pathAt: number
}

function readRow(row: number, cells: readonly string[], table: Table): ManifestRow | ManifestProblem {
  const path = cells[table.pathAt]?.trim() ?? ''
  if (lastStep(pathKey(path)) === '') return { row, words: 'The row names no file.' }
  const hashes: Record<(typeof HASHES)[number], string | null> = { sha256: null, sha1: null, md5: null }
  const fields: Record<string, string> = {}
  const custody: Record<string, string | string[]> = {}
  for (const [at, cell] of cells.entries()) {
    const value = cell.trim()
    const header = table.headers[at] ?? `column ${at + 1}`
    const meaning = table.meanings[at] ?? null
    if (at === table.pathAt || value === '') continue
    if (meaning === null || meaning === 'path')
      fields[header.slice(0, 200) || `column ${at + 1}`] = value.slice(0, 10_000)
    else if (meaning === 'priorHolders') custody[meaning] = value.split(/\s*[;؛|]\s*/).filter(Boolean)
    else if (meaning === 'hash' || meaning in LENGTHS) {
      const read = readHash(value, meaning as 'hash' | keyof typeof LENGTHS)
      if (read === null)
        return { row, words: `“${value.slice(0, 80)}” in ${header} is not a hash; the row was not used.` }
      hashes[read.kind] = read.hex
    } else custody[meaning] = value.slice(0, 2_000)
  }
  return { row, path, ...hashes, fields, custody }
}

/** A column called “hash” is what its length says. */
export function readHash(
  value: string,
  kind: 'hash' | keyof typeof LENGTHS,
): { kind: keyof typeof LENGTHS; hex: string } | null {
  const hex = value
    .replace(/^(sha-?256|sha-?1|md5)\s*[:=]\s*/i, '')
    .replaceAll(/\s/g, '')
    .toLowerCase()
  if (!/^[0-9a-f]+$/.test(hex)) return null
  const found = HASHES.find((name) => LENGTHS[name] === hex.length)
  if (found === undefined || (kind !== 'hash' && kind !== found)) return null
  return { kind: found, hex }
}
