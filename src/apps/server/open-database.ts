import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import type { Logger } from 'pino'
import { installJobs } from '../../modules/jobs/install.ts'
import type { Config } from '../../platform/config.ts'
import { openLogin, type LoginRole } from '../../platform/logins.ts'
import { migrate, readMigrations } from '../../platform/migrate.ts'
import { startCluster, type Cluster } from '../../platform/postgres/embedded.ts'
import { Refusal } from '../../base/refusal.ts'

const DATABASE = 'amanat'

export interface OpenDatabase {
  readonly owner: pg.ClientConfig
  readonly login: Readonly<Record<LoginRole, pg.ClientConfig>>
  readonly migrated: readonly string[]
  /** Starts the embedded server again where it dies; nothing for an external one. */
  keepRunning(log: Logger): void
  /** Stops the embedded server; an external one is left alone. */
  stop(): Promise<void>
}

/** A database server with the desk's database in it, as its owner; neither migrated nor with logins. */
export interface OpenServer {
  readonly owner: pg.ClientConfig
  /** Starts the embedded server again where it dies; nothing for an external one. */
  keepRunning(log: Logger): void
  /** Stops the embedded server; an external one is left alone. */
  stop(): Promise<void>
}

/**
 * Reaches the embedded server (started where it does not run), or the one that DATABASE_URL names.
 *
 * Refuses: what the embedded server refuses, database_lost.
 */
export async function openServer(home: string, config: Config): Promise<OpenServer> {
  if (config.databaseUrl !== undefined) {
    const owner = externalOwner(config.databaseUrl)
    await reach(owner)
    return { owner, keepRunning: () => undefined, stop: async () => undefined }
  }
  const cluster = await startCluster({ folder: path.join(home, 'postgres'), durable: true })
  const stop = async (): Promise<void> => (cluster.started ? cluster.stop() : undefined)
  try {
    const keepRunning = (log: Logger): void =>
      cluster.keepRunning((words, fault) => log.error(fault === undefined ? {} : { fault }, words))
    return { owner: await ownerOf(cluster), keepRunning, stop: () => cluster.stop() }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Opens the desk's database, migrated and with its logins: the embedded one, or the one that DATABASE_URL names.
 *
 * Refuses: what the embedded server refuses, database_lost, postgres_version, migration_changed, migration_newer.
 */
export async function openDatabase(home: string, config: Config, root: string): Promise<OpenDatabase> {
  const server = await openServer(home, config)
  const { owner } = server
  try {
    const migrated = await migrate(owner, readMigrations(path.join(root, 'db/migrations')))
    await installJobs(owner)
    const login = {
      app: await loginFor(home, owner, 'app'),
      sequencer: await loginFor(home, owner, 'sequencer'),
    }
    return { owner, login, migrated, keepRunning: server.keepRunning, stop: () => server.stop() }
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function ownerOf(cluster: Cluster): Promise<pg.ClientConfig> {
  const { host, port, user, password } = cluster
  const client = new pg.Client({ host, port, user, password, database: 'postgres' })
  await client.connect()
  try {
    const there = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (there.rowCount === 0)
      await client.query(`create database ${DATABASE} encoding 'UTF8' template template0`)
  } finally {
    await client.end()
  }
  return { host, port, user, password, database: DATABASE }
}

function externalOwner(text: string): pg.ClientConfig {
  const url = new URL(text)
  return {
    host: url.searchParams.get('host') ?? url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    ...(/^(require|verify-)/.test(url.searchParams.get('sslmode') ?? '') ? { ssl: true } : {}),
  }
}

async function reach(owner: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...owner, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
  } catch (error) {
    throw new Refusal(
      'database_lost',
      `The database that DATABASE_URL names (${owner.host}:${owner.port}) cannot be reached: ${(error as Error).message}. ` +
        'Nothing was changed. Start it or mend the address, then start again.',
    )
  } finally {
    await client.end()
  }
}

/** Passwords of the desk's own logins lie beside the keys, readable to the desk's user alone. */
async function loginFor(home: string, owner: pg.ClientConfig, role: LoginRole): Promise<pg.ClientConfig> {
  const file = path.join(home, 'keys', `${role}.login`)
  if (!existsSync(file))
    writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true })
  return openLogin(owner, role, readFileSync(file, 'utf8').trim())
}
