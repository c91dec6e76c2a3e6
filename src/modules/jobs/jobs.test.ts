import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import { createTestDesk, type TestDesk } from '../../../test/support/desk.ts'
import { firstAdministrator, join } from '../../../test/support/people.ts'
import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction } from '../../platform/tx.ts'
import { defineJob, type JobKind } from './define.ts'
import { enqueue, enqueueMany } from './enqueue.ts'
import { listJobs, retryJob } from './list.ts'
import { sweepDone } from './sweep.ts'
import { startWorkers } from './workers.ts'

const payload = z.object({ n: z.int() })

async function work(t: TestContext, desk: TestDesk, kinds: readonly JobKind[]): Promise<void> {
  const workers = await startWorkers(desk, desk.login, kinds)
  t.after(() => workers.stop(2000))
}

async function until(holds: () => boolean | Promise<boolean>, words: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return
    await sleep(25)
  }
  assert.fail(`in vain: ${words}`)
}

test('a job runs after the commit of the transaction that added it, and never after a rollback', async (t) => {
  const desk = await createTestDesk(t)
  const ran: number[] = []
  await work(t, desk, [defineJob('test.note', payload, async (_, { n }) => void ran.push(n))])
  const rolledBack = inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await enqueue(tx, 'test.note', { n: 1 }, { key: 'one' })
    throw new Error('planned')
  })
  await assert.rejects(rolledBack, /planned/)
  let pickUpMs = 0
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await enqueue(tx, 'test.note', { n: 2 }, { key: 'two' })
    await sleep(100)
    assert.deepEqual(ran, [], 'not before the commit')
    pickUpMs = performance.now()
  })
  await until(() => ran.length > 0, 'the job ran')
  t.diagnostic(`picked up after ${Math.round(performance.now() - pickUpMs)} ms`)
  await sleep(200)
  assert.deepEqual(ran, [2])
})

test('two waiting jobs never share a key; while one runs, the next may wait', async (t) => {
  const desk = await createTestDesk(t)
  const add = (n: number) =>
    inTransaction(desk, SYSTEM_ACTOR, (tx) => enqueue(tx, 'test.keyed', { n }, { key: 'same' }))
  for (const n of [1, 2, 3]) await add(n)
  const gate = Promise.withResolvers<void>()
  const ran: number[] = []
  const kind = defineJob('test.keyed', payload, async (_, { n }) => {
    ran.push(n)
    if (n === 1) await gate.promise
  })
  await work(t, desk, [kind])
  await until(() => ran.length === 1, 'the first runs')
  await add(4)
  gate.resolve()
  await until(() => ran.length === 2, 'the second runs')
  assert.deepEqual(ran, [1, 4])
})

test('a fault is tried again, then set aside with its error; a refusal is set aside at once; retry runs it', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const tries: number[] = []
  let mended = false
  const kinds = [
    defineJob(
      'test.poison',
      payload,
      async (_, __, job) => {
        tries.push(job.tryNumber)
        if (!mended) throw new Error('the third wheel is off')
      },
      { tries: 2 },
    ),
    defineJob('test.hopeless', payload, async () => {
      throw new Refusal('conflict', 'It will never work.')
    }),
  ]
  await work(t, desk, kinds)
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await enqueue(tx, 'test.poison', { n: 1 }, { key: 'poison' })
    await enqueue(tx, 'test.hopeless', { n: 1 }, { key: 'hopeless' })
  })
  const aside = () => inTransaction(desk, admin, (tx) => listJobs(tx, { state: 'set-aside', limit: 50 }))
  await until(async () => (await aside()).jobs.length === 2, 'both are set aside')
  const { jobs, counts } = await aside()
  assert.deepEqual(tries, [1, 2])
  const poison = jobs.find((job) => job.name === 'test.poison')
  assert.match(poison?.error ?? '', /the third wheel is off/)
  assert.match(jobs.find((job) => job.name === 'test.hopeless')?.error ?? '', /conflict: It will never work/)
  assert.ok(counts.some((count) => count.name === 'test.poison' && count.state === 'set-aside'))
  desk.advance(400 * 86_400_000)
  await sweepDone(desk)
  assert.equal((await aside()).jobs.length, 2, 'what was set aside is never swept')

  mended = true
  await inTransaction(desk, admin, (tx) => retryJob(tx, poison?.id ?? ''))
  await until(async () => (await aside()).jobs.length === 1, 'it ran after all')
})

test('only those with the role see and retry jobs', async (t) => {
  const desk = await createTestDesk(t)
  const analyst = await join(desk, 'analyst', ['analyst'])
  await assert.rejects(
    inTransaction(desk, analyst, (tx) => listJobs(tx, { limit: 1 })),
    { code: 'not_permitted' },
  )
  await assert.rejects(
    inTransaction(desk, analyst, (tx) => retryJob(tx, desk.newId())),
    { code: 'not_permitted' },
  )
})

test('the list pages through every job once', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const jobs = Array.from({ length: 25 }, (_, n) => ({ payload: { n }, key: `k${n}` }))
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => enqueueMany(tx, 'test.listed', jobs))
  const seen: string[] = []
  let after: string | undefined
  do {
    const page = await inTransaction(desk, admin, (tx) => listJobs(tx, { limit: 10, after }))
    seen.push(...page.jobs.map((job) => job.key ?? ''))
    after = page.next ?? undefined
  } while (after !== undefined)
  assert.deepEqual(seen.toSorted(), jobs.map((job) => job.key).toSorted())
})

test('the application’s login owns no job table and cannot change one', async (t) => {
  const desk = await createTestDesk(t)
  await assert.rejects(sql`alter table pgboss.job add column mine text`.execute(desk.db), /must be owner/)
  await assert.rejects(sql`create table pgboss.mine (id int)`.execute(desk.db), /permission denied/)
})
