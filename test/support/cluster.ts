import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { installJobs } from '../../src/modules/jobs/install.ts'
import { migrate, readMigrations } from '../../src/platform/migrate.ts'
import { startCluster } from '../../src/platform/postgres/embedded.ts'

export const ROOT = path.join(import.meta.dirname, '../..')
const FOLDER = path.join(ROOT, '.tmp/test-postgres')
const STALE_LOCK_MS = 120_000

/**
 * The PostgreSQL of the tests: AMANAT_TEST_DATABASE_URL where set (CI's second round, on Debian's 15), else an
 * embedded one without fsync, shared by all test files and left running; `npm test` stops it.
 */
export async function testServer(): Promise<pg.ClientConfig> {
  const url = process.env['AMANAT_TEST_DATABASE_URL']
  if (url) return { connectionString: url }
  return withLock(path.join(ROOT, '.tmp/test-postgres.lock'), async () => {
    const cluster = await startCluster({
      folder: FOLDER,
      durable: false,
      settings: { max_connections: '300' },
    })
    return {
      host: cluster.host,
      port: cluster.port,
      user: cluster.user,
      password: cluster.password,
      database: 'postgres',
    }
  })
}

/** Stops the shared embedded server, where it runs. */
export async function stopTestServer(): Promise<void> {
  if (process.env['AMANAT_TEST_DATABASE_URL']) return
  const cluster = await startCluster({ folder: FOLDER, durable: false })
  await cluster.stop()
}

/**
 * A fresh database cloned from a migrated template (~50 ms). The template's name carries a digest of the
 * migrations, so a changed migration makes a new one.
 */
export async function cloneDatabase(
  server: pg.ClientConfig,
): Promise<{ name: string; owner: pg.ClientConfig; drop: () => Promise<void> }> {
  const migrations = readMigrations(path.join(ROOT, 'db/migrations'))
  const digest = createHash('sha256')
    .update(migrations.map((migration) => migration.sha256).join())
    .digest('hex')
    .slice(0, 12)
  const template = `amanat_template_j1_${digest}`
  const name = `amanat_test_${randomBytes(6).toString('hex')}`
  await withClient(server, async (client) => {
    await client.query('select pg_advisory_lock(7420)')
    const exists = await client.query('select 1 from pg_database where datname = $1', [template])
    if (exists.rowCount === 0) await makeTemplate(server, client, template)
    await client.query(`create database ${name} template ${template}`)
  })
  const drop = (): Promise<void> =>
    withClient(
      server,
      async (client) => void (await client.query(`drop database if exists ${name} with (force)`)),
    )
  return { name, owner: inDatabase(server, name), drop }
}

async function makeTemplate(server: pg.ClientConfig, client: pg.Client, template: string): Promise<void> {
  const draft = `${template}_draft`
  await client.query(`drop database if exists ${draft} with (force)`)
  await client.query(`create database ${draft} encoding 'UTF8' template template0`)
  await migrate(inDatabase(server, draft), readMigrations(path.join(ROOT, 'db/migrations')))
  await installJobs(inDatabase(server, draft))
  await client.query(`alter database ${draft} rename to ${template}`)
}

/** The same server, another database. */
export function inDatabase(server: pg.ClientConfig, database: string): pg.ClientConfig {
  if (!server.connectionString) return { ...server, database }
  const url = new URL(server.connectionString)
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  const host = url.searchParams.get('host') ?? url.hostname
  return { host, port: Number(url.port || 5432), user, password, database }
}

async function withClient<T>(server: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(server)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(path.dirname(file), { recursive: true })
  for (;;) {
    try {
      closeSync(openSync(file, 'wx'))
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const ageMs = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
      if (ageMs > STALE_LOCK_MS) rmSync(file, { force: true })
      await sleep(20)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}
