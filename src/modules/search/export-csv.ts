import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { requireMay } from '../identity/policy.ts'
import { append } from '../ledger/append.ts'
import { TEXT_FACETS } from './columns.ts'
import type { Sort } from './rank.ts'
import { searchAs, type Hit } from './search.ts'

const PAGE = 500
const HEADINGS = ['subject_type', 'subject_id', 'name', ...TEXT_FACETS, 'part', 'start', 'end', 'text']

/**
 * Every passage a query finds, as CSV (RFC 4180, UTF-8 with a byte order mark), without a cap. The export is in
 * the log before the first line. A cell that a spreadsheet would run as a formula gets an apostrophe before it.
 *
 * Refuses: query_syntax, not_permitted, before the first line.
 */
export async function* exportCsv(
  desk: Desk,
  actor: Actor,
  order: { readonly query: string; readonly sort: Sort },
): AsyncGenerator<string> {
  await inTransaction(desk, actor, async (tx) => {
    await requireMay(tx, 'search.export')
    await append(tx, { kind: 'search.query.exported', subjects: [], sealed: { query: order.query } })
  })
  let after: string | null = null
  let isFirst = true
  do {
    const page = await searchAs(
      desk,
      actor,
      { ...order, after, limit: PAGE, withFacets: false },
      'search.export',
      null,
    )
    if (isFirst) yield `\uFEFF${line(HEADINGS)}`
    isFirst = false
    yield page.hits.map((hit) => line(cellsOf(hit))).join('')
    after = page.next
  } while (after !== null)
}

function cellsOf(hit: Hit): string[] {
  const facets = TEXT_FACETS.map((facet) => hit.facets[facet] ?? '')
  return [
    hit.subjectType,
    hit.subjectId,
    hit.name,
    ...facets,
    hit.label,
    String(hit.start),
    String(hit.end),
    hit.text,
  ]
}

function line(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${guard(cell).replaceAll('"', '""')}"`).join(',')}\r\n`
}

function guard(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
}
