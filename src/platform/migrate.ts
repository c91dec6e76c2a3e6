import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { Refusal } from '../base/refusal.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sha256: string
  readonly sql: string
}

/** Held while migrating, so that two desks starting at once do not race. */
const LOCK = 0x616d616e

/** The migrations in a folder, in the order of their numbers. Throws where a number is used twice. */
export function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder).filter((file) => /^\d{4}-.+\.sql$/.test(file))
  const found = files.sort().map((name) => {
    const text = readFileSync(path.join(folder, name), 'utf8')
    return {
      number: Number(name.slice(0, 4)),
      name,
      sha256: createHash('sha256').update(text).digest('hex'),
      sql: text,
    }
  })
  const twice = found.find((migration, at) => migration.number === found[at - 1]?.number)
  if (twice) throw new Error(`two migrations have the number of ${twice.name}`)
  return found
}

/**
 * Brings the database to the newest migration; each runs in a transaction of its own and is recorded with
 * its checksum. Forward only.
 *
 * Refuses: postgres_version (older than 15), postgres_login (it may not do what is needed), migration_changed (a recorded one differs from its file),
 * migration_newer (the database was migrated by a newer Amanat).
 * Returns the names applied now.
 */
export async function migrate(
  connection: pg.ClientConfig,
  migrations: readonly Migration[],
): Promise<string[]> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    await checkVersion(client)
    await checkLogin(client)
    await client.query('select pg_advisory_lock($1)', [LOCK])
    await client.query(`create schema if not exists platform;
      create table if not exists platform.migration (
        number integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())`)
    const done = await readRecorded(client, migrations)
    const applied: string[] = []
    for (const migration of migrations.filter((candidate) => !done.has(candidate.number))) {
      await apply(client, migration)
      applied.push(migration.name)
    }
    return applied
  } finally {
    await client.end()
  }
}

async function checkVersion(client: pg.Client): Promise<void> {
  const answer = await client.query<{ server_version_num: string }>('show server_version_num')
  const version = Math.floor(Number(answer.rows[0]?.server_version_num) / 10_000)
  if (version >= 15) return
  throw new Refusal(
    'postgres_version',
    `DATABASE_URL leads to PostgreSQL ${version}; Amanat needs 15 or newer. Nothing was changed.`,
  )
}

/** Said before anything is begun: the desk makes schemas, and logins that may do less than this one. */
async function checkLogin(client: pg.Client): Promise<void> {
  const answer = await client.query<
    Record<'login' | 'database' | 'encoding', string> & Record<'makes_roles' | 'makes_schemas', boolean>
  >(
    `select current_user as login, current_database() as database, current_setting('server_encoding') as encoding,
       (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as makes_roles,
       has_database_privilege(current_database(), 'create') as makes_schemas`,
  )
  const [found] = answer.rows
  if (!found) throw new Error('the database did not say who is connected')
  const quoted = [found.login, found.database].map((name) => `"${name.replaceAll('"', '""')}"`)
  const lacking = [
    ...(found.makes_roles ? [] : [`ALTER ROLE ${quoted[0]} CREATEROLE;`]),
    ...(found.makes_schemas ? [] : [`ALTER DATABASE ${quoted[1]} OWNER TO ${quoted[0]};`]),
  ]
  if (lacking.length > 0)
    throw new Refusal(
      'postgres_login',
      `The login ${found.login} in DATABASE_URL may not do what Amanat needs. Nothing was changed. Have an administrator of the database run: ${lacking.join(' ')}`,
    )
  if (found.encoding !== 'UTF8')
    throw new Refusal(
      'postgres_login',
      `The database ${found.database} holds text as ${found.encoding}; Amanat needs UTF8. Nothing was changed. Make a new one: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;`,
    )
}

async function readRecorded(client: pg.Client, migrations: readonly Migration[]): Promise<Set<number>> {
  const rows = await client.query<{ number: number; name: string; sha256: string }>(
    'select number, name, sha256 from platform.migration order by number',
  )
  for (const row of rows.rows) {
    const file = migrations.find((migration) => migration.number === row.number)
    if (!file)
      throw new Refusal(
        'migration_newer',
        `The database holds migration ${row.name}, which this Amanat does not know. Start the newer Amanat.`,
      )
    if (file.sha256 !== row.sha256) {
      throw new Refusal(
        'migration_changed',
        `Migration ${file.name} differs from the one this database was made with. Nothing was changed. Reinstall Amanat.`,
      )
    }
  }
  return new Set(rows.rows.map((row) => row.number))
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(migration.sql)
    await client.query('insert into platform.migration (number, name, sha256) values ($1, $2, $3)', [
      migration.number,
      migration.name,
      migration.sha256,
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`migration ${migration.name} failed and was rolled back: ${String(error)}`, {
      cause: error,
    })
  }
}
