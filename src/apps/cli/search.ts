import { pipeline } from 'node:stream/promises'
import { Refusal } from '../../base/refusal.ts'
import { SORTS, searchRoutes } from '../../contract/search.ts'
import type { Received } from '../../contract/route.ts'
import { isolate } from './print.ts'
import type { Call } from './verb.ts'

export interface SearchOptions {
  readonly sort: string
  readonly limit: string
  readonly all?: boolean
  readonly csv?: boolean
}

type Page = Received<typeof searchRoutes.run>
type Hit = Page['hits'][number]

/** Finds passages and prints them with the words marked; every search stands in the access log. */
export async function runSearch({ desk, print, options, args }: Call<SearchOptions>): Promise<void> {
  const query = args[0] ?? ''
  const sort = SORTS.find((one) => one === options.sort)
  if (!sort) throw new Refusal('invalid_input', `--sort takes ${SORTS.join(', ')}, not "${options.sort}".`)
  if (options.csv) {
    await pipeline(await desk.stream(searchRoutes.export, { body: { query, sort } }), process.stdout, {
      end: false,
    })
    return
  }
  const wanted = options.all ? Number.POSITIVE_INFINITY : Number(options.limit)
  if (!(wanted >= 1))
    throw new Refusal('invalid_input', `--limit takes a number from 1, not "${options.limit}".`)
  const hits: Hit[] = []
  let page: Page
  let after: string | undefined
  do {
    const body = { query, sort, limit: Math.min(200, wanted - hits.length), ...(after ? { after } : {}) }
    page = await desk.call(searchRoutes.run, { body }).catch((error: unknown) => {
      throw pointAt(query, error)
    })
    hits.push(...page.hits)
    after = page.next ?? undefined
    print.progress(`${hits.length} of ${page.passages} passages`)
  } while (after && hits.length < wanted)
  print.endProgress()
  const { passages, subjects } = page
  print.result({ query, passages, subjects, hits, next: page.next }, () =>
    describe(hits, { passages, subjects }),
  )
}

/** A wrong query with the place under it. */
function pointAt(query: string, error: unknown): unknown {
  if (!(error instanceof Refusal) || error.code !== 'query_syntax') return error
  const { at, length, suggestion } = error.facts as { at?: number; length?: number; suggestion?: string }
  const lines = [query, `${' '.repeat(at ?? 0)}${'^'.repeat(Math.max(1, length ?? 1))}`, error.detail]
  return new Refusal(
    error.code,
    [...lines, ...(suggestion ? [`Perhaps: ${suggestion}`] : [])].join('\n'),
    error.facts,
  )
}

function describe(hits: readonly Hit[], counts: { passages: number; subjects: number }): string {
  const color = process.stdout.isTTY
  const lines = hits.map((hit) =>
    [`${isolate(hit.name)}  ${hit.label}  ${hit.subjectId}`, `  ${isolate(markWords(hit, color))}`].join(
      '\n',
    ),
  )
  return [
    ...lines,
    `${counts.passages} passages in ${counts.subjects} items${hits.length < counts.passages ? `; the first ${hits.length} are shown (--all shows every one)` : ''}.`,
  ].join('\n')
}

/** The stretch of the passage around its first marked word, on one line; marks as bold or as [brackets]. */
function markWords(hit: Hit, color: boolean): string {
  const [open, close] = color ? ['\u001b[1m', '\u001b[22m'] : ['[', ']']
  const begin = Math.max(0, (hit.highlights[0]?.[0] ?? 0) - 80)
  const end = Math.min(hit.text.length, begin + 280)
  let [text, at] = [begin > 0 ? '…' : '', begin]
  for (const [from, to] of hit.highlights) {
    if (from < at || to > end) continue
    text += hit.text.slice(at, from) + open + hit.text.slice(from, to) + close
    at = to
  }
  return `${text}${hit.text.slice(at, end)}${end < hit.text.length ? '…' : ''}`.replaceAll(/\s+/g, ' ')
}
