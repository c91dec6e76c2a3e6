import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { createTestDesk } from '../../test/support/desk.ts'
import { SYSTEM_ACTOR } from './actor.ts'
import { inTransaction } from './tx.ts'

test('the actor is set inside its transaction and gone after it, on the same connection', async (t) => {
  const desk = await createTestDesk(t)
  const read = sql<{ actor: string | null }>`select current_setting('amanat.actor', true) as actor`
  const inside = await inTransaction(
    desk,
    SYSTEM_ACTOR,
    async (tx) => (await read.execute(tx.sql)).rows[0]?.actor,
  )
  assert.equal(inside, SYSTEM_ACTOR.id)
  const after = (await read.execute(desk.db)).rows[0]?.actor
  assert.ok(!after)
})

test('after-commit hooks run after a commit and never after a rollback', async (t) => {
  const desk = await createTestDesk(t)
  const ran: string[] = []
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => tx.afterCommit(() => ran.push('committed')))
  const rollback = inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    tx.afterCommit(() => ran.push('rolled back'))
    throw new Error('planned')
  })
  await assert.rejects(rollback, /planned/)
  assert.deepEqual(ran, ['committed'])
})

test('the application login owns nothing', async (t) => {
  const desk = await createTestDesk(t)
  const owned = await sql`select 1 from pg_class where relowner = current_user::regrole`.execute(desk.db)
  assert.equal(owned.rows.length, 0)
})
