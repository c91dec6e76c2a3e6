import { lstat, mkdir, readFile, realpath, rm } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import type { Child, DetectedType, ExtractInput, ExtractResult, Notice } from './port.ts'
import type { RunnerAnswer } from './runner.ts'
import { Worker, WorkerLost } from './worker.ts'

/** What is asked of the pool: without `type` it is detected in the worker first. */
export type Job = Omit<ExtractInput, 'type'> & { readonly type?: DetectedType }

export interface Reading {
  readonly type: DetectedType
  readonly result: ExtractResult
}

export interface PoolOptions {
  readonly workers: number
  /** All working copies and work folders stand below it: workers can write nowhere else. */
  readonly workRoot: string
  /** Module exporting `Readers`; tests give hostile ones. */
  readonly registry?: URL
  readonly heapMb?: number
  /** A worker is replaced after so many files, or when it holds so much memory at rest. */
  readonly filesPerWorker?: number
  readonly restMb?: number
}

export interface Pool {
  /** Reads a file; never throws for what the file holds or does to its reader. */
  read(job: Job): Promise<Reading>
  /** The type only; `unknown` where even that killed the worker. */
  detect(path: string, name: string, limits: ExtractInput['limits']): Promise<DetectedType>
  /** Kills all workers; jobs under way end as crashed. */
  close(): Promise<void>
}

const UNKNOWN: DetectedType = {
  mediaType: 'application/octet-stream',
  label: 'unknown',
  family: 'unknown',
  confidence: 'guess',
}
/** Text is bounded in the worker; more than this is not an honest result. */
const RESULT_BYTES = 512 * 1024 ** 2
const KIND = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Opens a pool of worker processes; they start with the first job and stay warm. */
export async function openPool(options: PoolOptions): Promise<Pool> {
  await mkdir(options.workRoot, { recursive: true, mode: 0o700 })
  const workRoot = await realpath(options.workRoot)
  return new WorkerPool({ ...options, workRoot })
}

class WorkerPool implements Pool {
  private readonly options: PoolOptions
  private readonly idle: Worker[] = []
  private readonly all = new Set<Worker>()
  private readonly waiting: (() => void)[] = []
  private busy = 0
  private nextId = 1
  private closed = false

  constructor(options: PoolOptions) {
    this.options = options
  }

  async read(job: Job): Promise<Reading> {
    const answer = await this.ask(job, false)
    if (answer instanceof WorkerLost) return lost(await this.named(job), answer.code, answer.message)
    if ('fault' in answer)
      return lost(
        { ...job, ...(answer.type === undefined ? {} : { type: answer.type }) },
        'crashed',
        `The reader failed: ${answer.fault}.`,
      )
    try {
      const result = 'resultFile' in answer ? await this.fetch(answer.resultFile, job) : answer.result
      return { type: answer.type, result: await checked(result, job) }
    } catch (error) {
      const unusable =
        error instanceof WorkerLost || error instanceof SyntaxError || error instanceof TypeError
      if (!unusable) throw error // a full or failing disk is not the file's fault
      return lost({ ...job, type: answer.type }, 'crashed', 'The reader gave no usable result.')
    }
  }

  async detect(path: string, name: string, limits: ExtractInput['limits']): Promise<DetectedType> {
    const job = { path, name, sizeBytes: 0, passwords: [], limits, workFolder: this.options.workRoot }
    const answer = await this.ask(job, true)
    return answer instanceof WorkerLost || 'fault' in answer ? UNKNOWN : answer.type
  }

  async close(): Promise<void> {
    this.closed = true
    await Promise.all([...this.all].map((worker) => worker.end()))
    this.all.clear()
    for (const wake of this.waiting.splice(0)) wake()
  }

