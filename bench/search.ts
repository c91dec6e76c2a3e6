import { DatabaseSync } from 'node:sqlite'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { liveIndex } from '../src/modules/search/live.ts'
import { rebuildIndex } from '../src/modules/search/rebuild-index.ts'
import { search } from '../src/modules/search/search.ts'
import type { Actor } from '../src/platform/actor.ts'
import { SYSTEM_ACTOR } from '../src/platform/actor.ts'
import { inTransaction } from '../src/platform/tx.ts'
import { indexSubject } from '../src/modules/search/index-subject.ts'
import { tokenise } from '../src/text/tokenise.ts'
import { generator, makeCorpus, type Corpus } from './search-corpus.ts'
import {
  addAnalyst,
  addCompartments,
  findStored,
  openBenchDesk,
  storePassages,
  type BenchDesk,
} from './search-desk.ts'
import { percentile, type Bench, type BenchRow, type BenchTable } from './table.ts'

const QUERIES = 30
const P50_BAR_MS = 40
const P95_BAR_MS = 100
const FACETS_BAR_MS = 300
const FIRST = { sort: 'relevance', after: null, limit: 20, withFacets: false } as const

interface Kind {
  readonly name: string
  readonly query: (corpus: Corpus, draw: () => number, passages: number) => string
  /** True where FTS5 is asked the same in the same words. */
  readonly onFts5: boolean
  readonly withFacets?: true
}

const between = (draw: () => number, low: number, high: number): number =>
  Math.floor(low + draw() * (high - low))
const rare = (corpus: Corpus, draw: () => number): string => corpus.word(0, between(draw, 100_000, 200_000))
const middling = (corpus: Corpus, draw: () => number): string => corpus.word(0, between(draw, 600, 1_600))
/** In about a fifth of all passages. */
const common = (corpus: Corpus, draw: () => number): string => corpus.word(0, between(draw, 16, 30))
const commonest = (corpus: Corpus, draw: () => number): string => corpus.word(0, between(draw, 0, 4))

const KINDS: readonly Kind[] = [
  { name: 'rare word', query: rare, onFts5: true },
  { name: 'middling word', query: middling, onFts5: true },
  { name: 'common word', query: common, onFts5: true },
  { name: 'the commonest words', query: commonest, onFts5: true },
  { name: 'phrase', query: (corpus, draw, passages) => `"${pair(corpus, draw, passages)}"`, onFts5: true },
  {
    name: 'phrase of common words',
    query: (corpus, draw) => `"${common(corpus, draw)} ${corpus.word(0, between(draw, 0, 3))}"`,
    onFts5: true,
  },
  {
    name: 'phrase of the 3 commonest',
    query: (corpus, draw) =>
      `"${commonest(corpus, draw)} ${commonest(corpus, draw)} ${commonest(corpus, draw)}"`,
    onFts5: true,
  },
  {
    name: 'phrase of middling and commonest',
    query: (corpus, draw) => `"${corpus.word(0, between(draw, 250, 500))} ${commonest(corpus, draw)}"`,
    onFts5: true,
  },
  {
    name: 'prefix, 3 letters',
    query: (corpus, draw) => `${corpus.word(0, between(draw, 5_000, 200_000)).slice(0, 3)}*`,
    onFts5: true,
  },
  {
    name: 'common AND middling',
    query: (corpus, draw) => `${common(corpus, draw)} ${middling(corpus, draw)}`,
    onFts5: true,
  },
  {
    name: 'OR of 3 common',
    query: (corpus, draw) => `${common(corpus, draw)} OR ${common(corpus, draw)} OR ${common(corpus, draw)}`,
    onFts5: true,
  },
  {
    name: 'OR of the commonest',
    query: (corpus, draw) => `${commonest(corpus, draw)} OR ${commonest(corpus, draw)}`,
    onFts5: true,
  },
  {
    name: 'common NOT common',
    query: (corpus, draw) => `${common(corpus, draw)} NOT ${corpus.word(0, 40)}`,
    onFts5: true,
  },
  {
    name: 'fuzzy ~1',
    query: (corpus, draw) => `${corpus.word(0, between(draw, 500, 50_000))}~1`,
    onFts5: false,
  },
  {
    name: 'fuzzy ~2',
    query: (corpus, draw) => `${corpus.word(1, between(draw, 500, 50_000))}~2`,
    onFts5: false,
  },
  { name: 'field only', query: () => 'type:mail date:2022', onFts5: false },
  { name: 'common word with facets', query: common, onFts5: false, withFacets: true },
]

