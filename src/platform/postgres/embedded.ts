import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { Refusal } from '../../base/refusal.ts'
import { findBinaries } from './binaries.ts'
import { chooseRunner, type Runner } from './runner.ts'
import { socketFolderFor } from './socket-folder.ts'

const run = promisify(execFile)
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 60_000
const LOOK_MS = 500

/** Where a running PostgreSQL is reached by its owner, who owns every table and may migrate. */
export interface Cluster {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** True where this call started it (false: found running and adopted). */
  readonly started: boolean
  /**
   * Looks after the server: where it died, it is started again (it recovers by itself, nothing committed is lost).
   * `report` hears of each death and of each start that failed. Ends with `stop`.
   */
  keepRunning(report: (words: string, fault?: unknown) => void): void
  /** Fast shutdown: running transactions are rolled back, everything committed stays. */
  stop(): Promise<void>
}

type Address = Pick<Cluster, 'host' | 'port' | 'user' | 'password'>

export interface ClusterOptions {
  /** The cluster's own folder; holds `data`, `password`, `server.log`. */
  readonly folder: string
  /** False only for tests: a crash of the machine may then lose data. */
  readonly durable: boolean
  readonly settings?: Readonly<Record<string, string>>
}

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '80',
  shared_buffers: '256MB',
  work_mem: '16MB',
  maintenance_work_mem: '256MB',
  max_wal_size: '2GB',
  random_page_cost: '1.1',
  jit: 'off',
  wal_level: 'replica',
  max_wal_senders: '0',
  // Old segments are removed, not used again as they are: an erasure must not leave its words in them.
  wal_recycle: 'off',
  logging_collector: 'off',
  log_min_messages: 'warning',
  // Statements and the values in error details are content; the desk's own log names what failed.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/**
 * Starts the PostgreSQL that npm brought, making its data folder on first use; a server that a killed
 * desk left behind is adopted.
 *
 * Refuses: postgres_missing, postgres_start (with the last lines of its log), disk_full.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const native = findBinaries()
  const runner = chooseRunner()
  mkdirSync(options.folder, { recursive: true, mode: 0o700 })
  const password = readPassword(options.folder)
  const data = path.join(options.folder, 'data')
  if (!existsSync(path.join(data, 'PG_VERSION'))) await initialise(native, runner, options.folder, password)
  const host = socketFolderFor(options.folder)
  if (runner.how === 'nobody') for (const folder of [host, options.folder]) chownSync(folder, 65534, 65534)

  const adopted = lives(data)
  const address = { host, port: 5432, user: 'amanat_owner', password }
  const start = async (): Promise<void> => {
    if (!lives(data)) await launch(native, runner, options, data, host)
    await untilReady(address, options.folder)
  }
  await start()
  const keeper = keeperOf(data, start)
  const stop = async (): Promise<void> => {
    await keeper.end()
    await stopCluster(data)
  }
  return { ...address, started: !adopted, keepRunning: keeper.begin, stop }
}

interface Keeper {
  begin(report: (words: string, fault?: unknown) => void): void
  end(): Promise<void>
}

function keeperOf(data: string, start: () => Promise<void>): Keeper {
  let timer: NodeJS.Timeout | undefined
  let starting: Promise<void> = Promise.resolve()
  let ended = false
  const look = async (report: (words: string, fault?: unknown) => void): Promise<void> => {
    if (lives(data)) return
    report('the embedded PostgreSQL died; it is started again')
    try {
      await start()
      report('the embedded PostgreSQL runs again')
    } catch (fault) {
      report('the embedded PostgreSQL could not be started again; it is tried once more in a moment', fault)
    }
  }
  const begin = (report: (words: string, fault?: unknown) => void): void => {
    if (ended) return
    timer = setTimeout(() => {
      starting = look(report).then(() => begin(report))
    }, LOOK_MS)
    timer.unref()
  }
  const end = async (): Promise<void> => {
    ended = true
    clearTimeout(timer)
    await starting
  }
  return { begin, end }
}

function readPassword(folder: string): string {
  const file = path.join(folder, 'password')
  if (!existsSync(file))
    writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true })
  return readFileSync(file, 'utf8').trim()
}

