import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { custodyOf, type CustodyEvent } from './custody.ts'
import { openItem } from './policy.ts'

export interface CustodyFile {
  readonly name: string
  readonly mediaType: string
  readonly text: string
}

/** The chain of custody as a file; the export is logged. `html` prints on paper. Refuses: not_permitted, not_found. */
export async function exportCustody(
  tx: Tx,
  id: string,
  format: 'csv' | 'json' | 'html',
): Promise<CustodyFile> {
  const item = await openItem(tx, id, 'item.read')
  const events = await custodyOf(tx, id)
  await append(tx, {
    kind: 'evidence.item.custody_exported',
    subjects: [{ type: 'item', id }],
    detail: { format },
  })
  const title = item.registration_number ?? id
  const name = `custody-${title.replace(/[^\w.-]+/g, '_')}.${format}`
  if (format === 'json')
    return {
      name,
      mediaType: 'application/json',
      text: `${JSON.stringify({ item: title, events }, null, 2)}\n`,
    }
  if (format === 'csv') return { name, mediaType: 'text/csv; charset=utf-8', text: toCsv(events) }
  return { name, mediaType: 'text/html; charset=utf-8', text: toHtml(title, events) }
}

const HEADER = ['at', 'event', 'who', 'why', 'log index', 'entry', 'kind']

function cells(event: CustodyEvent): string[] {
  const { at, words, who, why, sealed, id, kind } = event
  return [at, words, who, why ?? '', sealed === null ? 'not sealed yet' : `#${sealed}`, id, kind]
}

function toCsv(events: readonly CustodyEvent[]): string {
  const lines = [HEADER, ...events.map(cells)].map((row) => row.map(csvCell).join(','))
  return `\ufeff${lines.join('\r\n')}\r\n`
}

/** RFC 4180; a cell that a spreadsheet would compute gets an apostrophe before it. */
export function csvCell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

function toHtml(title: string, events: readonly CustodyEvent[]): string {
  const rows = events
    .map(cells)
    .map((row) => `<tr>${row.map((cell) => `<td dir="auto">${escape(cell)}</td>`).join('')}</tr>`)
  const head = HEADER.map((cell) => `<th>${escape(cell)}</th>`).join('')
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Chain of custody ${escape(title)}</title>
<style>body{font:11pt serif;margin:2cm}table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:4px;text-align:start;vertical-align:top;overflow-wrap:anywhere}</style>
<h1>Chain of custody <bdi>${escape(title)}</bdi></h1>
<table><thead><tr>${head}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></html>
`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
