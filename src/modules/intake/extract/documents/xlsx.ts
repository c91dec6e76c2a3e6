import { createRequire } from 'node:module'
import type { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import type { ZipPackage } from '../zip-package.ts'
import { readOpenXml } from './ooxml.ts'
import { readPart, relationsOf } from './package-parts.ts'
import { drawingText } from './pptx.ts'
import { attribute } from './xml.ts'

const VERSION = '1'
const require = createRequire(import.meta.url)
const PIECE = 400_000
const MAX_STRINGS = 4_000_000
/** Shared strings may point at one long string a million times: text this much larger than the file stops. */
const SHEET_CHARS = 32_000_000

/**
 * Excel workbooks (XLSX, XLSM), strict ones too: a part a sheet, rows as lines, cells by tab; dates and
 * numbers as the sheet shows them; formulas' stored results; hidden sheets, rows and columns said.
 */
export const xlsx: Extractor = {
  name: 'xlsx',
  version: VERSION,
  reads: (type) => type.label === 'xlsx' || type.label === 'xlsm',
  extract: (input) => readOpenXml(input, `xlsx ${VERSION}`, readWorkbook),
}

interface Sheet {
  readonly name: string
  readonly state: string
  readonly part: string
}

interface Book {
  readonly strings: readonly string[]
  readonly formats: readonly string[]
  readonly date1904: boolean
}

export async function readWorkbook(zip: ZipPackage, gathering: Gathering): Promise<void> {
  const roots = await relationsOf(zip, '', gathering)
  const main = roots.find((relation) => relation.type === 'officeDocument')?.target ?? 'xl/workbook.xml'
  const relations = await relationsOf(zip, main, gathering)
  const { sheets, date1904 } = await sheetList(zip, main, relations, gathering)
  const by = (type: string) => relations.find((relation) => relation.type === type)?.target
  const book: Book = {
    strings: await sharedStrings(zip, by('sharedStrings') ?? 'xl/sharedStrings.xml', gathering),
    formats: await cellFormats(zip, by('styles') ?? 'xl/styles.xml', gathering),
    date1904,
  }
  gathering.found('document.sheetCount', sheets.length)
  for (const sheet of sheets) {
    if (sheet.state !== 'visible') gathering.notice('hidden-content', `The sheet “${sheet.name}” is hidden.`)
    await readSheet(zip, sheet, book, gathering)
    await readBeside(zip, sheet, gathering)
  }
}

async function sheetList(
  zip: ZipPackage,
  main: string,
  relations: Awaited<ReturnType<typeof relationsOf>>,
  gathering: Gathering,
): Promise<{ sheets: readonly Sheet[]; date1904: boolean }> {
  const sheets: Sheet[] = []
  const state = { date1904: false }
  const names: string[] = []
  let defined = ''
  await readPart(zip, main, gathering, {
    open(element, attributes) {
      if (element === 'workbookPr')
        state.date1904 = attributes.date1904 === '1' || attributes.date1904 === 'true'
      if (element === 'definedName') defined = `${attributes.name ?? ''} = `
      if (element !== 'sheet' || sheets.length > 10_000) return
      const part = relations.find((relation) => relation.id === attribute(attributes, 'id'))?.target ?? ''
      sheets.push({ name: attributes.name ?? '', state: attributes.state ?? 'visible', part })
    },
    text(text) {
      if (defined !== '') names.push(defined + text)
      defined = ''
    },
  })
  for (const name of names.slice(0, 200)) gathering.found('document.definedName', name)
  const known = new Set(sheets.map((sheet) => sheet.part.toLowerCase()))
  const stray = zip.members.filter(
    (member) =>
      /^xl\/(work|macro)sheets\/[^/]+\.xml$/i.test(member.name) && !known.has(member.name.toLowerCase()),
  )
  for (const { name } of stray)
    sheets.push({ name: name.replace(/^.*\//, ''), state: 'not in the workbook’s list', part: name })
  return { sheets, ...state }
}

async function sharedStrings(
  zip: ZipPackage,
  name: string,
  gathering: Gathering,
): Promise<readonly string[]> {
  const strings: string[] = []
  let [current, inText, phonetic] = ['', false, false]
  await readPart(zip, name, gathering, {
    open(element) {
      if (element === 'si') current = ''
      else if (element === 't') inText = true
      else if (element === 'rPh') phonetic = true
    },
    close(element) {
      if (element === 'si' && strings.length < MAX_STRINGS) strings.push(current)
      else if (element === 't') inText = false
      else if (element === 'rPh') phonetic = false
    },
    text(text) {
      if (inText && !phonetic) current += text
    },
  })
  return strings
}

interface NumberFormats {
  readonly _table: Readonly<Record<number, string>>
  format(format: string, value: number, options: { date1904: boolean }): string
  is_date(format: string): boolean
}

let formatter: NumberFormats | null = null

/** Number formats as Excel shows them, by SheetJS; loaded with the first cell that needs one. */
function numberFormats(): NumberFormats {
  formatter ??= (require('@e965/xlsx') as { SSF: NumberFormats }).SSF
  return formatter
}

/** The format code of each cell style. */
async function cellFormats(zip: ZipPackage, name: string, gathering: Gathering): Promise<readonly string[]> {
  const own = new Map<string, string>()
  const ids: string[] = []
  let inCells = false
  await readPart(zip, name, gathering, {
    open(element, attributes) {
      if (element === 'numFmt') own.set(attributes.numFmtId ?? '', attributes.formatCode ?? '')
      else if (element === 'cellXfs') inCells = true
      else if (element === 'xf' && inCells) ids.push(attributes.numFmtId ?? '0')
    },
    close(element) {
      if (element === 'cellXfs') inCells = false
    },
  })
  return ids.map(
    (id) => own.get(id) ?? (id === '0' ? 'General' : (numberFormats()._table[Number(id)] ?? 'General')),
  )
}

/** A formula that reads another workbook, an address, or another program. */
const REACHES_OUT = /\[[^\]]+\.xl\w*\]|https?:|file:|\bWEBSERVICE\(|\bRTD\(|\|'/i

/** A sheet's cells as they stream by. */
async function readSheet(zip: ZipPackage, sheet: Sheet, book: Book, gathering: Gathering): Promise<void> {
  const rows: string[] = []
  const cell = { type: '', style: 0, value: '', column: 0 }
  let row: string[] = []
  let [inValue, inFormula, size, total, piece, firstRow, hiddenRows, full] = [
    false,
    false,
    0,
    0,
    0,
    1,
    0,
    false,
  ]
  const flush = () => {
    piece += 1
    const hidden = sheet.state === 'visible' ? {} : { hidden: true }
    const label = piece > 1 ? `sheet "${sheet.name}", from row ${firstRow}` : `sheet "${sheet.name}"`
    gathering.part(label, rows.join('\n'), { sheet: sheet.name, row: firstRow, ...hidden })
    rows.length = size = 0
  }
  await readPart(zip, sheet.part, gathering, {
    open(element, attributes) {
      if (element === 'row') {
        row = []
        if (rows.length === 0) firstRow = Number(attributes.r ?? firstRow)
        if (attributes.hidden === '1' || attributes.hidden === 'true') hiddenRows += 1
      } else if (element === 'c') {
        cell.type = attributes.t ?? 'n'
        cell.style = Number(attributes.s ?? 0)
        cell.value = ''
        cell.column = columnOf(attributes.r ?? '')
      } else if (element === 'v' || element === 't') inValue = true
      else if (element === 'f') inFormula = true
      else if (element === 'col' && (attributes.hidden === '1' || attributes.hidden === 'true'))
        gathering.notice('hidden-content', `The sheet “${sheet.name}” has hidden columns.`)
    },
    close(element) {
      if (element === 'v' || element === 't') inValue = false
      else if (element === 'f') inFormula = false
      else if (element === 'c') {
        const shown = shownValue(cell, book)
        if (shown === '' || full) return
        while (row.length < cell.column && row.length < 200) row.push('')
        row.push(shown)
      } else if (element === 'row') {
        const line = row.join('\t').trimEnd()
        if (line === '') return
        rows.push(line)
        size += line.length
        total += line.length
        full = total > SHEET_CHARS
        if (size > PIECE) flush()
      }
    },
    text(text) {
      if (inFormula && REACHES_OUT.test(text))
        gathering.notice(
          'external-reference',
          `Formulas on the sheet “${sheet.name}” refer to other files or addresses; nothing was fetched.`,
        )
      if (inValue && cell.value.length < 100_000) cell.value += text
    },
  })
  flush()
  if (hiddenRows > 0)
    gathering.notice('hidden-content', `The sheet “${sheet.name}” has ${hiddenRows} hidden rows.`)
  if (full)
    gathering.notice(
      'truncated',
      `The sheet “${sheet.name}” has more than ${SHEET_CHARS / 1e6} million characters; the rest is not indexed.`,
      { lost: true },
    )
}

function shownValue(cell: { type: string; style: number; value: string }, book: Book): string {
  const { type, value } = cell
  if (value === '') return ''
  if (type === 's') return book.strings[Number(value)] ?? ''
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE'
  if (type !== 'n') return value
  const format = book.formats[cell.style] ?? 'General'
  const number = Number(value)
  if (format === 'General' || !Number.isFinite(number)) return value
  return formatted(format, number, value, book.date1904)
}

/** As Excel shows it; dates as ISO besides, so that they are found whatever the format. */
function formatted(format: string, number: number, written: string, date1904: boolean): string {
  try {
    const shown = numberFormats().format(format, number, { date1904 })
    if (!numberFormats().is_date(format) || number < 1) return shown
    const iso = new Date(Math.round((number + (date1904 ? 1_462 : 0) - 25_569) * 86_400_000))
      .toISOString()
      .slice(0, 10)
    return shown.includes(iso) ? shown : `${shown} [${iso}]`
  } catch {
    return written // a format code that the formatter refuses: the stored number stands
  }
}

function columnOf(reference: string): number {
  let column = 0
  for (const letter of reference) {
    const code = letter.charCodeAt(0) - 64
    if (code < 1 || code > 26) break
    column = column * 26 + code
  }
  return Math.max(0, column - 1)
}

/** What hangs on a sheet: comments, drawings, charts, header and footer. */
async function readBeside(zip: ZipPackage, sheet: Sheet, gathering: Gathering): Promise<void> {
  for (const relation of await relationsOf(zip, sheet.part, gathering)) {
    if (relation.external) continue
    if (/^(comments|threadedComment)$/.test(relation.type))
      gathering.part(
        `comments on sheet "${sheet.name}"`,
        await drawingText(zip, relation.target, gathering),
        { sheet: sheet.name, comments: true },
      )
    if (relation.type === 'drawing') {
      gathering.part(`drawing on sheet "${sheet.name}"`, await drawingText(zip, relation.target, gathering), {
        sheet: sheet.name,
        drawing: true,
      })
      for (const chart of await relationsOf(zip, relation.target, gathering))
        if (chart.type === 'chart' && !chart.external)
          gathering.part(`chart on sheet "${sheet.name}"`, await drawingText(zip, chart.target, gathering), {
            sheet: sheet.name,
            chart: true,
          })
    }
  }
}