/**
 * AMANAT_BENCH_SEARCH_FOLDER names a folder that is kept, so that a later run asks the same index again without
 * building it; AMANAT_BENCH_BASELINE=none leaves FTS5 out.
 */
export const bench: Bench = async ({ small, say }) => {
  const passages = small ? 20_000 : 1_000_000
  const desk = await openBenchDesk(process.env['AMANAT_BENCH_SEARCH_FOLDER'])
  try {
    const corpus = makeCorpus(7)
    const stored: Filled = (await findStored(desk)) ?? (await fill(desk, corpus, passages, say))
    const { compartments, items } = stored
    const readers = [
      { name: 'all compartments', actor: await addAnalyst(desk, 'all', compartments) },
      { name: 'half of them', actor: await addAnalyst(desk, 'half', compartments.slice(0, 50)) },
      {
        name: 'one of 100, 50 grants',
        actor: await addAnalyst(desk, 'narrow', compartments.slice(0, 1), items.slice(0, 50)),
      },
    ]
    const tables = [await describeIndex(desk, passages, stored.builtMs ?? null)]
    const fts5 =
      process.env['AMANAT_BENCH_BASELINE'] === 'none' ? null : buildFts5(desk, corpus, passages, say)
    for (const { name, actor } of readers)
      tables.push(await askAll(desk, corpus, passages, name, actor, fts5))
    fts5?.close()
    return tables
  } finally {
    await desk.close()
  }
}

interface Filled {
  readonly compartments: string[]
  readonly items: string[]
  readonly builtMs?: number
}

async function fill(
  desk: BenchDesk,
  corpus: Corpus,
  passages: number,
  say: (line: string) => void,
): Promise<Filled> {
  const compartments = await addCompartments(desk)
  const items = await storePassages(desk, corpus, compartments, passages, say)
  const built = await timed(() => rebuildIndex(desk))
  say(`index built in ${(built.ms / 1000).toFixed(0)} s`)
  return { compartments, items, builtMs: built.ms }
}

function pair(corpus: Corpus, draw: () => number, passages: number): string {
  const words = corpus.words(Math.floor(draw() * passages))
  const at = Math.floor(draw() * (words.length - 1))
  return words.slice(at, at + 2).join(' ')
}

