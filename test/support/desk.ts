import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type pg from 'pg'
import { uuidV7 } from '../../src/base/ids.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { connect } from '../../src/platform/connect.ts'
import { createLogger } from '../../src/platform/log.ts'
import { openLogin } from '../../src/platform/logins.ts'
import type { Desk } from '../../src/platform/tx.ts'
import { cloneDatabase, testServer } from './cluster.ts'

export interface TestDesk extends Desk {
  /** Connects as the owner of every table: for arranging attacks, never for what is under test. */
  readonly owner: pg.ClientConfig
  /** The application's login, for what makes connections of its own (job workers). */
  readonly login: pg.ClientConfig
  /** Moves the desk's clock by so many milliseconds. */
  advance(ms: number): void
}

/**
 * A desk of its own for one test (or one file): a cloned database behind the application's login, an empty
 * folder, a key of its own. Everything is removed when the test ends.
 */
export async function createTestDesk(t: Pick<TestContext, 'after'>): Promise<TestDesk> {
  const database = await cloneDatabase(await testServer())
  const login = await openLogin(database.owner, 'app', randomBytes(12).toString('hex'))
  const { db } = connect(login, 10)
  const home = mkdtempSync(path.join(tmpdir(), 'amanat-test-'))
  const stop = new AbortController()
  const keys = generateKeyPairSync('ed25519')
  const rawPublicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const keyId = createHash('sha256').update(rawPublicKey).digest('hex')
  let offsetMs = 0
  t.after(async () => {
    stop.abort()
    await db.destroy()
    await database.drop()
    rmSync(home, { recursive: true, force: true })
  })
  const now = (): Date => new Date(Date.now() + offsetMs)
  return {
    db,
    home,
    now,
    config: loadConfig(home, {}),
    random: (bytes) => randomBytes(bytes),
    newId: () => uuidV7(now().getTime(), randomBytes(10)),
    log: createLogger('silent'),
    entryKey: { keyId, sign: (message) => sign(null, message, keys.privateKey) },
    signal: stop.signal,
    owner: database.owner,
    login,
    advance: (ms) => void (offsetMs += ms),
  }
}
