import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const LOOK_MS = 200
/** Longer than any query of ours; a session that holds a snapshot for longer is named, not waited for. */
const WAIT_MS = 120_000
const NOT_PERMITTED = '42501'

/**
 * Writes every table of these schemas anew, then the statistics, which hold samples of rows, then lets go of the
 * write-ahead log: what the database only marks as gone, goes. `alsoSampled`: schemas of which only the statistics are
 * made anew. Returns what could not be done, in words: a login
 * that is no superuser (an external server) may do less.
 */
export async function rewriteTables(
  owner: pg.ClientConfig,
  schemas: readonly string[],
  alsoSampled: readonly string[] = [],
): Promise<string[]> {
  const client = new pg.Client(owner)
  const warnings: string[] = []
  // VACUUM does not fail where it may not: it warns and skips.
  client.on('notice', (notice) => {
    if (notice.severity === 'WARNING') warnings.push(notice.message ?? 'a table was skipped')
  })
  await client.connect()
  try {
    const left: string[] = []
    if (!(await untilNoOldSnapshot(client)))
      left.push('a session that has been reading since before the erasure')
    const tables = await tablesOf(client, schemas)
    const samples = 'delete from pg_catalog.pg_statistic where starelid = any ($1::text[]::regclass[]::oid[])'
    const others = await tablesOf(client, alsoSampled)
    if (!(await allowed(client, samples, [[...tables, ...others]])))
      left.push('samples of rows in the database’s statistics (pg_statistic)')
    for (const table of tables) await client.query(`vacuum (full, analyze) ${table}`)
    for (const table of others) await client.query(`analyze ${table}`)
    await client.query('vacuum (full) pg_catalog.pg_statistic')
    left.push(...(await passSegments(client)))
    return [...new Set([...left, ...warnings])]
  } finally {
    await client.end()
  }
}

/** Lets go of the write-ahead log from before. Returns what could not be done, in words. */
export async function letGoOfLog(owner: pg.ClientConfig): Promise<string[]> {
  const client = new pg.Client(owner)
  await client.connect()
  try {
    return await passSegments(client)
  } finally {
    await client.end()
  }
}

/** Two segments on, two checkpoints: no segment from before is needed, and none is used again. */
async function passSegments(client: pg.Client): Promise<string[]> {
  let isDone = true
  for (let round = 0; round < 2; round++)
    for (const text of ['select pg_switch_wal()', 'checkpoint'])
      isDone = (await allowed(client, text, [])) && isDone
  return isDone
    ? []
    : ['old segments of the write-ahead log: this login may not switch them and make a checkpoint']
}

async function allowed(client: pg.Client, text: string, values: unknown[]): Promise<boolean> {
  try {
    await client.query(text, values)
    return true
  } catch (error) {
    if ((error as { code?: string }).code === NOT_PERMITTED) return false
    throw error
  }
}

async function tablesOf(client: pg.Client, schemas: readonly string[]): Promise<string[]> {
  const found = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1) and c.relkind = 'r' order by 1`,
    [schemas],
  )
  return found.rows.map((row) => row.name)
}

/** A rewrite keeps dead rows that a snapshot from before may still see: such sessions are waited for. */
async function untilNoOldSnapshot(client: pg.Client): Promise<boolean> {
  const began = await client.query<{ id: string }>('select pg_current_xact_id()::text as id')
  const deadline = performance.now() + WAIT_MS
  for (;;) {
    const older = await client.query(
      `select 1 from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()
         and age(coalesce(backend_xmin, backend_xid)) > age(($1::text::xid8)::xid)`,
      [began.rows[0]?.id],
    )
    if (older.rowCount === 0) return true
    if (performance.now() > deadline) return false
    await sleep(LOOK_MS)
  }
}
