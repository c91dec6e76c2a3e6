import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { CompiledQuery, sql } from 'kysely'
import pg from 'pg'
import { createTestDesk, type TestDesk } from '../../test/support/desk.ts'
import { SYSTEM_ACTOR } from './actor.ts'
import { inTransaction, type Tx } from './tx.ts'

const NOTE = '/* held: test_note */ insert into public.note (said) values ($1)'
const DIVIDE = '/* held: test_divide */ select 1 / $1::integer'

/** A desk with a table of notes, of which said is unique. */
async function notingDesk(t: TestContext): Promise<TestDesk> {
  const desk = await createTestDesk(t)
  const owner = new pg.Client(desk.owner)
  await owner.connect()
  await owner.query(
    'create table public.note (said text primary key); grant select, insert on public.note to public',
  )
  await owner.end()
  return desk
}

function note(tx: Tx, said: string, text = NOTE): Promise<unknown> {
  return tx.sql.executeQuery(CompiledQuery.raw(text, [said]))
}

async function notes(desk: Pick<TestDesk, 'db'>): Promise<string[]> {
  const found = await sql<{ said: string }>`select said from public.note order by said`.execute(desk.db)
  return found.rows.map((row) => row.said)
}

test('what is held goes with the commit: one round trip, in order, all or nothing', async (t) => {
  const desk = await notingDesk(t)
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => note(tx, 'first on its connection'))
  const calls = t.mock.method(pg.Client.prototype, 'query')
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await note(tx, 'a')
    await note(tx, 'b')
  })
  assert.equal(calls.mock.callCount(), 1)
  calls.mock.restore()
  const twice = inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await note(tx, 'c')
    await note(tx, 'a')
  })
  await assert.rejects(twice, /duplicate key/)
  assert.deepEqual(await notes(desk), ['a', 'b', 'first on its connection'])
  assert.ok(!(await actorNow(desk)), 'nobody acts on the connection afterwards')
})

test('a statement sees what was held before it, and is not run where that fails', async (t) => {
  const desk = await notingDesk(t)
  for (const round of ['new connection', 'known connection']) {
    await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
      await note(tx, round)
      assert.ok((await notes({ db: tx.sql })).includes(round))
      assert.equal(await actorNow({ db: tx.sql }), SYSTEM_ACTOR.id)
    })
    const kept = await notes(desk)
    const failing = inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
      await note(tx, '0', DIVIDE)
      await sql`insert into public.note (said) values (${`after ${round}`})`.execute(tx.sql)
    })
    await assert.rejects(failing, /division by zero/)
    assert.deepEqual(await notes(desk), kept)
  }
})

test('a text with several statements and no parameters runs after what was held', async (t) => {
  const desk = await notingDesk(t)
  for (const said of ['a', 'b']) {
    await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
      await note(tx, said)
      await sql
        .raw(`insert into public.note values ('${said}1'); insert into public.note values ('${said}2')`)
        .execute(tx.sql)
    })
  }
  assert.deepEqual(await notes(desk), ['a', 'a1', 'a2', 'b', 'b1', 'b2'])
})

test('a transaction in which a statement failed is never taken for committed', async (t) => {
  const desk = await notingDesk(t)
  let ran = false
  const swallowing = inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    tx.afterCommit(() => (ran = true))
    await note(tx, 'lost')
    await sql`select 1 / 0`.execute(tx.sql).catch(() => undefined)
  })
  await assert.rejects(swallowing, /was not committed/)
  assert.deepEqual([await notes(desk), ran], [[], false])
})

test('what was held is dropped by a rollback and never reaches the next transaction', async (t) => {
  const desk = await notingDesk(t)
  for (const isSent of [false, true]) {
    const planned = inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
      if (isSent) await notes({ db: tx.sql })
      await note(tx, 'dropped')
      throw new Error('planned')
    })
    await assert.rejects(planned, /planned/)
    await inTransaction(desk, { ...SYSTEM_ACTOR, sessionId: 'next' }, (tx) => note(tx, `kept ${isSent}`))
  }
  assert.deepEqual(await notes(desk), ['kept false', 'kept true'])
})

test('the isolation asked for is the one in force', async (t) => {
  const desk = await createTestDesk(t)
  for (const isolation of ['read committed', 'repeatable read', 'serializable'] as const) {
    const read = sql<{ level: string }>`select current_setting('transaction_isolation') as level`
    const found = await inTransaction(desk, SYSTEM_ACTOR, (tx) => read.execute(tx.sql), isolation)
    assert.equal(found.rows[0]?.level, isolation)
  }
})

test('a connection that ends under a transaction is an error, and the next one works', async (t) => {
  const desk = await notingDesk(t)
  const owner = new pg.Client(desk.owner)
  await owner.connect()
  const cut = inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid where ${true}`.execute(tx.sql)
    await note(tx, 'cut')
    await owner.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid])
  })
  await assert.rejects(cut)
  await owner.end()
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => note(tx, 'next'))
  assert.deepEqual(await notes(desk), ['next'])
})

async function actorNow(desk: Pick<TestDesk, 'db'>): Promise<string | null> {
  const read = sql<{ actor: string | null }>`select current_setting('amanat.actor', true) as actor`
  return (await read.execute(desk.db)).rows[0]?.actor ?? null
}