  /** A worker lost on its first file is the file's doing; one lost later gets a second, fresh try. */
  private async ask(
    job: Job,
    detectOnly: boolean,
  ): Promise<Exclude<RunnerAnswer, { ready: true }> | WorkerLost> {
    if (!inside(this.options.workRoot, job.path) || !inside(this.options.workRoot, job.workFolder))
      throw new Error('extraction pool: working copies and work folders must stand below the work root')
    for (;;) {
      const worker = await this.take()
      if (worker === null) return new WorkerLost('crashed', 'Reading stopped: the desk is shutting down.')
      const fresh = worker.served === 0
      try {
        const id = this.nextId++
        return await worker.ask({
          ...job,
          id,
          detectOnly,
          resultFile: `${job.workFolder}.result-${id}.json`,
        })
      } catch (error) {
        if (!(error instanceof WorkerLost)) throw error
        if (fresh || error.code === 'time-limit' || this.closed) return error
        await emptied(job.workFolder, detectOnly)
      } finally {
        this.giveBack(worker)
      }
    }
  }

  /** The job with its type found alone, when reading took the worker down before it could say. */
  private async named(job: Job): Promise<Job> {
    return job.type !== undefined || this.closed
      ? job
      : { ...job, type: await this.detect(job.path, job.name, job.limits) }
  }

  private async take(): Promise<Worker | null> {
    if (this.busy >= this.options.workers) await new Promise<void>((resolve) => this.waiting.push(resolve))
    else this.busy += 1
    if (this.closed) return null
    return this.idle.pop() ?? this.start()
  }

  private giveBack(worker: Worker): void {
    const worn = worker.served >= (this.options.filesPerWorker ?? 1_000)
    const heavy = worker.residentBytes() > (this.options.restMb ?? 512) * 1024 ** 2
    if (worn || heavy || worker.spent) worker.kill()
    if (worker.alive) this.idle.push(worker)
    else this.all.delete(worker)
    const next = this.waiting.shift()
    if (next === undefined) this.busy -= 1
    else next()
  }

  private start(): Worker {
    const { workRoot, heapMb = 768 } = this.options
    const registry = this.options.registry ?? new URL(`./registry.${KIND}`, import.meta.url)
    const worker = new Worker({ registry, workRoot, heapMb })
    this.all.add(worker)
    return worker
  }

  /** A large result comes through a file: read only where the pool told the worker to put it, and as a plain file. */
  private async fetch(file: string, job: Job): Promise<ExtractResult> {
    const expected = file.startsWith(`${job.workFolder}.result-`) && inside(this.options.workRoot, file)
    const stat = expected ? await lstat(file) : null
    if (stat === null || !stat.isFile() || stat.size > RESULT_BYTES)
      throw new WorkerLost('crashed', 'The reader gave no usable result.')
    const text = await readFile(file, 'utf8')
    await rm(file)
    return JSON.parse(text) as ExtractResult
  }
}

/** Believes no worker: children are real files of the stated folder, and no more than allowed. */
async function checked(result: ExtractResult, job: Job): Promise<ExtractResult> {
  const children: Child[] = []
  const notices: Notice[] = [...result.notices]
  const say = (code: Notice['code'], words: string) =>
    notices.push({ code, words, retryable: false, step: 'unpack' })
  if (result.children.length > job.limits.maxChildren)
    say('too-many', `More than ${job.limits.maxChildren} files inside; the rest stays in the original.`)
  for (const child of result.children.slice(0, job.limits.maxChildren)) {
    const stat = inside(job.workFolder, child.file) ? await lstat(child.file).catch(() => null) : null
    if (stat?.isFile() === true) children.push({ ...child, sizeBytes: stat.size })
    else say('unsafe-name', `“${child.safePath}” was not written as a plain file; it stays in the original.`)
  }
  return { ...result, children, notices }
}

async function emptied(workFolder: string, detectOnly: boolean): Promise<void> {
  if (detectOnly) return
  await rm(workFolder, { recursive: true, force: true })
  await mkdir(workFolder, { recursive: true, mode: 0o700 })
}

function lost(job: Job, code: Notice['code'], words: string): Reading {
  const notice: Notice = { code, words: `${words} The bytes are kept.`, retryable: true, step: 'text' }
  const result: ExtractResult = {
    parts: [],
    metadata: [],
    children: [],
    notices: [notice],
    outcome: 'unread',
  }
  return { type: job.type ?? UNKNOWN, result }
}

function inside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return !way.startsWith('..') && !isAbsolute(way)
}
