import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { inDatabase, testServer } from '../../../test/support/cluster.ts'
import { rewriteTables } from './rewrite-tables.ts'

async function run(config: pg.ClientConfig, ...texts: string[]): Promise<void> {
  const client = new pg.Client(config)
  await client.connect()
  try {
    for (const text of texts) await client.query(text)
  } finally {
    await client.end()
  }
}

/** A database with one table, owned by a login of an external server: it owns the database and nothing more. */
async function externalDatabase(
  t: TestContext,
): Promise<{ owner: pg.ClientConfig; server: pg.ClientConfig }> {
  const server = await testServer()
  const [name, password] = [`amanat_plain_${randomBytes(5).toString('hex')}`, randomBytes(9).toString('hex')]
  await run(
    server,
    `create role ${name} login password '${password}'`,
    `create database ${name} owner ${name}`,
  )
  t.after(() => run(server, `drop database if exists ${name} with (force)`, `drop role ${name}`))
  const here = inDatabase(server, name)
  const owner = { ...here, user: name, password }
  await run(
    owner,
    'create schema papers',
    'create table papers.page (words text)',
    `insert into papers.page select 'zarqashvin ' || n from generate_series(1, 500) n`,
    'analyze papers.page',
    'delete from papers.page',
  )
  return { owner, server: here }
}

async function sizeOf(owner: pg.ClientConfig): Promise<{ bytes: number; samples: number }> {
  const client = new pg.Client(owner)
  await client.connect()
  try {
    const found = await client.query<{ bytes: number; samples: number }>(
      `select pg_relation_size('papers.page')::int as bytes,
        (select count(*)::int from pg_stats where schemaname = 'papers') as samples`,
    )
    return found.rows[0]!
  } finally {
    await client.end()
  }
}

test('a login without rights to the whole server rewrites its tables and says what it could not do', async (t) => {
  const { owner, server } = await externalDatabase(t)
  const left = await rewriteTables(owner, ['papers'])
  assert.equal((await sizeOf(owner)).bytes, 0)
  for (const what of [/statistics/, /write-ahead log/])
    assert.ok(
      left.some((one) => what.test(one)),
      `${what} in ${left.join('; ')}`,
    )
  assert.deepEqual(await rewriteTables(server, ['papers']), [])
  assert.deepEqual(await sizeOf(owner), { bytes: 0, samples: 0 })
})

test('a session that still sees the rows is waited for', async (t) => {
  const { server } = await externalDatabase(t)
  await run(server, `insert into papers.page values ('zarqashvin')`)
  const reader = new pg.Client(server)
  await reader.connect()
  await reader.query('begin isolation level repeatable read')
  await reader.query('select 1')
  await run(server, 'delete from papers.page')
  let ended = false
  const work = rewriteTables(server, ['papers']).finally(() => (ended = true))
  await sleep(700)
  assert.equal(ended, false)
  await reader.end()
  assert.deepEqual(await work, [])
  assert.equal((await sizeOf(server)).bytes, 0)
})
