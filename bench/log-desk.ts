import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { signerProgram } from '../src/apps/signer/program.ts'
import { uuidV7 } from '../src/base/ids.ts'
import { startSigner } from '../src/modules/ledger/signer-process.ts'
import { startLedger } from '../src/modules/ledger/start.ts'
import { loadConfig } from '../src/platform/config.ts'
import { connect } from '../src/platform/connect.ts'
import { openKeys } from '../src/platform/keys/open.ts'
import { createLogger } from '../src/platform/log.ts'
import { openLogin } from '../src/platform/logins.ts'
import { migrate, readMigrations } from '../src/platform/migrate.ts'
import { startCluster } from '../src/platform/postgres/embedded.ts'
import type { Desk } from '../src/platform/tx.ts'

const ROOT = path.join(import.meta.dirname, '..')

export interface LogBenchDesk {
  readonly desk: Desk
  readonly owner: pg.Client
  readonly ownerLogin: pg.ClientConfig
  readonly logKey: string
  close(): Promise<void>
}

/** A desk on a durable PostgreSQL with signer and sequencer at work, in a folder that goes away with it. */
export async function openLogBenchDesk(): Promise<LogBenchDesk> {
  mkdirSync(path.join(ROOT, '.tmp'), { recursive: true })
  const home = mkdtempSync(path.join(ROOT, '.tmp/bench-log-'))
  const cluster = await startCluster({ folder: path.join(home, 'postgres'), durable: true })
  const { host, port, user, password } = cluster
  const login = { host, port, user, password, database: 'postgres' }
  await migrate(login, readMigrations(path.join(ROOT, 'db/migrations')))
  const owner = new pg.Client(login)
  await owner.connect()
  const app = await openLogin(login, 'app', randomBytes(12).toString('hex'))
  const { db } = connect(app, 10)
  const keys = await openKeys(home)
  const stop = new AbortController()
  const desk: Desk = {
    db,
    home,
    now: () => new Date(),
    config: loadConfig(home, {}),
    random: (bytes) => randomBytes(bytes),
    newId: () => uuidV7(Date.now(), randomBytes(10)),
    log: createLogger('warn'),
    entryKey: keys.entryKey,
    signal: stop.signal,
  }
  const signer = await startSigner({
    program: signerProgram(),
    folder: path.join(home, 'signer'),
    unlock: null,
  })
  const sequencerLogin = await openLogin(login, 'sequencer', randomBytes(12).toString('hex'))
  const sequencer = await startLedger(desk, {
    sequencerLogin,
    signer,
    entryPublicKey: keys.entryKey.publicKey,
  })
  const close = async (): Promise<void> => {
    stop.abort()
    await sequencer.stop()
    await signer.stop()
    await db.destroy()
    await owner.end()
    await cluster.stop()
    rmSync(home, { recursive: true, force: true })
  }
  return { desk, owner, ownerLogin: login, logKey: (await signer.view()).logKey, close }
}
