import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { createBatch } from '../src/modules/intake/batches.ts'
import { receiveLocal, takeLocal } from '../src/modules/intake/local.ts'
import { closeWorkshops } from '../src/modules/intake/pools.ts'
import { readTasks } from '../src/modules/intake/read-tasks.ts'
import { readReceipt } from '../src/modules/intake/receipt.ts'
import { sealBlob } from '../src/modules/vault/seal.ts'
import { inTransaction } from '../src/platform/tx.ts'
import { openEvidenceBench, type EvidenceBench } from './intake-desk.ts'
import type { Bench, BenchRow } from './table.ts'

const MIB = 1024 ** 2

/** Intake of many small files with extraction and index, and of one large file, each beside copy + fsync. */
export const bench: Bench = async ({ small, say }) => {
  const at = await openEvidenceBench()
  const folder = mkdtempSync(path.join(at.desk.home, 'given-'))
  try {
    const rows = [
      ...(await smallFiles(at, folder, small ? 300 : 2_000, say)),
      await largeFile(at, folder, small ? 256 : 5_120),
    ]
    return [{ title: 'Intake', rows }]
  } finally {
    await closeWorkshops(at.desk)
    rmSync(folder, { recursive: true, force: true })
    await at.close()
  }
}

async function smallFiles(
  at: EvidenceBench,
  home: string,
  count: number,
  say: (line: string) => void,
): Promise<BenchRow[]> {
  const folder = path.join(home, 'many')
  mkdirSync(folder)
  for (let no = 0; no < count; no++) writeFileSync(path.join(folder, nameOf(no)), contentOf(no))
  const copySeconds = await seconds(() => copyAll(folder, path.join(home, 'copies')))
  // The readers are processes that stay warm in a desk that runs.
  await take(at, [path.join(folder, nameOf(0))], 'warm-up-key')
  let received = 0
  const whole = await seconds(async () => {
    received = await take(at, [folder], 'bench-key-0001')
  })
  say(`${count} files received in ${received.toFixed(1)} s, read and indexed after ${whole.toFixed(1)} s`)
  return [
    {
      name: `small files (${count}: text, HTML, mail), received, read, indexed, registered`,
      value: count / whole,
      unit: 'files/s',
      baseline: { name: 'copy + fsync', value: count / copySeconds },
      bar: '≥ 100 documents/s',
      met: count / whole >= 100,
      note: received > whole / 2 ? 'slowest step: receiving' : 'slowest step: reading',
    },
    { name: 'of which durable and acknowledged', value: count / received, unit: 'files/s' },
  ]
}

/** Takes paths in and reads them, side by side as the workers do; seconds until all were received. */
async function take(at: EvidenceBench, paths: readonly string[], key: string): Promise<number> {
  const { desk, officer, collectionId } = at
  const order = { collectionId, sourceId: null, label: 'Bench', key, custody: {} }
  const batch = await inTransaction(desk, officer, (tx) => createBatch(tx, order))
  await inTransaction(desk, officer, (tx) => receiveLocal(tx, batch.id, { paths, close: true }))
  let receiving = true
  let received = 0
  const taking = seconds(() => takeLocal(desk, batch.id, desk.signal)).then((took) => {
    received = took
    receiving = false
  })
  while (receiving) await readTasks(desk, desk.signal)
  await taking
  await readTasks(desk, desk.signal)
  const receipt = await inTransaction(desk, officer, (tx) => readReceipt(tx, batch.id))
  if (receipt.state !== 'done' || receipt.counts.failed > 0) throw new Error(JSON.stringify(receipt.counts))
  return received
}

async function largeFile(at: EvidenceBench, home: string, sizeMib: number): Promise<BenchRow> {
  const file = path.join(home, 'large')
  const handle = await open(file, 'w')
  const block = randomBytes(MIB)
  for (let no = 0; no < sizeMib; no++) await handle.write(block)
  await handle.close()
  const copySeconds = await seconds(() => copyOne(file, path.join(home, 'large-copy')))
  rmSync(path.join(home, 'large-copy'))
  const before = process.memoryUsage.rss()
  const took = await seconds(() => sealBlob(at.desk, createReadStream(file, { highWaterMark: MIB })))
  const grown = (process.memoryUsage.rss() - before) / MIB
  return {
    name: `one file of ${sizeMib} MiB, hashed, sealed, durable`,
    value: sizeMib / took,
    unit: 'MiB/s',
    baseline: { name: 'copy + fsync', value: sizeMib / copySeconds },
    bar: '≥ 0.8 × copy + fsync',
    met: copySeconds / took >= 0.8,
    note: `memory grew by ${grown.toFixed(0)} MiB`,
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}

async function copyAll(from: string, to: string): Promise<void> {
  mkdirSync(to)
  for (const name of readdirSync(from)) await copyOne(path.join(from, name), path.join(to, name))
}

async function copyOne(from: string, to: string): Promise<void> {
  const copy = await open(to, 'w')
  for await (const bytes of createReadStream(from, { highWaterMark: MIB }))
    await copy.write(bytes as Uint8Array)
  await copy.sync()
  await copy.close()
}

const WORDS =
  'village road convoy witness school hospital market bridge commander report evening morning شهر راه خانه مردم'.split(
    ' ',
  )

function contentOf(no: number): string {
  const digest = createHash('sha256').update(String(no)).digest()
  const words = Array.from(
    { length: 400 },
    (_, at) => WORDS[((digest[at % 32] ?? 0) + at * 7) % WORDS.length],
  )
  const text = `Fictional document ${no}. ${words.join(' ')}.`
  if (no % 3 === 0) return text
  if (no % 3 === 1)
    return `<!doctype html><html><head><title>Page ${no}</title></head><body><p>${text}</p></body></html>`
  return `From: a@example.org\r\nTo: b@example.org\r\nSubject: Mail ${no}\r\nDate: Tue, 15 Aug 2023 10:00:00 +0430\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`
}

function nameOf(no: number): string {
  return `document-${no}.${['txt', 'html', 'eml'][no % 3]}`
}