async function describeIndex(desk: BenchDesk, passages: number, builtMs: number | null): Promise<BenchTable> {
  const { rows } = await desk.owner.query<{ index: string; text: string; segments: string }>(`
    select sum(body_bytes + length(head)) as index, count(*) as segments,
      (select sum(length(body)::bigint) from search.passage) as text from search.segment`)
  const first = await timed(() => liveIndex(desk.db).refresh())
  const word = `late${Date.now().toString(36)}`
  const text = `${word} here`
  const put = await timed(() =>
    inTransaction(desk, SYSTEM_ACTOR, (tx) =>
      indexSubject(tx, {
        subjectType: 'item',
        subjectId: desk.newId(),
        compartmentId: desk.newId(),
        collectionId: null,
        name: 'late',
        facets: {},
        firstDay: null,
        lastDay: null,
        passages: [{ label: '', start: 0, end: text.length, text }],
      }),
    ),
  )
  const seen = await timed(() => search(desk, SYSTEM_ACTOR, { ...FIRST, query: word }))
  if (seen.value.passages !== 1) throw new Error('what was acknowledged was not found')
  const late = put.ms + seen.ms
  const fuzzy = await timed(() => search(desk, SYSTEM_ACTOR, { ...FIRST, query: 'torture~1' }))
  return {
    title: `Search: the index of ${passages.toLocaleString('en')} passages`,
    rows: [
      { name: 'text', value: Number(rows[0]?.text) / 2 ** 20, unit: 'million characters' },
      {
        name: 'index',
        value: Number(rows[0]?.index) / 2 ** 20,
        unit: 'MiB',
        note: `${rows[0]?.segments} segments`,
      },
      ...(builtMs === null
        ? []
        : [
            {
              name: 'built anew from the stored text',
              value: passages / (builtMs / 1000),
              unit: 'passages/s',
            },
          ]),
      { name: 'opened by a new process', value: first.ms, unit: 'ms' },
      { name: 'first fuzzy question, nothing read ahead', value: fuzzy.ms, unit: 'ms' },
      { name: 'one item put, then found', value: late, unit: 'ms', bar: '< 2,000 ms', met: late < 2_000 },
    ],
  }
}

/** The baseline: SQLite's FTS5 with our terms, no filter, no log entry, no second check. */
function buildFts5(
  desk: BenchDesk,
  corpus: Corpus,
  passages: number,
  say: (line: string) => void,
): DatabaseSync {
  const file = path.join(desk.home, 'fts5.db')
  rmSync(file, { force: true })
  const database = new DatabaseSync(file)
  database.exec(`pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144;
    create virtual table passage using fts5(body, content = '', tokenize = "unicode61 remove_diacritics 0")`)
  const insert = database.prepare('insert into passage (rowid, body) values (?, ?)')
  const began = performance.now()
  database.exec('begin')
  for (let number = 0; number < passages; number++)
    insert.run(number + 1, tokenise(corpus.words(number).join(' ')).terms.join(' '))
  database.exec('commit')
  say(`baseline built in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  return database
}

async function askAll(
  desk: BenchDesk,
  corpus: Corpus,
  passages: number,
  reader: string,
  actor: Actor,
  fts5: DatabaseSync | null,
): Promise<BenchTable> {
  const statement = fts5?.prepare('select rowid from passage where passage match ? order by rank limit 20')
  const rows: BenchRow[] = []
  for (const kind of KINDS) {
    const draw = generator(99)
    const queries = Array.from({ length: QUERIES }, () => kind.query(corpus, draw, passages))
    const ours: number[] = []
    const theirs: number[] = []
    let found = 0
    for (const query of queries) {
      const answer = await timed(() =>
        search(desk, actor, { ...FIRST, query, withFacets: kind.withFacets ?? false }),
      )
      ours.push(answer.ms)
      found += answer.value.passages
      if (statement && kind.onFts5) theirs.push((await timed(() => statement.all(query))).ms)
    }
    const [p50, p95] = [percentile(ours, 0.5), percentile(ours, 0.95)]
    rows.push({
      name: kind.name,
      value: p95,
      unit: 'ms p95',
      note: `p50 ${p50.toFixed(1)} ms, ${Math.round(found / QUERIES).toLocaleString('en')} found`,
      ...(theirs.length > 0
        ? { baseline: { name: 'FTS5, no filter', value: percentile(theirs, 0.95) } }
        : {}),
      bar: kind.withFacets ? 'p95 < 300 ms' : 'p50 < 40, p95 < 100 ms',
      met: kind.withFacets ? p95 < FACETS_BAR_MS : p50 < P50_BAR_MS && p95 < P95_BAR_MS,
    })
  }
  const count = passages.toLocaleString('en')
  return { title: `Search: ${count} passages, reader of ${reader}, ${QUERIES} different queries each`, rows }
}

async function timed<T>(work: () => T | Promise<T>): Promise<{ ms: number; value: T }> {
  const began = performance.now()
  const value = await work()
  return { ms: performance.now() - began, value }
}
