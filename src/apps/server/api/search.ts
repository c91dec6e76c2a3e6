import { searchRoutes } from '../../../contract/search.ts'
import { requireMay } from '../../../modules/identity/policy.ts'
import { enqueue } from '../../../modules/jobs/enqueue.ts'
import { append } from '../../../modules/ledger/append.ts'
import { exportCsv } from '../../../modules/search/export-csv.ts'
import { REBUILD } from '../../../modules/search/jobs.ts'
import { search } from '../../../modules/search/search.ts'
import { inTransaction } from '../../../platform/tx.ts'
import { handle, type Handled } from '../handle.ts'

/** The first piece is awaited here, so that a refusal is answered as one and not as a broken stream. */
async function begun(pieces: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await pieces.next()
  return (async function* () {
    if (first.done !== true) yield first.value
    yield* pieces
  })()
}

export const searchHandlers: readonly Handled[] = [
  handle(searchRoutes.run, async ({ desk, actor }, { body }) => {
    const { query, sort, limit } = body
    const found = await search(desk, actor, {
      query,
      sort,
      after: body.after ?? null,
      limit,
      withFacets: body.facets,
    })
    const highlights = (hit: (typeof found.hits)[number]): [number, number][] =>
      hit.highlights.map(([start, end]) => [start, end])
    return {
      ...found,
      hits: found.hits.map((hit) => ({ ...hit, highlights: highlights(hit) })),
      facets: found.facets.map(({ facet, values }) => ({ facet, values: [...values] })),
    }
  }),
  handle(searchRoutes.export, async ({ desk, actor }, { body }) => ({
    type: 'text/csv; charset=utf-8',
    body: await begun(exportCsv(desk, actor, body)),
    fileName: 'search.csv',
  })),
  handle(searchRoutes.rebuild, ({ desk, actor }) =>
    inTransaction(desk, actor, async (tx) => {
      await requireMay(tx, 'search.rebuild')
      await append(tx, { kind: 'search.index.rebuild_asked', subjects: [] })
      await enqueue(tx, REBUILD, {}, { key: REBUILD })
      return { queued: true }
    }),
  ),
]
