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
 * Refuses: postgres_version (older than 15), migration_changed (a recorded one differs from its file),
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
