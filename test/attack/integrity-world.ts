import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createClient, type DeskClient } from '../../src/apps/cli/call.ts'
import { openServer } from '../../src/apps/server/open-database.ts'
import { startDesk, type RunningDesk } from '../../src/apps/server/start.ts'
import { evidenceRoutes } from '../../src/contract/evidence.ts'
import { certifyItem, readAudit, startAudit, startBackup, type Audit } from '../../src/contract/integrity.ts'
import { intakeRoutes } from '../../src/contract/intake.ts'
import { listCompartments } from '../../src/contract/people.ts'
import { restore, type Restored } from '../../src/modules/integrity/restore.ts'
import { integrityOf } from '../../src/modules/integrity/start.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { openKeys } from '../../src/platform/keys/open.ts'
import { createLogger } from '../../src/platform/log.ts'
import { nativePrimitives } from '../../src/platform/primitives-native.ts'
import { policyOfKey } from '../../src/proof/policy.ts'
import { verifyCertificate } from '../../src/proof/verify.ts'
import { readMigrations } from '../../src/platform/migrate.ts'
import { runFiles } from '../../src/platform/run-folder.ts'

export const ROOT = path.join(import.meta.dirname, '../..')
/** Nobody's database: the tests' desks have their own. */
export const ENVIRONMENT = { PATH: process.env['PATH'], AMANAT_PORT: '0', AMANAT_WORKERS: '1' }

export interface Running {
  readonly running: RunningDesk
  /** The local operator, over the socket. */
  readonly client: DeskClient
  stop(): Promise<void>
}

/** A folder of the test's own, gone after it. */
export function temporary(t: Pick<TestContext, 'after'>, name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `amanat-${name}-`))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A whole desk, as `npm start` runs it: embedded PostgreSQL, signer process, workers, socket. */
export async function startWhole(t: Pick<TestContext, 'after'>, home: string): Promise<Running> {
  const running = await startDesk({
    home,
    root: ROOT,
    environment: ENVIRONMENT,
    log: createLogger('fatal'),
  })
  t.after(() => running.stop())
  const token = readFileSync(runFiles(home).token, 'utf8').trim()
  const client = createClient({ words: home, socketPath: running.socket, token })
  return { running, client, stop: () => running.stop() }
}

export type Files = Readonly<Record<string, string | Uint8Array>>

/** Writes files below a new folder beside the desk's; returns it. */
export function lay(t: Pick<TestContext, 'after'>, files: Files): string {
  const folder = temporary(t, 'papers')
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  return folder
}

export interface Taken {
  readonly id: string
  readonly name: string
  readonly number: string | null
}

/** Takes a folder into a collection, one that registers at once unless said; waits until all is read. */
export async function takeIn(
  client: DeskClient,
  collection: string,
  folder: string,
  trustsIntake = true,
): Promise<Taken[]> {
  const collectionId = await collectionOf(client, collection, trustsIntake)
  const batch = await client.call(intakeRoutes.createBatch, {
    body: {
      collectionId,
      sourceId: null,
      label: 'Fictional papers',
      key: path.basename(folder),
      custody: {},
    },
  })
  await client.call(intakeRoutes.receiveLocal, {
    params: { id: batch.id },
    body: { paths: [folder], close: true },
  })
  await until(
    async () => (await client.call(intakeRoutes.readBatch, { params: { id: batch.id } })).state === 'done',
    'the batch is done',
  )
  return itemsOf(client, collectionId)
}

export async function itemsOf(client: DeskClient, collectionId: string): Promise<Taken[]> {
  const { items } = await client.call(evidenceRoutes.listItems, {
    query: { collection: collectionId, limit: 200 },
  })
  return items.map((item) => ({ id: item.id, name: item.name, number: item.registrationNumber }))
}

export async function collectionOf(client: DeskClient, name: string, trustsIntake = true): Promise<string> {
  const { collections } = await client.call(evidenceRoutes.listCollections, { query: { limit: 200 } })
  const found = collections.find((one) => one.name === name)
  if (found) return found.id
  const { compartments } = await client.call(listCompartments)
  const order = { name, compartmentId: compartments[0]!.id, trustsIntake }
  return (await client.call(evidenceRoutes.createCollection, { body: order })).id
}

export async function until(holds: () => Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`after ${ms} ms it is still not so: ${what}`)
    await sleep(60)
  }
}

export async function audited(client: DeskClient): Promise<Audit> {
  let audit = await client.call(startAudit)
  await until(async () => {
    audit = await client.call(readAudit, { params: { id: audit.id } })
    return audit.state !== 'running'
  }, 'the audit ends')
  return audit
}

export const backedUp = (client: DeskClient, to: string) => client.call(startBackup, { body: { to } })

/** As the `restore` verb does on a stopped desk. */
export async function restoreInto(
  home: string,
  from: string,
  options: { incomplete?: boolean } = {},
): Promise<Restored> {
  const keys = await openKeys(home)
  const server = await openServer(home, loadConfig(home, ENVIRONMENT))
  try {
    return await restore({
      from,
      home,
      epochs: keys.epochs,
      owner: server.owner,
      migrations: readMigrations(path.join(ROOT, 'db/migrations')),
      now: new Date(),
      say: () => undefined,
      ...options,
    })
  } finally {
    await server.stop()
  }
}

/** SQL as the owner of every table, past every policy: what a database administrator can do. */
export async function asOwner<Row extends pg.QueryResultRow>(
  running: RunningDesk,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(integrityOf(running.desk).owner)
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

export async function certificateOf(client: DeskClient, id: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of await client.stream(certifyItem, { params: { id } })) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** What the offline verifier says, trusting this log key; `original` null: it is not at hand. */
export async function verdictOf(
  certificate: Uint8Array,
  logKey: string,
  original: string | null,
): Promise<string> {
  const once = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(original ?? '')
  }
  const report = await verifyCertificate(nativePrimitives, {
    certificate,
    original: original === null ? null : once(),
    policy: policyOfKey(nativePrimitives, logKey),
  })
  return report.verdict
}
