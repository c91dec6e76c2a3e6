import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { uuidV7 } from '../src/base/ids.ts'
import { loadConfig } from '../src/platform/config.ts'
import { connect } from '../src/platform/connect.ts'
import { createLogger } from '../src/platform/log.ts'
import { openLogin } from '../src/platform/logins.ts'
import { migrate, readMigrations } from '../src/platform/migrate.ts'
import { startCluster } from '../src/platform/postgres/embedded.ts'
import type { Actor } from '../src/platform/actor.ts'
import type { Desk } from '../src/platform/tx.ts'
import type { Corpus } from './search-corpus.ts'

const ROOT = path.join(import.meta.dirname, '..')
const SYSTEM = '00000000-0000-7000-8000-000000000001'
export const COMPARTMENTS = 100
const PASSAGES_IN_SUBJECT = 10
const SUBJECTS_AT_ONCE = 200

export interface BenchDesk extends Desk {
  readonly owner: pg.Client
  close(): Promise<void>
}

/** A desk of its own on a durable PostgreSQL, in a folder that goes away with it; one that was named stays. */
export async function openBenchDesk(named: string | undefined): Promise<BenchDesk> {
  mkdirSync(path.join(ROOT, '.tmp'), { recursive: true })
  const home = named ?? mkdtempSync(path.join(ROOT, '.tmp/bench-search-'))
  const cluster = await startCluster({ folder: path.join(home, 'postgres'), durable: true })
  const { host, port, user, password } = cluster
  const login = { host, port, user, password, database: 'postgres' }
  await migrate(login, readMigrations(path.join(ROOT, 'db/migrations')))
  const owner = new pg.Client(login)
  await owner.connect()
  const { db } = connect(await openLogin(login, 'app', randomBytes(12).toString('hex')), 10)
  const keys = generateKeyPairSync('ed25519')
  const stop = new AbortController()
  const now = (): Date => new Date()
  return {
    db,
    home,
    now,
    owner,
    config: loadConfig(home, {}),
    random: (bytes) => randomBytes(bytes),
    newId: () => uuidV7(Date.now(), randomBytes(10)),
    log: createLogger('silent'),
    entryKey: { keyId: 'bench', sign: (message) => sign(null, message, keys.privateKey) },
    signal: stop.signal,
    close: async () => {
      stop.abort()
      await db.destroy()
      await owner.end()
      await cluster.stop()
      if (named === undefined) rmSync(home, { recursive: true, force: true })
    },
  }
}

/** A fictional analyst in some compartments, with grants to some items. */
export async function addAnalyst(
  desk: BenchDesk,
  name: string,
  compartments: readonly string[],
  items: readonly string[] = [],
): Promise<Actor> {
  const id = desk.newId()
  await desk.owner.query(
    `insert into identity.person (id, kind, name, sign_in_name, created_at) values ($1, 'person', $2, $3, now())`,
    [id, name, id],
  )
  await desk.owner.query(`insert into identity.person_role values ($1, 'analyst', $2, now())`, [id, SYSTEM])
  await desk.owner.query('insert into identity.membership select unnest($1::uuid[]), $2, $3, now()', [
    compartments,
    id,
    SYSTEM,
  ])
  for (const item of items)
    await desk.owner.query(
      `insert into identity.dated_grant (id, person_id, subject_kind, subject_id, purpose, until, given_by, given_at)
       values ($1, $2, 'item', $3, 'bench', now() + interval '1 day', $4, now())`,
      [desk.newId(), id, item, SYSTEM],
    )
  return { id, kind: 'person', name, sessionId: null, roles: ['analyst'], onBehalfOf: null }
}

export async function addCompartments(desk: BenchDesk): Promise<string[]> {
  const ids = Array.from({ length: COMPARTMENTS }, () => desk.newId())
  await desk.owner.query(
    `insert into identity.compartment (id, name, kind, created_by, created_at)
     select id, 'bench ' || no, 'ordinary', $2, now() from unnest($1::uuid[]) with ordinality as t (id, no)`,
    [ids, SYSTEM],
  )
  return ids
}

/** Stores the passages, ten to a subject, without indexing them: a rebuild does that. Returns some subjects' ids. */
export async function storePassages(
  desk: BenchDesk,
  corpus: Corpus,
  compartments: readonly string[],
  count: number,
  say: (line: string) => void,
): Promise<string[]> {
  const sample: string[] = []
  for (let from = 0; from < count; from += PASSAGES_IN_SUBJECT * SUBJECTS_AT_ONCE) {
    const subjects = Array.from({ length: SUBJECTS_AT_ONCE }, () => desk.newId())
    const places = subjects.map((_, i) => compartments[(from / PASSAGES_IN_SUBJECT + i * 7) % COMPARTMENTS])
    const types = subjects.map((_, i) => ['document', 'mail', 'sheet', 'image'][i % 4])
    await desk.owner.query(
      `insert into search.subject select id, 'item', place, null, 'item ' || left(id::text, 8),
         jsonb_build_object('type', kind, 'language', 'lang' || (no % 12), 'state', 'registered'), 19000 + no::int % 900, 19000 + no::int % 900
       from unnest($1::uuid[], $2::uuid[], $3::text[]) with ordinality as t (id, place, kind, no)`,
      [subjects, places, types],
    )
    const bodies: string[] = []
    for (let i = 0; i < PASSAGES_IN_SUBJECT * SUBJECTS_AT_ONCE; i++)
      bodies.push(corpus.words(from + i).join(' '))
    await desk.owner.query(
      `insert into search.passage select nextval('search.passage_no'), ($1::uuid[])[(no - 1) / ${PASSAGES_IN_SUBJECT} + 1],
         ($2::uuid[])[(no - 1) / ${PASSAGES_IN_SUBJECT} + 1], null, 'page ' || no % ${PASSAGES_IN_SUBJECT}, 0, length(body), body
       from unnest($3::text[]) with ordinality as t (body, no)`,
      [subjects, places, bodies],
    )
    if (sample.length < 200) sample.push(...subjects.slice(0, 5))
    if (from % 200_000 === 0) say(`${from.toLocaleString('en')} passages stored`)
  }
  await desk.owner.query('analyze search.passage; analyze search.subject')
  return sample
}

/** Compartments and some subjects of a desk that an earlier run filled; null where it is empty. */
export async function findStored(
  desk: BenchDesk,
): Promise<{ compartments: string[]; items: string[] } | null> {
  const compartments = await desk.owner.query<{ id: string }>(
    'select id from identity.compartment order by id',
  )
  const items = await desk.owner.query<{ id: string }>(
    'select subject_id as id from search.subject limit 200',
  )
  const built = await desk.owner.query('select 1 from search.segment limit 1')
  if (built.rowCount === 0) return null
  return { compartments: compartments.rows.map((row) => row.id), items: items.rows.map((row) => row.id) }
}
