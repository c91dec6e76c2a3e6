import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect as connectTo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createPlace, writeTexts } from './process.ts'

/** Debian's PostgreSQL, the newest that is installed. */
const binaries = globSync('/usr/lib/postgresql/*/bin/postgres')
  .map((file) => path.dirname(file))
  .filter((folder) => Number(folder.split('/')[4]) >= 15)
  .toSorted()
  .at(-1)
const isRoot = process.getuid?.() === 0
const skip = binaries ? false : 'no PostgreSQL of Debian’s is installed (postgresql-15)'

interface External {
  readonly folder: string
  readonly admin: pg.ClientConfig
  /** An address as people write it into DATABASE_URL. */
  url(user: string, database: string, folder?: string): string
}

/** A server of its own: no TCP, a socket in a temporary folder, without fsync. */
async function startExternal(t: TestContext): Promise<External> {
  const folder = mkdtempSync(path.join(tmpdir(), 'amanat-external-'))
  const who = isRoot
    ? {
        uid: Number(execFileSync('id', ['-u', 'postgres'])),
        gid: Number(execFileSync('id', ['-g', 'postgres'])),
      }
    : {}
  if (isRoot) chownSync(folder, who.uid ?? 0, who.gid ?? 0)
  chmodSync(folder, 0o755)
  const data = path.join(folder, 'data')
  const initialise = ['-D', data, '-U', 'admin', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
  execFileSync(path.join(binaries ?? '', 'initdb'), initialise, { ...who, stdio: 'ignore', cwd: '/' })
  const flags = ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=off']
  const server = spawn(path.join(binaries ?? '', 'postgres'), ['-D', data, ...flags], {
    ...who,
    stdio: 'ignore',
    cwd: '/',
  })
  t.after(async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGQUIT')
    await gone
    rmSync(folder, { recursive: true, force: true })
  })
  const admin = { host: folder, port: 5432, user: 'admin', database: 'postgres' }
  await untilServes(admin)
  const url = (user: string, database: string, at = folder): string =>
    `postgresql://${user}:secret@localhost:5432/${database}?host=${encodeURIComponent(at)}`
  return { folder, admin, url }
}

async function untilServes(admin: pg.ClientConfig): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await asAdmin(admin, ['select 1'])
    } catch (error) {
      if (tries === 400) throw error
      await sleep(50)
    }
  }
}

async function asAdmin(admin: pg.ClientConfig, statements: readonly string[]): Promise<void> {
  const client = new pg.Client(admin)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

test('the main job on an external PostgreSQL, whose owner is no superuser', { skip }, async (t) => {
  const external = await startExternal(t)
  await asAdmin(external.admin, [
    'create role desk_owner login createrole',
    "create database desk owner desk_owner encoding 'UTF8' template template0",
  ])
  const place = createPlace(t, { DATABASE_URL: external.url('desk_owner', 'desk') })
  writeTexts(place.files, 3, 'kept')
  const into = ['--collection', 'Fictional', '--source', 'Fictional', '--create', '--json']
  const taken = await place.run(['intake', place.files, ...into])
  assert.equal(taken.code, 0, taken.err)
  const { batch } = JSON.parse(taken.out) as { batch: string }
  assert.equal((await place.run(['register', '--batch', batch])).code, 0)
  const found = await place.json<{ subjects: number }>(['search', 'kept'])
  assert.equal(found.subjects, 3)
  const audit = await place.run(['audit'])
  assert.equal(audit.code, 0, audit.out + audit.err)
  assert.ok(!existsSync(path.join(place.home, 'postgres')), 'no embedded server beside it')
  assert.equal((await place.run(['stop'])).code, 0)
  assert.equal((await place.json<{ subjects: number }>(['search', 'kept'])).subjects, 3, 'after a new start')
})

test('an external PostgreSQL that cannot serve is refused with the remedy', { skip }, async (t) => {
  const external = await startExternal(t)
  await asAdmin(external.admin, ['create role plain login', 'create database desk owner plain'])
  const refused = async (url: string, code: string, words: RegExp): Promise<void> => {
    const place = createPlace(t, { DATABASE_URL: url })
    const ran = await place.run(['collections', '--json'])
    assert.equal(ran.code, 7, ran.err)
    assert.equal((JSON.parse(ran.out) as { refused: string }).refused, code, ran.err)
    assert.match(ran.err, words)
    assert.doesNotMatch(ran.err, /secret/, 'the password is not repeated')
  }
  await refused(external.url('plain', 'desk'), 'postgres_login', /ALTER ROLE "plain" CREATEROLE;/)
  await refused(external.url('plain', 'nowhere'), 'database_lost', /DATABASE_URL/)
  await refused(external.url('plain', 'desk', '/nonexistent'), 'database_lost', /DATABASE_URL/)
  const older = await actAsVersion14(t, external.folder)
  await refused(external.url('admin', 'desk', older), 'postgres_version', /PostgreSQL 14.*15 or newer/)
})

/** Passes everything on, but lets the server say that it is version 14. Returns the folder of its socket. */
async function actAsVersion14(t: TestContext, folder: string): Promise<string> {
  const own = path.join(folder, 'older')
  mkdirSync(own)
  const target = path.join(folder, '.s.PGSQL.5432')
  const proxy = createServer((client) => {
    const server = connectTo(target)
    const end = (): void => void (client.destroy(), server.destroy())
    client.on('error', end).on('close', end).pipe(server)
    server.on('error', end).on('close', end)
    server.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1').replace(/(?<!\d)1[5-9](\d{4})(?!\d)/g, '14$1')
      client.write(Buffer.from(text, 'latin1'))
    })
  })
  await new Promise<void>((resolve) => proxy.listen(path.join(own, '.s.PGSQL.5432'), resolve))
  t.after(() => proxy.close())
  return own
}
