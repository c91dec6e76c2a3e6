export interface TableRules {
  readonly delimiter: string
  readonly quote: string
}

/** Longest cell kept; a quote that is never closed must not swallow memory. */
const CELL_CHARS = 1_000_000

/**
 * Reads delimited text (RFC 4180 and its kin): quoted cells may hold delimiters, line breaks and doubled quotes.
 * Each record comes with the line it began on.
 */
export function parseTable(
  text: string,
  { delimiter, quote }: TableRules,
): { line: number; cells: string[] }[] {
  const records: { line: number; cells: string[] }[] = []
  let cells: string[] = []
  let cell = ''
  let quoted = false
  let line = 1
  let began = 1
  let at = text.startsWith('\ufeff') ? 1 : 0
  const endCell = (): void => {
    cells.push(cell)
    cell = ''
  }
  const endRecord = (): void => {
    endCell()
    if (cells.length > 1 || cells[0] !== '') records.push({ line: began, cells })
    cells = []
    began = line
  }
  for (; at < text.length; at++) {
    const sign = text[at] as string
    if (sign === '\n') line++
    if (quoted) {
      if (sign !== quote) cell += cell.length < CELL_CHARS ? sign : ''
      else if (text[at + 1] === quote) {
        cell += quote
        at++
      } else quoted = false
    } else if (sign === quote && cell.trim() === '') {
      cell = ''
      quoted = true
    } else if (sign === delimiter) endCell()
    else if (sign === '\n' || sign === '\r') {
      if (sign === '\r' && text[at + 1] === '\n') {
        at++
        line++
      }
      endRecord()
    } else cell += sign
  }
  endRecord()
  return records
}
