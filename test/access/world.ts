import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { request } from 'node:http'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { ROLES, type Role } from '../../src/contract/roles.ts'
import { createServer } from '../../src/apps/server/create-server.ts'
import { HANDLERS } from '../../src/apps/server/handlers.ts'
import { listenOnSocket, stopListening } from '../../src/apps/server/listen.ts'
import type { Parts } from '../../src/apps/server/parts.ts'
import { startModules } from '../../src/apps/server/start-modules.ts'
import { StopList } from '../../src/apps/server/stop-list.ts'
import { reindexItems } from '../../src/modules/evidence/index-items.ts'
import { receiveItems, type Arrival } from '../../src/modules/evidence/receive.ts'
import { actorForLocalOperator } from '../../src/modules/identity/local-operator.ts'
import { actorForPerson } from '../../src/modules/identity/resolve.ts'
import { openSession } from '../../src/modules/identity/sessions.ts'
import * as store from '../../src/modules/identity/store.ts'
import { sealBlob } from '../../src/modules/vault/seal.ts'
import { socketFolderFor } from '../../src/platform/postgres/socket-folder.ts'
import { SYSTEM_ACTOR, type Actor } from '../../src/platform/actor.ts'
import { inTransaction, type Tx } from '../../src/platform/tx.ts'
import { openKeys } from '../../src/platform/keys/open.ts'
import { openLogin } from '../../src/platform/logins.ts'
import { createLogger } from '../../src/platform/log.ts'
import { createTestDesk, type TestDesk } from '../support/desk.ts'

/** Stands in every name inside the compartment: an answer that holds it shows something of it. */
export const MARKER = 'Zarnegar'

export type Side = 'inside' | 'outside'
/** One who asks: a role on one side of the compartment, the local operator (inside), or nobody. */
export interface Asker {
  readonly role: Role | 'nobody' | 'local-operator'
  readonly side: Side
}

export interface Answer {
  readonly status: number
  readonly code: string | null
  readonly text: string
}

export interface Call {
  readonly method: string
  readonly url: string
  readonly body?: unknown
  readonly raw?: string
}

/** A desk with one of each role inside a compartment and one of each outside, and things inside it to ask for. */
export interface World {
  readonly desk: TestDesk
  readonly app: FastifyInstance
  /** What the table's `$names` stand for. */
  readonly things: Readonly<Record<string, string>>
  readonly askers: readonly Asker[]
  ask(asker: Asker, call: Call): Promise<Answer>
}

export async function makeWorld(t: TestContext): Promise<World> {
  const desk = await startWorldDesk(t)
  const operator = await actorForLocalOperator(desk)
  const [inside, outside] = [desk.newId(), desk.newId()]
  const askers = ROLES.flatMap((role) => [
    { role, side: 'inside' } as const,
    { role, side: 'outside' } as const,
  ])
  const cookies = new Map<string, string>()
  const ids = new Map<string, string>()
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await makeCompartment(tx, inside, `Inside ${MARKER}`)
    await makeCompartment(tx, outside, 'Outside')
    await store.insertMember(tx, inside, operator.id, desk.now())
    for (const asker of askers) {
      const id = await makePerson(tx, asker.role, asker.side === 'inside' ? inside : outside, asker.side)
      ids.set(nameOf(asker), id)
      cookies.set(nameOf(asker), `amanat=${(await openSession(tx, id, ['password'], true, 'test')).secret}`)
    }
    ids.set('scapegoat', await makePerson(tx, 'partner', inside, 'inside'))
  })
  const operatorToken = 'the-token-of-this-run-for-the-test'
  const parts: Parts = {
    health: [],
    publicUrl: () => new URL('http://127.0.0.1:7420/'),
    operatorToken,
    closing: new AbortController().signal,
    deskFolder: null,
  }
  const { app } = await createServer(desk, parts, HANDLERS)
  const socket = path.join(socketFolderFor(path.join(desk.home, 'run')), 'desk.sock')
  const server = await listenOnSocket(app, socket)
  t.after(async () => {
    await stopListening(server, 100)
    await app.close()
    rmSync(`${desk.home}-backup`, { recursive: true, force: true })
  })
  const ask = (asker: Asker, call: Call): Promise<Answer> =>
    asker.role === 'local-operator'
      ? askOverSocket(socket, operatorToken, call)
      : askInjected(app, cookies.get(nameOf(asker)) ?? null, call)
  const officer = await actorForPerson(desk, ids.get('evidence-officer inside') ?? '')
  if (!officer) throw new Error('the officer is missing')
  const people = Object.fromEntries([...ids].map(([name, id]) => [name.replaceAll(/[^a-z]/g, ''), id]))
  const things = {
    ...people,
    inside,
    scapegoat: ids.get('scapegoat') ?? '',
    ...(await makeThings(desk, officer, inside, ask)),
  }
  const everyone: Asker[] = [
    { role: 'nobody', side: 'outside' },
    ...askers,
    { role: 'local-operator', side: 'inside' },
  ]
  return { desk, app, things, askers: everyone, ask }
}

/** A test's desk with everything behind the routes running as `startDesk` has it. */
async function startWorldDesk(t: TestContext): Promise<TestDesk> {
  const bare = await createTestDesk(t)
  const keys = await openKeys(bare.home)
  const log = createLogger(process.env['AMANAT_TEST_LOG'] ?? 'silent')
  const desk: TestDesk = { ...bare, log, entryKey: keys.entryKey }
  const sequencer = await openLogin(bare.owner, 'sequencer', randomBytes(12).toString('hex'))
  const stops = new StopList()
  t.after(() => stops.run())
  await startModules(desk, keys, { owner: bare.owner, app: bare.login, sequencer }, stops)
  return desk
}

