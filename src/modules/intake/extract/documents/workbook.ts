import { createRequire } from 'node:module'
import { FileBytes, HeldBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import { OleFile } from '../ole.ts'
import type { ExtractInput, Extractor } from '../port.ts'
import { ZipPackage } from '../zip-package.ts'
import { decryptOffice } from './office-crypto.ts'
import { oleChildren } from './ole-children.ts'
import { oleProperties } from './ole-properties.ts'
import { readOpenXml } from './ooxml.ts'

const VERSION = '1'
const require = createRequire(import.meta.url)
/** A binary workbook is read whole into memory; larger ones are said, not tried. */
const FILE_BYTES = 128 * 1024 ** 2
const PIECE = 400_000
const SHEET_CHARS = 32_000_000

interface Cell {
  readonly w?: string
  readonly v?: unknown
  readonly c?: readonly { readonly a?: string; readonly t?: string }[]
}
interface Range {
  readonly s: { readonly r: number; readonly c: number }
  readonly e: { readonly r: number; readonly c: number }
}
interface Sheet {
  readonly '!ref'?: string
  readonly '!data'?: readonly (readonly (Cell | undefined)[] | undefined)[]
  readonly '!rows'?: readonly ({ readonly hidden?: boolean } | undefined)[]
  readonly '!cols'?: readonly ({ readonly hidden?: boolean } | undefined)[]
}
interface Book {
  readonly SheetNames: readonly string[]
  readonly Sheets: Readonly<Record<string, Sheet>>
  readonly Workbook?: {
    readonly Sheets?: readonly { readonly Hidden?: number }[]
    readonly Names?: readonly { Name: string; Ref: string }[]
  }
}
interface SheetJs {
  read(bytes: Buffer, options: Record<string, unknown>): Book
  utils: { decode_range(text: string): Range }
}

/** Binary workbooks of all ages (BIFF2 to BIFF8, XLSB, Lotus, Quattro) through SheetJS. */
export const workbook: Extractor = {
  name: 'workbook',
  version: VERSION,
  reads: (type) => ['xls', 'xlsb', 'wks', 'qpw'].includes(type.label),
  extract: (input) => (input.type.label === 'xlsb' ? xlsb(input) : legacy(input)),
}

async function xlsb(input: ExtractInput): ReturnType<Extractor['extract']> {
  return readOpenXml(input, `workbook ${VERSION}`, async (_zip, gathering) => {
    using file = new FileBytes(input.path)
    readCells(file.read(0, FILE_BYTES), gathering)
  })
}

/** The same for a package that was decrypted in memory. */
export async function readBinaryPackage(bytes: Buffer, zip: ZipPackage, gathering: Gathering): Promise<void> {
  if (zip.members.length > 0) readCells(bytes, gathering)
}

async function legacy(input: ExtractInput): ReturnType<Extractor['extract']> {
  const gathering = new Gathering(input, `workbook ${VERSION}`)
  using file = new FileBytes(input.path)
  const opened = await gathering.attempt('open', 'Not a readable workbook', async () => {
    if (file.sizeBytes > FILE_BYTES) throw new Error(`larger than ${FILE_BYTES / 1024 ** 2} MB`)
    let bytes = file.read(0, FILE_BYTES)
    let ole = OleFile.looksLike(bytes) ? new OleFile(new HeldBytes(bytes)) : null
    if (ole !== null) oleProperties(ole, gathering)
    if (
      input.type.label === 'xls' &&
      hasFilePass(ole?.stream('Workbook') ?? ole?.stream('Book') ?? (ole === null ? bytes : Buffer.alloc(0)))
    ) {
      const clear = await decryptOffice(bytes, gathering)
      if (clear === null) return
      bytes = clear
      ole = OleFile.looksLike(bytes) ? new OleFile(new HeldBytes(bytes)) : null
    }
    await gathering.attempt('text', 'The cells are damaged', () => readCells(bytes, gathering))
    const objects = ole
    if (objects !== null)
      await gathering.attempt('unpack', 'Embedded objects are damaged', () => oleChildren(objects, gathering))
    if (ole?.damaged === true)
      gathering.notice('recovered', 'The file is damaged; read as far as it goes.', {
        step: 'open',
        lost: true,
      })
  })
  return opened ? gathering.finish() : gathering.finish('unread')
}

/** True where a FilePass record among the first says that the rest is encrypted ([MS-XLS] 2.4.117). */
function hasFilePass(stream: Buffer): boolean {
  for (let at = 0, count = 0; at + 4 <= stream.length && count < 20; count++) {
    if (stream.readUInt16LE(at) === 0x2f) return true
    at += 4 + stream.readUInt16LE(at + 2)
  }
  return false
}

function readCells(bytes: Buffer, gathering: Gathering): void {
  const { read, utils } = require('@e965/xlsx') as SheetJs
  const book = read(bytes, {
    type: 'buffer',
    dense: true,
    cellFormula: false,
    cellHTML: false,
    cellDates: false,
    cellNF: false,
    WTF: false,
  })
  gathering.found('document.sheetCount', book.SheetNames.length)
  for (const name of book.Workbook?.Names?.slice(0, 200) ?? [])
    gathering.found('document.definedName', `${name.Name} = ${name.Ref}`)
  for (const [index, name] of book.SheetNames.entries()) {
    const sheet = book.Sheets[name]
    const hidden = (book.Workbook?.Sheets?.[index]?.Hidden ?? 0) > 0
    if (hidden) gathering.notice('hidden-content', `The sheet “${name}” is hidden.`)
    if (sheet?.['!ref'] !== undefined)
      readSheet(name, sheet, utils.decode_range(sheet['!ref']), hidden, gathering)
  }
}

function readSheet(name: string, sheet: Sheet, range: Range, hidden: boolean, gathering: Gathering): void {
  const lines: string[] = []
  const comments: string[] = []
  let [size, total, firstRow] = [0, 0, range.s.r + 1]
  const flush = (next: number) => {
    const label = firstRow > range.s.r + 1 ? `sheet "${name}", from row ${firstRow}` : `sheet "${name}"`
    gathering.part(label, lines.join('\n'), { sheet: name, row: firstRow, ...(hidden ? { hidden } : {}) })
    lines.length = size = 0
    firstRow = next
  }
  const rows = sheet['!data'] ?? []
  for (let row = range.s.r; row <= Math.min(range.e.r, rows.length - 1) && total < SHEET_CHARS; row++) {
    const cells = rows[row] ?? []
    const shown = cells.map((cell) => String(cell?.w ?? cell?.v ?? ''))
    for (const cell of cells)
      for (const comment of cell?.c ?? []) comments.push(`${comment.a ?? ''}: ${comment.t ?? ''}`)
    const line = Array.from(shown, (value) => value ?? '')
      .join('\t')
      .trimEnd()
    if (line === '') continue
    lines.push(line)
    size += line.length
    total += line.length
    if (size > PIECE) flush(row + 2)
  }
  flush(0)
  gathering.part(`comments on sheet "${name}"`, comments.join('\n'), { sheet: name, comments: true })
  if (total >= SHEET_CHARS)
    gathering.notice(
      'truncated',
      `The sheet “${name}” has more than ${SHEET_CHARS / 1e6} million characters; the rest is not indexed.`,
      { lost: true },
    )
  const hiddenRows = sheet['!rows']?.filter((row) => row?.hidden === true).length ?? 0
  if (hiddenRows > 0) gathering.notice('hidden-content', `The sheet “${name}” has ${hiddenRows} hidden rows.`)
  if (sheet['!cols']?.some((column) => column?.hidden === true) === true)
    gathering.notice('hidden-content', `The sheet “${name}” has hidden columns.`)
}
