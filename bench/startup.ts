import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCluster } from '../src/platform/postgres/embedded.ts'
import { percentile, type Bench } from './table.ts'

const ROOT = path.join(import.meta.dirname, '..')
const MAIN = path.join(ROOT, 'dist/apps/cli/main.js')
const READY_BAR_MS = 5000
const MEMORY_BAR_MIB = 400

/** An installed desk: how soon it answers (first start, later starts), what it holds in memory while it idles. */
export const bench: Bench = async ({ small, say }) => {
  if (!existsSync(MAIN)) throw new Error('dist is missing: run "npm run build" first')
  const folder = mkdtempSync(path.join(tmpdir(), 'amanat-bench-'))
  try {
    const plain = await plainStarts(path.join(folder, 'plain'), small ? 2 : 5)
    say(`PostgreSQL alone: first ${plain.firstMs} ms, later ${percentile(plain.laterMs, 0.5)} ms`)
    const desk = await deskStarts(path.join(folder, 'desk'), small ? 2 : 5, small ? 2000 : 15_000)
    say(`the desk: first ${desk.firstMs} ms, later ${percentile(desk.laterMs, 0.5)} ms, ${desk.mib} MiB`)
    const later = percentile(desk.laterMs, 0.5)
    const row = (name: string, value: number, baseline: number) => ({
      name,
      value,
      unit: 'ms',
      baseline: { name: 'PostgreSQL alone', value: baseline },
      bar: '< 5,000 ms',
      met: value < READY_BAR_MS,
    })
    return [
      {
        title: 'Start-up of an installed desk, until /healthz is ok',
        rows: [
          row('first start: keys, database, migrations', desk.firstMs, plain.firstMs),
          row('later starts, p50', later, percentile(plain.laterMs, 0.5)),
          {
            name: 'memory while idle: desk, signer, PostgreSQL',
            note: 'proportional set size',
            value: desk.mib,
            unit: 'MiB',
            baseline: { name: 'PostgreSQL alone', value: plain.mib },
            bar: '< 400 MiB',
            met: desk.mib < MEMORY_BAR_MIB,
          },
        ],
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Starts {
  readonly firstMs: number
  readonly laterMs: number[]
  readonly mib: number
}

async function plainStarts(folder: string, rounds: number): Promise<Starts> {
  const times: number[] = []
  let mib = 0
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now()
    const cluster = await startCluster({ folder, durable: true })
    times.push(Math.round(performance.now() - began))
    mib = memoryMib(processesUnder(folder))
    await cluster.stop()
  }
  return { firstMs: times[0] ?? 0, laterMs: times.slice(1), mib }
}

async function deskStarts(home: string, rounds: number, idleMs: number): Promise<Starts> {
  const times: number[] = []
  let mib = 0
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now()
    const environment = { PATH: process.env['PATH'], AMANAT_PORT: '0', AMANAT_LOG_LEVEL: 'warn' }
    const child = spawn(process.execPath, [MAIN, 'start', '--json', '--home', home], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await untilHealthy(await addressOf(child))
      times.push(Math.round(performance.now() - began))
      if (round === rounds) {
        await sleep(idleMs)
        mib = memoryMib([child.pid ?? 0, ...processesUnder(home)])
      }
    } finally {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
    }
  }
  return { firstMs: times[0] ?? 0, laterMs: times.slice(1), mib }
}

async function addressOf(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    if (text.includes('\n')) return (JSON.parse(text) as { address: string }).address
  }
  throw new Error('the desk ended before it was ready')
}

async function untilHealthy(address: string): Promise<void> {
  for (;;) {
    const answer = await fetch(new URL('/healthz', address))
    if (answer.ok) return
    await sleep(10)
  }
}

/** Processes whose command line names the folder, and theirs (PostgreSQL's backends name no folder). */
function processesUnder(folder: string): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), words: readProc(pid, 'cmdline'), parent: parentOf(pid) }))
  const chosen = new Set(
    all.filter(({ pid, words }) => pid !== process.pid && words.includes(folder)).map(({ pid }) => pid),
  )
  for (let grown = true; grown;) {
    const more = all.filter(({ pid, parent }) => chosen.has(parent) && !chosen.has(pid))
    for (const { pid } of more) chosen.add(pid)
    grown = more.length > 0
  }
  return [...chosen]
}

function parentOf(pid: string): number {
  const stat = readProc(pid, 'stat')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

/** Shared pages are counted once over all: the sum is what ending them would give back. */
function memoryMib(pids: readonly number[]): number {
  const kib = [...new Set(pids)].map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readProc(String(pid), 'smaps_rollup'))?.[1] ?? 0),
  )
  return Math.round(kib.reduce((sum, one) => sum + one, 0) / 1024)
}

/** Empty where the process ended meanwhile. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}
