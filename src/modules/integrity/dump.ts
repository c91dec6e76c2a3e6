import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { damaged, readSections, writeSection } from './frames.ts'

/**
 * A logical dump: every row of every table of ours in COPY's binary form, at one moment, in an order in which
 * foreign keys hold. It does not depend on PostgreSQL's major version or on where the server runs.
 *
 * Left out: the jobs (made anew from what waits) and the record of migrations (restoring migrates first).
 */
const LEFT_OUT = ['platform', 'pgboss', 'public', 'information_schema']

const header = z.strictObject({
  format: z.literal('amanat-dump/v1'),
  migrations: z.array(z.strictObject({ number: z.int(), sha256: z.string() })),
})
const tableHeader = z.strictObject({ table: z.string(), columns: z.array(z.string()).min(1) })
const sequenceHeader = z.strictObject({
  sequences: z.array(z.strictObject({ name: z.string(), value: z.string(), called: z.boolean() })),
})
const endHeader = z.strictObject({ end: z.literal(true), tables: z.int() })

interface Table {
  readonly name: string
  readonly columns: readonly string[]
}

/** What else of the same moment the caller wants to know. */
export type ReadMoment<T> = (client: pg.Client) => Promise<T>

/**
 * The database as it is at one moment, as bytes. `moment` runs inside the same snapshot, before the first byte.
 * `owner`: the login that owns the tables; row-level security does not apply to it.
 */
export async function dumpDatabase<T>(
  owner: pg.ClientConfig,
  moment: ReadMoment<T>,
): Promise<{ moment: T; bytes: AsyncGenerator<Uint8Array> }> {
  const client = new pg.Client(owner)
  await client.connect()
  try {
    await client.query('begin transaction isolation level repeatable read read only')
    return { moment: await moment(client), bytes: dumpRows(client) }
  } catch (error) {
    await client.end()
    throw error
  }
}

async function* dumpRows(client: pg.Client): AsyncGenerator<Uint8Array> {
  try {
    const migrations = await client.query<{ number: number; sha256: string }>(
      'select number, sha256 from platform.migration order by number',
    )
    yield* writeSection({ format: 'amanat-dump/v1', migrations: migrations.rows }, [])
    const tables = await tablesInOrder(client)
    for (const table of tables) {
      const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(', ')
      const rows = client.query(
        copyTo(`copy (select ${columns} from ${table.name}) to stdout (format binary)`),
      )
      yield* writeSection({ table: table.name, columns: table.columns }, rows as AsyncIterable<Uint8Array>)
    }
    yield* writeSection({ sequences: await readSequences(client) }, [])
    yield* writeSection({ end: true, tables: tables.length }, [])
    await client.query('commit')
  } finally {
    await client.end()
  }
}

/**
 * Puts a dump's rows into a freshly migrated database, in one transaction: all of it or nothing.
 *
 * Refuses: backup_damaged; migration_newer, where the dump was made by a newer Amanat.
 */
export async function loadDatabase(
  owner: pg.ClientConfig,
  source: AsyncIterable<Uint8Array>,
): Promise<{ tables: number; rows: number }> {
  const client = new pg.Client(owner)
  await client.connect()
  try {
    await client.query('begin')
    const answer = await loadRows(client, source)
    await client.query('commit')
    return answer
  } finally {
    await client.end()
  }
}

async function loadRows(
  client: pg.Client,
  source: AsyncIterable<Uint8Array>,
): Promise<{ tables: number; rows: number }> {
  let [tables, rows, ended] = [0, 0, false]
  for await (const section of readSections(source)) {
    if (ended) throw damaged('something follows its end')
    if (tables === 0 && header.safeParse(section.header).success) await prepare(client)
    else if (tableHeader.safeParse(section.header).success) {
      rows += await loadTable(client, tableHeader.parse(section.header), section.data)
      tables++
      continue
    } else if (sequenceHeader.safeParse(section.header).success)
      await setSequences(client, sequenceHeader.parse(section.header))
    else if (endHeader.safeParse(section.header).success)
      ended = endHeader.parse(section.header).tables === tables
    else throw damaged('it holds a section that this Amanat does not know')
    for await (const bytes of section.data) if (bytes.length > 0) throw damaged('a header carries data')
  }
  if (!ended) throw damaged('it ends early')
  await client.query(
    "do $$ declare t record; begin for t in select * from amanat_triggers loop execute format('alter table %s enable trigger user', t.name); end loop; end $$",
  )
  return { tables, rows }
}

/** Empties what migrations put in, and stops our own triggers: the rows are as they were, nothing is to be derived. */
async function prepare(client: pg.Client): Promise<void> {
  const tables = await tablesInOrder(client)
  await client.query('create temporary table amanat_triggers (name text) on commit drop')
  for (const table of tables) {
    await client.query('insert into amanat_triggers values ($1)', [table.name])
    await client.query(`alter table ${table.name} disable trigger user`)
  }
  if (tables.length > 0) await client.query(`truncate ${tables.map((table) => table.name).join(', ')}`)
}

async function loadTable(
  client: pg.Client,
  order: z.infer<typeof tableHeader>,
  data: AsyncIterable<Uint8Array>,
): Promise<number> {
  const known = (await tablesInOrder(client)).find((table) => table.name === order.table)
  const missing = order.columns.find((column) => !known?.columns.includes(column))
  if (!known || missing !== undefined)
    throw damaged(
      `this Amanat has no ${known ? `column ${missing} in ` : 'table '}${order.table}; use the version that made it, then upgrade`,
    )
  const columns = order.columns.map((column) => client.escapeIdentifier(column)).join(', ')
  const into = client.query(copyFrom(`copy ${order.table} (${columns}) from stdin (format binary)`))
  await pipeline(Readable.from(data, { objectMode: false }), into)
  return into.rowCount
}

async function setSequences(client: pg.Client, order: z.infer<typeof sequenceHeader>): Promise<void> {
  for (const sequence of order.sequences)
    await client.query('select setval($1::regclass, $2, $3)', [
      sequence.name,
      sequence.value,
      sequence.called,
    ])
}

async function readSequences(client: pg.Client): Promise<z.infer<typeof sequenceHeader>['sequences']> {
  const found = await client.query<{ name: string; value: string; called: boolean }>(
    `select format('%I.%I', schemaname, sequencename) as name, coalesce(last_value, start_value)::text as value, last_value is not null as called
     from pg_sequences where schemaname <> all ($1) and schemaname not like 'pg\\_%'`,
    [LEFT_OUT],
  )
  return found.rows
}

/** Tables with their plain columns, each after the tables its foreign keys lead to. */
async function tablesInOrder(client: pg.Client): Promise<Table[]> {
  const found = await client.query<{ name: string; columns: string[]; needs: string[] }>(
    `select format('%I.%I', n.nspname, c.relname) as name,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       coalesce((select array_agg(distinct format('%I.%I', fn.nspname, fc.relname)) from pg_constraint k
         join pg_class fc on fc.oid = k.confrelid join pg_namespace fn on fn.oid = fc.relnamespace
         where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid), '{}') as needs
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname <> all ($1) and n.nspname not like 'pg\\_%'
     order by 1`,
    [LEFT_OUT],
  )
  const waiting = new Map(found.rows.map((row) => [row.name, row]))
  const ordered: Table[] = []
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((row) => row.needs.every((name) => !waiting.has(name)))
    if (ready.length === 0)
      throw new Error(`foreign keys go in a circle among ${[...waiting.keys()].join(', ')}`)
    for (const row of ready) {
      ordered.push({ name: row.name, columns: row.columns })
      waiting.delete(row.name)
    }
  }
  return ordered
}
