import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { uuidV7 } from '../../base/ids.ts'
import { firstAdministratorLink } from '../../modules/identity/invitations.ts'
import { loadConfig, type Config } from '../../platform/config.ts'
import { connect } from '../../platform/connect.ts'
import { openKeys } from '../../platform/keys/open.ts'
import { createLogger } from '../../platform/log.ts'
import { runFiles, type RunFiles } from '../../platform/run-folder.ts'
import type { Desk } from '../../platform/tx.ts'
import { createServer } from './create-server.ts'
import { listenOnAddress, listenOnSocket, stopListening } from './listen.ts'
import { lockFolder } from './lock.ts'
import { offerGauge } from './metrics.ts'
import { openDatabase, type OpenDatabase } from './open-database.ts'
import type { HealthProbe, Parts } from './parts.ts'
import { HANDLERS } from './handlers.ts'
import { startModules } from './start-modules.ts'
import { StopList } from './stop-list.ts'

export interface StartOptions {
  /** The desk's folder; made where it is missing. */
  readonly home: string
  readonly environment: NodeJS.ProcessEnv
  /** The folder with `db/migrations` and `dist/desk`: the checkout or the installed package. */
  readonly root: string
  /** Absent: made from the settings, to standard error. */
  readonly log?: Logger
  /** False: only the socket in the desk's folder (a supervisor started on demand). True unless said. */
  readonly listen?: boolean
  /** Opens sealed keys. */
  readonly passphrase?: string
}

export interface RunningDesk {
  readonly desk: Desk
  /** Where people reach it; null where it only listens on its socket. */
  readonly address: URL | null
  readonly socket: string
  /** Shown once, while the desk has no administrator who can sign in: creates the first one. */
  readonly firstAdministratorLink: string | null
  /** Milliseconds since a request last ran; 0 while one does. For a supervisor that ends when idle. */
  idleMs(): number
  /** Stops in order: no new calls, running ones end, jobs, sequencer, signer, database. Safe to call twice. */
  stop(): Promise<void>
}

const GRACE_MS = 5000
const SMALLEST_FREE_BYTES = 200 * 1024 * 1024

/**
 * Starts a desk: database, keys, log, vault, workers, server. What a killed one left behind is adopted or cleared.
 *
 * Refuses: desk_running (another process holds the folder), config_invalid, keys_sealed, passphrase_wrong,
 * port_occupied, and what the database refuses. After a refusal nothing of it runs.
 */
export async function startDesk(options: StartOptions): Promise<RunningDesk> {
  const { home } = options
  for (const folder of ['', 'keys']) mkdirSync(path.join(home, folder), { recursive: true, mode: 0o700 })
  const files = runFiles(home)
  mkdirSync(files.folder, { recursive: true, mode: 0o700 })
  const stops = new StopList()
  try {
    const lock = lockFolder(files.lock)
    stops.add(async () => lock.release())
    return await startUnderLock(options, files, stops)
  } catch (error) {
    await stops.run()
    throw error
  }
}

async function startUnderLock(options: StartOptions, files: RunFiles, stops: StopList): Promise<RunningDesk> {
  const { home, environment, root } = options
  const config = loadConfig(home, environment)
  const log = options.log ?? createLogger(config.logLevel)
  const keys = await openKeys(home, options.passphrase)
  const database = await openDatabase(home, config, root)
  stops.add(() => database.stop())
  database.keepRunning(log)
  const desk = openDesk(options, config, log, database, keys.entryKey, stops)
  const logins = { owner: database.owner, ...database.login }
  const modules = await startModules(desk, keys, logins, stops)
  return serve(options, desk, files, modules, stops)
}

function openDesk(
  { home }: StartOptions,
  config: Config,
  log: Logger,
  database: OpenDatabase,
  entryKey: Desk['entryKey'],
  stops: StopList,
): Desk {
  const { db } = connect(database.login.app, 20)
  stops.add(() => db.destroy())
  const ending = new AbortController()
  stops.add(async () => ending.abort())
  const now = (): Date => new Date()
  return {
    db,
    config,
    home,
    log,
    now,
    random: (bytes) => randomBytes(bytes),
    newId: () => uuidV7(Date.now(), randomBytes(10)),
    entryKey,
    signal: ending.signal,
  }
}

async function serve(
  options: StartOptions,
  desk: Desk,
  files: RunFiles,
  modules: readonly HealthProbe[],
  stops: StopList,
): Promise<RunningDesk> {
  const { config } = desk
  const built = path.join(options.root, 'dist/desk')
  const operatorToken = randomBytes(32).toString('base64url')
  const closing = new AbortController()
  let address: URL | null = null
  const parts: Parts = {
    health: [...probes(desk), ...modules],
    publicUrl: () => new URL(config.publicUrl ?? address?.href ?? `http://${config.host}:${config.port}`),
    operatorToken,
    closing: closing.signal,
    deskFolder: existsSync(path.join(built, 'index.html')) ? built : null,
  }
  const { app, idleMs } = await createServer(desk, parts, HANDLERS)
  stops.add(() => app.close())
  if (options.listen !== false) {
    address = await listenOnAddress(app, config.host, config.port)
    stops.add(() => stopListening(app.server, GRACE_MS))
  }
  writeFileSync(files.token, operatorToken, { mode: 0o600 })
  stops.add(async () => rmSync(files.token, { force: true }))
  const local = await listenOnSocket(app, files.socket)
  stops.add(() => stopListening(local, GRACE_MS))
  stops.add(async () => closing.abort())
  writeFileSync(files.ready, JSON.stringify({ pid: process.pid, address: address?.href ?? null }), {
    mode: 0o600,
  })
  stops.add(async () => rmSync(files.ready, { force: true }))
  const link = address ? await firstAdministratorLink(desk, parts.publicUrl()) : null
  return {
    desk,
    address,
    socket: files.socket,
    firstAdministratorLink: link,
    idleMs,
    stop: () => stops.run(),
  }
}

function probes(desk: Desk): HealthProbe[] {
  const free = (): number => {
    const disk = statfsSync(desk.home)
    return disk.bavail * disk.bsize
  }
  offerGauge('disk_free_bytes', 'Free on the disk that holds the desk', free)
  offerGauge('jobs_set_aside', 'Jobs that wait for a decision', async () => {
    const rows = await sql<{
      count: number
    }>`select count(*) as count from pgboss.job where state = 'failed'`.execute(desk.db)
    return rows.rows[0]?.count ?? 0
  })
  return [
    {
      name: 'database',
      check: async () => {
        await sql`select 1`.execute(desk.db)
        return 'answers'
      },
    },
    {
      name: 'disk',
      check: async () => {
        if (free() < SMALLEST_FREE_BYTES)
          throw new Error('less than 200 MiB are free; intake will be refused soon')
        return `${Math.floor(free() / 1024 ** 3)} GiB free`
      },
    },
  ]
}
