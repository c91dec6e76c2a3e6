import pg from 'pg'
import { append, appendMany, type NewEntry } from '../src/modules/ledger/append.ts'
import { readCheckpoint, waitSealed } from '../src/modules/ledger/read.ts'
import { verifyLog } from '../src/modules/ledger/verify-log.ts'
import { SYSTEM_ACTOR } from '../src/platform/actor.ts'
import { inTransaction, type Desk } from '../src/platform/tx.ts'
import { openLogBenchDesk, type LogBenchDesk } from './log-desk.ts'
import { percentile, type Bench, type BenchRow } from './table.ts'

const WRITERS = 8
const BATCH = 100

/** The log under load: one entry a commit, entries in batches, how soon they are sealed, the whole read again. */
export const bench: Bench = async ({ small, say }) => {
  const made = await openLogBenchDesk()
  try {
    const seconds = small ? 3 : 10
    await single(made.desk, 1)
    const plain = await plainCommits(made, seconds)
    say(`plain inserts: ${Math.round(plain)}/s`)
    const one = await single(made.desk, seconds)
    say(`one entry a commit: ${Math.round(one)}/s`)
    const batched = await batches(made.desk, seconds)
    say(`in batches: ${Math.round(batched)}/s`)
    const delays = await sealing(made.desk, small ? 10 : 40)
    const verify = await verifying(made)
    return [
      {
        title: `Log: ${WRITERS} writers in one process, sequencer and signer at work`,
        rows: [
          row('one entry a commit', one, { bar: '≥ 2,500/s', met: one >= 2500 }, plain),
          row(`${BATCH} entries a commit`, batched, { bar: '≥ 10,000/s', met: batched >= 10_000 }, plain),
          {
            name: 'commit to sealed, one entry alone, p50',
            value: percentile(delays, 0.5),
            unit: 'ms',
            bar: '< 1,000 ms',
            met: percentile(delays, 0.5) < 1000,
          },
          { name: 'the same, p95', value: percentile(delays, 0.95), unit: 'ms' },
          { name: 'reading the whole log and its rows again', value: verify, unit: 'entries/s' },
        ],
      },
    ]
  } finally {
    await made.close()
  }
}

function row(name: string, value: number, judged: { bar: string; met: boolean }, plain: number): BenchRow {
  return {
    name,
    value,
    unit: 'entries/s',
    baseline: { name: 'plain insert and commit', value: plain },
    ...judged,
  }
}

function entry(at: number): NewEntry {
  return {
    kind: 'evidence.item.described',
    subjects: [{ type: 'item', id: `bench-${at % 1000}` }],
    detail: { at },
  }
}

/** So many writers side by side for so long; how many entries a second were acknowledged. */
async function during(seconds: number, write: (writer: number) => Promise<number>): Promise<number> {
  const start = performance.now()
  const end = start + seconds * 1000
  let done = 0
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      while (performance.now() < end) {
        const written = await write(writer) // `done += await …` would lose what others counted meanwhile
        done += written
      }
    }),
  )
  return (done * 1000) / (performance.now() - start)
}

function single(desk: Desk, seconds: number): Promise<number> {
  let at = 0
  return during(seconds, async () => {
    await inTransaction(desk, SYSTEM_ACTOR, (tx) => append(tx, entry(at++)))
    return 1
  })
}

function batches(desk: Desk, seconds: number): Promise<number> {
  return during(seconds, async () => {
    await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
      appendMany(
        tx,
        Array.from({ length: BATCH }, (_, at) => entry(at)),
      ),
    )
    return BATCH
  })
}

/** The baseline: a row of the size of an entry, begin – insert – commit. */
async function plainCommits(made: LogBenchDesk, seconds: number): Promise<number> {
  await made.owner.query('create table public.plain (id bigserial primary key, body bytea)')
  const pool = new pg.Pool({ ...made.ownerLogin, max: WRITERS })
  const body = Buffer.alloc(1000, 7)
  try {
    return await during(seconds, async () => {
      const client = await pool.connect()
      await client.query('begin')
      await client.query('insert into public.plain (body) values ($1)', [body])
      await client.query('commit')
      client.release()
      return 1
    })
  } finally {
    await pool.end()
  }
}

async function sealing(desk: Desk, times: number): Promise<number[]> {
  await waitSealed(desk, await inTransaction(desk, SYSTEM_ACTOR, (tx) => append(tx, entry(0))), 120_000)
  const delays: number[] = []
  for (let at = 0; at < times; at++) {
    const id = await inTransaction(desk, SYSTEM_ACTOR, (tx) => append(tx, entry(at)))
    const start = performance.now()
    await waitSealed(desk, id)
    delays.push(performance.now() - start)
  }
  return delays
}

async function verifying(made: LogBenchDesk): Promise<number> {
  const { size } = await readCheckpoint(made.desk)
  const start = performance.now()
  const report = await verifyLog(made.desk, made.logKey)
  if (report.problems.length > 0)
    throw new Error(`the log is not whole: ${JSON.stringify(report.problems[0])}`)
  return (size * 1000) / (performance.now() - start)
}