export function nameOf(asker: Asker): string {
  return `${asker.role} ${asker.side}`
}

async function makeCompartment(tx: Tx, id: string, name: string): Promise<void> {
  const row = { id, name, kind: 'ordinary', created_by: SYSTEM_ACTOR.id, created_at: tx.desk.now() }
  await store.insertCompartment(tx, row)
}

async function makePerson(tx: Tx, role: Role, compartmentId: string, side: Side): Promise<string> {
  const id = tx.desk.newId()
  const at = tx.desk.now()
  const name = `Fictional ${role} ${side} ${id}`
  await store.insertPerson(tx, { id, kind: 'person', name, sign_in_name: id, created_at: at })
  await store.giveRoles(tx, id, [role], at)
  await store.insertMember(tx, compartmentId, id, at)
  return id
}

/** Things inside the compartment, made through the interface where it makes them. */
async function makeThings(
  desk: TestDesk,
  officer: Actor,
  inside: string,
  ask: World['ask'],
): Promise<Record<string, string>> {
  const asker: Asker = { role: 'evidence-officer', side: 'inside' }
  const make = async (method: string, url: string, body: unknown): Promise<string> => {
    const answer = await ask(asker, { method, url, body })
    if (answer.status !== 200) throw new Error(`${method} ${url}: ${answer.text}`)
    const made = JSON.parse(answer.text) as { id?: string; itemId?: string }
    return made.id ?? made.itemId ?? ''
  }
  const collection = await make('POST', '/api/collections', {
    name: `Collection ${MARKER}`,
    compartmentId: inside,
  })
  const source = await make('POST', '/api/sources', { kind: 'device', compartmentId: inside, note: MARKER })
  const thing = await make('POST', '/api/items/physical', {
    collectionId: collection,
    name: `Phone ${MARKER}`,
  })
  const item = desk.newId()
  const blob = await sealBlob(desk, [Buffer.from(`the words of ${MARKER}`)])
  const arrival: Arrival = {
    id: item,
    blob,
    collectionId: collection,
    compartmentId: inside,
    classification: 'confidential',
    sourceId: null,
    batchId: desk.newId(),
    fileId: null,
    parentId: null,
    depth: 0,
    path: `${MARKER}.txt`,
    pathBytes: null,
    custody: {},
    quarantine: null,
    number: null,
  }
  await inTransaction(desk, officer, (tx) => receiveItems(tx, [arrival]))
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => reindexItems(tx, [item, thing]))
  await make('POST', '/api/items/register', { items: [item] })
  const found = await ask(asker, { method: 'GET', url: `/api/items/${item}` })
  const number = (JSON.parse(found.text) as { registrationNumber: string }).registrationNumber
  const tomorrow = new Date(desk.now().getTime() + 86_400_000).toISOString()
  const batch = await make('POST', '/api/batches', {
    collectionId: collection,
    label: `Batch ${MARKER}`,
    key: 'the-batch-of-the-matrix',
  })
  const listed = await ask(asker, {
    method: 'POST',
    url: `/api/batches/${batch}/files`,
    body: { files: [{ path: 'a.txt', sizeBytes: 3 }] },
  })
  const [file] = (JSON.parse(listed.text) as { files: { id: string }[] }).files
  // A folder that the desk's own machine has backed up into: over the network only such a one may be named.
  const folder = `${desk.home}-backup`
  await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    tx.sql
      .insertInto('integrity.backup')
      .values({
        id: desk.newId(),
        made_at: desk.now(),
        made_by: SYSTEM_ACTOR.id,
        folder,
        tree_size: 0,
        epoch_id: 'none',
      })
      .execute(),
  )
  return {
    collection,
    source,
    thing,
    item,
    number,
    tomorrow,
    batch,
    file: file?.id ?? '',
    folder,
    unknown: desk.newId(),
  }
}

async function askInjected(app: FastifyInstance, cookie: string | null, call: Call): Promise<Answer> {
  const answer = await app.inject({
    method: call.method as NonNullable<InjectOptions['method']>,
    url: call.url,
    headers: { host: '127.0.0.1', 'x-amanat': 'desk', ...typeOf(call), ...(cookie ? { cookie } : {}) },
    ...(call.body === undefined && call.raw === undefined
      ? {}
      : { payload: call.raw ?? (call.body as object) }),
  })
  return answered(answer.statusCode, answer.body)
}

function askOverSocket(socketPath: string, token: string, call: Call): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}`, ...typeOf(call) }
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: call.method, path: call.url, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve(answered(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(call.raw ?? (call.body === undefined ? undefined : JSON.stringify(call.body)))
  })
}

function typeOf(call: Call): Record<string, string> {
  if (call.raw !== undefined) return { 'content-type': 'application/octet-stream' }
  return call.body === undefined ? {} : { 'content-type': 'application/json' }
}

function answered(status: number, text: string): Answer {
  try {
    const { code } = JSON.parse(text) as { code?: string }
    return { status, code: status >= 400 ? (code ?? null) : null, text }
  } catch {
    return { status, code: null, text }
  }
}
