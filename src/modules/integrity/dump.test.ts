import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { cloneDatabase, testServer } from '../../../test/support/cluster.ts'
import { dumpDatabase, loadDatabase } from './dump.ts'

async function open(config: pg.ClientConfig, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(config)
  await client.connect()
  await work(client).finally(() => client.end())
}

async function plant(config: pg.ClientConfig): Promise<void> {
  await open(config, async (client) => {
    await client.query(`insert into vault.blob (address, size_bytes, epoch_id, wrapped_key, kept_at)
      select lpad(to_hex(n), 64, '0'), n, 'e', decode('00ff0a0d', 'hex'), now() from generate_series(1, 5000) n`)
    await client.query(
      `insert into ledger.head (origin, size, root, note, published_at) values ('نمونه', 0, decode(repeat('ab', 32), 'hex'), E'a\\nb', now())`,
    )
  })
}

test('a dump restores every row, and reads one moment', async (t) => {
  const server = await testServer()
  const [one, two] = [await cloneDatabase(server), await cloneDatabase(server)]
  t.after(() => Promise.all([one.drop(), two.drop()]))
  await plant(one.owner)
  const { moment, bytes } = await dumpDatabase(
    one.owner,
    async (client) => (await client.query('select count(*)::int as n from vault.blob')).rows[0].n as number,
  )
  assert.equal(moment, 5000)
  await open(one.owner, async (client) => void (await client.query('delete from vault.blob')))
  const loaded = await loadDatabase(two.owner, bytes)
  assert.ok(loaded.rows >= 5001)
  await open(two.owner, async (client) => {
    const answer = await client.query(
      `select count(*)::int as n, sum(size_bytes)::int as sum, (select origin from ledger.head) as origin from vault.blob`,
    )
    assert.deepEqual(answer.rows[0], { n: 5000, sum: 12_502_500, origin: 'نمونه' })
  })
})

test('a dump that is cut or changed in its frame restores nothing', async (t) => {
  const server = await testServer()
  const [one, two] = [await cloneDatabase(server), await cloneDatabase(server)]
  t.after(() => Promise.all([one.drop(), two.drop()]))
  await plant(one.owner)
  const { bytes } = await dumpDatabase(one.owner, async () => null)
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  const whole = Buffer.concat(parts)
  const give = async function* (upTo: number): AsyncGenerator<Uint8Array> {
    yield whole.subarray(0, upTo)
  }
  for (const share of [0, 0.2, 0.5, 0.9, 0.9999]) {
    await assert.rejects(loadDatabase(two.owner, give(Math.floor(whole.length * share))), {
      code: 'backup_damaged',
    })
  }
  await open(two.owner, async (client) =>
    assert.equal((await client.query('select count(*)::int as n from vault.blob')).rows[0].n, 0),
  )
  await loadDatabase(two.owner, give(whole.length))
})