async function initialise(native: string, runner: Runner, folder: string, password: string): Promise<void> {
  const data = path.join(folder, 'data')
  const fresh = path.join(folder, `data-${randomBytes(4).toString('hex')}`)
  const secret = path.join(folder, `initdb-${randomBytes(4).toString('hex')}`)
  // A half-made folder of an interrupted first start has no PG_VERSION, or was never renamed: start over.
  rmSync(data, { recursive: true, force: true })
  writeFileSync(secret, password, { mode: 0o600 })
  if (runner.how === 'nobody') for (const file of [folder, secret]) chownSync(file, 65534, 65534)
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C.UTF-8']
  const auth = ['--username=amanat_owner', '--auth=scram-sha-256', `--pwfile=${secret}`]
  const call = runner.wrap(path.join(native, 'bin/initdb'), [
    '-D',
    fresh,
    '-E',
    'UTF8',
    ...locale,
    '--data-checksums',
    ...auth,
  ])
  try {
    await run(call.command, call.args, pick(call))
    renameSync(fresh, data)
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? error)
    await rm(fresh, { recursive: true, force: true })
    throw startRefusal(said)
  } finally {
    rmSync(secret, { force: true })
  }
}

async function launch(
  native: string,
  runner: Runner,
  options: ClusterOptions,
  data: string,
  host: string,
): Promise<void> {
  // Left to PostgreSQL, which also looks for orphans that still hold its memory; but it would mistake another
  // program that was given the same process id for itself.
  const stale = readPid(data)
  if (stale !== null && existsSync(`/proc/${stale}`))
    rmSync(path.join(data, 'postmaster.pid'), { force: true })
  const durability = options.durable
    ? {}
    : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }
  const settings = { ...SETTINGS, ...durability, unix_socket_directories: host, ...options.settings }
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  const call = runner.wrap(path.join(native, 'bin/postgres'), ['-D', data, ...flags])
  const log = openSync(path.join(options.folder, 'server.log'), 'a', 0o600)
  try {
    // A session of its own: Ctrl-C must reach the desk first, which then stops the database in order.
    const child = spawn(call.command, call.args, {
      ...pick(call),
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.once('error', () => undefined) // untilReady reports it, with the log
    child.unref()
  } finally {
    closeSync(log)
  }
}

async function untilReady(cluster: Address, folder: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  let last: unknown
  for (let waitMs = 10; Date.now() < deadline; waitMs = Math.min(waitMs * 1.5, 250)) {
    const client = new pg.Client({ ...pickAddress(cluster), database: 'postgres' })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      last = error
      if ((error as { code?: string }).code === '28P01') break
      const pid = readPid(path.join(folder, 'data'))
      if (Date.now() > deadline - START_TIMEOUT_MS + 3000 && (pid === null || !isAlive(pid))) break
    }
    await sleep(waitMs)
  }
  const logFile = path.join(folder, 'server.log')
  const tail = existsSync(logFile)
    ? readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
    : ''
  throw startRefusal(`${String(last)}\n${tail}`)
}

function startRefusal(said: string): Refusal {
  if (/No space left on device/.test(said)) {
    return new Refusal(
      'disk_full',
      'The disk that holds the desk is full. Nothing was changed. Free some space, then start again.',
    )
  }
  return new Refusal(
    'postgres_start',
    `The embedded PostgreSQL did not start. Nothing was changed. It said:\n${said.trim()}`,
  )
}

async function stopCluster(data: string): Promise<void> {
  const pid = readPid(data)
  if (pid === null || !isAlive(pid)) return
  process.kill(pid, 'SIGINT')
  const deadline = Date.now() + STOP_TIMEOUT_MS
  while (isAlive(pid) && existsSync(path.join(data, 'postmaster.pid'))) {
    if (Date.now() > deadline)
      throw new Error(`PostgreSQL (pid ${pid}) did not stop within ${STOP_TIMEOUT_MS} ms`)
    await sleep(10)
  }
}

function readPid(data: string): number | null {
  const file = path.join(data, 'postmaster.pid')
  if (!existsSync(file)) return null
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  return Number.isInteger(pid) && pid > 1 ? pid : null
}

function lives(data: string): boolean {
  const pid = readPid(data)
  return pid !== null && isAlive(pid)
}

/** True where the process lives and is a PostgreSQL: after a reboot the id may be another program's. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const comm = `/proc/${pid}/comm`
  if (!existsSync(comm)) return process.platform !== 'linux'
  const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
  return readFileSync(comm, 'utf8').startsWith('postgres') && state !== 'Z'
}

function pick(call: { uid?: number; gid?: number }): { uid?: number; gid?: number } {
  return call.uid === undefined || call.gid === undefined ? {} : { uid: call.uid, gid: call.gid }
}

function pickAddress(cluster: Address): pg.ClientConfig {
  return { host: cluster.host, port: cluster.port, user: cluster.user, password: cluster.password }
}
