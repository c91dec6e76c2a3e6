import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunnerAnswer, RunnerJob } from './runner.ts'

/** How a worker ended a job it did not answer. */
export class WorkerLost extends Error {
  readonly code: 'time-limit' | 'memory-limit' | 'crashed'

  constructor(code: WorkerLost['code'], words: string) {
    super(words)
    this.name = 'WorkerLost'
    this.code = code
  }
}

export interface WorkerOptions {
  readonly registry: URL
  readonly workRoot: string
  readonly heapMb: number
}

type Answer = Exclude<RunnerAnswer, { ready: true }>

const WATCH_MS = 50
const PAGE_BYTES = 4_096
const STDERR_CHARS = 4_000
/** Processor seconds one worker process may use in its life; the kernel ends what escaped its parent. */
const CPU_SECONDS = 3_600
const KIND = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/**
 * One worker process. Owns its process: whatever happens, `kill` or `ask` leaves none behind. The
 * process may read this program and the work root, write the work root, and nothing else.
 */
export class Worker {
  served = 0
  /** Set when its processor time may run out: ask no more of it. */
  spent = false
  alive = true
  private readonly process: ChildProcess
  private readonly ready: Promise<void>
  private stderr = ''
  private busyMs = 0

  constructor(options: WorkerOptions) {
    const runner = fileURLToPath(new URL(`./runner.${KIND}`, import.meta.url))
    this.process = fork(runner, [options.registry.href], {
      ...underKernelLimits(argumentsOf(options, runner)),
      env: { LANG: 'C.UTF-8', TZ: 'UTC', HOME: options.workRoot, TMPDIR: options.workRoot },
      cwd: options.workRoot,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.process.stderr?.on('data', (bytes: Buffer) => {
      this.stderr = (this.stderr + bytes.toString('latin1')).slice(-STDERR_CHARS)
    })
    this.process.once('exit', () => (this.alive = false))
    this.ready = this.started()
    this.ready.catch(() => this.kill()) // reported by the first `ask`
  }

  /** Sends one job; answers or throws WorkerLost, after which the worker is dead. */
  async ask(job: RunnerJob): Promise<Answer> {
    await this.ready
    this.served += 1
    const started = performance.now()
    const { timeMs, memoryMb } = job.limits
    return new Promise<Answer>((resolve, reject) => {
      const lose = (code: WorkerLost['code'], words: string) => {
        settle()
        this.kill()
        reject(new WorkerLost(code, words))
      }
      const late = setTimeout(
        () => lose('time-limit', `Not read within ${seconds(timeMs)}; stopped.`),
        timeMs,
      )
      const watch = setInterval(() => {
        if (this.residentBytes() > memoryMb * 1024 ** 2)
          lose('memory-limit', `Needed more than ${memoryMb} MB; stopped.`)
      }, WATCH_MS)
      const onMessage = (message: RunnerAnswer) => {
        if (!('id' in message) || message.id !== job.id)
          return lose('crashed', 'The reader answered out of turn; stopped.')
        settle()
        resolve(message)
      }
      const onExit = (code: number | null, signal: string | null) => {
        if (/heap out of memory|Array buffer allocation failed/i.test(this.stderr))
          return lose('memory-limit', `Needed more than ${memoryMb} MB; stopped.`)
        lose('crashed', `The reader ended by itself (${signal ?? `exit code ${code}`}).`)
      }
      const settle = () => {
        this.busyMs += performance.now() - started
        this.spent = this.busyMs > CPU_SECONDS * 200
        clearTimeout(late)
        clearInterval(watch)
        this.process.off('message', onMessage)
        this.process.off('exit', onExit)
      }
      this.process.on('message', onMessage)
      this.process.once('exit', onExit)
      if (!this.alive) return onExit(this.process.exitCode, this.process.signalCode)
      this.process.send(job, (error) => {
        if (error !== null && this.alive) lose('crashed', 'The reader could not be reached.')
      })
    })
  }

  /** Resident memory by Linux's count; 0 elsewhere, where the heap limit alone holds. */
  residentBytes(): number {
    try {
      const pages = readFileSync(`/proc/${this.process.pid}/statm`, 'latin1').split(' ')[1]
      return Number(pages) * PAGE_BYTES
    } catch {
      return 0 // no /proc, or the process has just ended: its exit is reported by itself
    }
  }

  kill(): void {
    this.alive = false
    this.process.kill('SIGKILL')
  }

  /** Kills and waits until the process is gone. */
  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const gone = new Promise((resolve) => this.process.once('exit', resolve))
    this.kill()
    await gone
  }

  private started(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.process.once('message', () => resolve())
      this.process.once('error', (error) =>
        reject(new WorkerLost('crashed', `The reader did not start: ${error.message}`)),
      )
      this.process.once('exit', () =>
        reject(new WorkerLost('crashed', `The reader did not start: ${this.stderr.slice(-500)}`)),
      )
    })
  }
}

function argumentsOf(options: WorkerOptions, runner: string): string[] {
  const readable = [
    ...programFolders(runner),
    options.workRoot,
    fileURLToPath(new URL('.', options.registry)),
  ]
  return [
    `--max-old-space-size=${options.heapMb}`,
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    '--permission',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${options.workRoot}`,
  ]
}

/** What a worker must read to run: the program and its libraries; never the desk's folder or keys. */
function programFolders(runner: string): string[] {
  const folders: string[] = []
  let root: string | null = null
  for (let folder = dirname(runner); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules'))) folders.push(join(folder, 'node_modules'))
    if (root === null && existsSync(join(folder, 'package.json'))) root = folder
    if (folder === dirname(folder)) break
    folders.push(join(folder, 'package.json'))
  }
  for (const name of ['src', 'dist'])
    if (root !== null && existsSync(join(root, name))) folders.push(join(root, name))
  return folders
}

/** Where there is a POSIX shell, Node is started by it with processor time bounded and no core files. */
function underKernelLimits(flags: string[]): { execPath: string; execArgv: string[] } {
  if (process.platform === 'win32' || !existsSync('/bin/sh'))
    return { execPath: process.execPath, execArgv: flags }
  const script = `ulimit -t ${CPU_SECONDS}; ulimit -c 0; exec "$@"`
  return { execPath: '/bin/sh', execArgv: ['-c', script, 'sh', process.execPath, ...flags] }
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`
}
