import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = path.join(import.meta.dirname, '../..')
/** The command line from its sources; test/cli/launcher.test.ts goes through bin and what was built. */
const MAIN = path.join(ROOT, 'src/apps/cli/main.ts')

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
  /** Resolves once standard error or output matches; throws where the command ends first. */
  says(words: RegExp): Promise<string>
}

export interface Place {
  readonly home: string
  /** A folder to put files in. */
  readonly files: string
  begin(args: readonly string[], environment?: Record<string, string>): Running
  run(args: readonly string[], environment?: Record<string, string>): Promise<Ran>
  /** Runs with --json, expects the exit code, and gives what standard output holds. */
  json<T>(args: readonly string[], code?: number): Promise<T>
  /** Processes of this folder's desk that run now. */
  processes(): { pid: number; words: string }[]
}

/** An untouched folder of its own; at the end its desk is stopped and nothing of it may be left running. */
export function createPlace(t: Pick<TestContext, 'after'>, settings: Record<string, string> = {}): Place {
  const folder = mkdtempSync(path.join(tmpdir(), 'amanat-cli-'))
  const [home, files] = [path.join(folder, 'home'), path.join(folder, 'files')]
  mkdirSync(files)
  const base = { PATH: process.env['PATH'] ?? '', HOME: folder, AMANAT_HOME: home, AMANAT_IDLE_SECONDS: '60' }
  const begin = (args: readonly string[], environment: Record<string, string> = {}): Running =>
    beginNode([MAIN, ...args], { ...base, ...settings, ...environment })
  const run = (args: readonly string[], environment?: Record<string, string>): Promise<Ran> =>
    begin(args, environment).ended
  const processes = (): { pid: number; words: string }[] => processesOf(home)
  t.after(async () => {
    await run(['stop'])
    const left = await untilNone(processes, 15_000)
    for (const { pid } of left) kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    assert.deepEqual(left, [], 'nothing is left running')
  })
  const json = async <T>(args: readonly string[], code = 0): Promise<T> => {
    const ran = await run([...args, '--json'])
    assert.equal(ran.code, code, `amanat ${args.join(' ')}: ${ran.err}`)
    return JSON.parse(ran.out) as T
  }
  return { home, files, begin, run, json, processes }
}

/** Runs Node with these arguments and this environment only. */
export function beginNode(args: readonly string[], environment: Record<string, string>): Running {
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  let isEnded = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      isEnded = true
      resolve({ code, out, err })
    })
  })
  const says = async (words: RegExp): Promise<string> => {
    for (;;) {
      const found = words.exec(err) ?? words.exec(out)
      if (found) return found[1] ?? found[0]
      if (isEnded) throw new Error(`it ended without saying ${String(words)}:\n${out}\n${err}`)
      await sleep(10)
    }
  }
  return { child, ended, says }
}

/** Every process whose command line names the folder: supervisor, signer, PostgreSQL, readers. */
export function processesOf(home: string): { pid: number; words: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), words: commandLine(name) }))
    .filter(({ words }) => words.includes(home))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch (error) {
    const gone = ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')
    if (gone) return ''
    throw error
  }
}

async function untilNone<T>(list: () => T[], waitMs: number): Promise<T[]> {
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; await sleep(50))
    if (list().length === 0) return []
  return list()
}

/** Kills where it still lives. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The process of this kind of a desk's folder; waits for it. */
export async function processOf(place: Place, kind: 'supervisor' | 'signer' | 'postgres'): Promise<number> {
  const marks = {
    supervisor: /(main\.ts|main\.js) (serve|start)/,
    signer: /signer\/main/,
    postgres: /postgres -D/,
  }
  for (let tries = 0; tries < 400; tries++) {
    const found = place
      .processes()
      .find(({ words }) => marks[kind].test(words) && !words.startsWith('unshare'))
    if (found) return found.pid
    await sleep(25)
  }
  throw new Error(`no ${kind} runs`)
}

/** Writes so many small fictional texts, each different, each with the word that finds them all. */
export function writeTexts(folder: string, count: number, word: string): void {
  mkdirSync(folder, { recursive: true })
  for (let at = 0; at < count; at++)
    writeFileSync(
      path.join(folder, `note-${String(at).padStart(4, '0')}.txt`),
      `${word} number ${at}, fictional\n`,
    )
}
