/**
 * The program of a worker process: reads one job at a time and answers it. Trusts no file; is trusted
 * by nobody: the pool checks its answers, and kills it when it is late, large or silent.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { reasonOf } from './gather.ts'
import type { DetectedType, ExtractInput, ExtractResult, Extractor } from './port.ts'
import { sealOff } from './seal-off.ts'

/** Sent by the pool. Without `type` the runner detects it; `detectOnly` stops there. */
export interface RunnerJob extends Omit<ExtractInput, 'type'> {
  readonly id: number
  readonly type?: DetectedType
  readonly detectOnly?: boolean
  readonly resultFile: string
}

export type RunnerAnswer =
  | { readonly id: number; readonly type: DetectedType; readonly result: ExtractResult }
  | { readonly id: number; readonly type: DetectedType; readonly resultFile: string }
  | { readonly id: number; readonly fault: string; readonly type?: DetectedType }
  | { readonly ready: true }

/** What a registry module exports. */
export interface Readers {
  detect(path: string, name: string): Promise<DetectedType>
  extractorFor(type: DetectedType): Promise<Extractor | null>
}

/** Answers above this many characters go through a file: the channel would hold them twice. */
const CHANNEL_CHARS = 200_000

const registry = process.argv[2]
if (registry === undefined) throw new Error('runner: no registry given')
sealOff()
const readers = (await import(registry)) as Readers

process.on('disconnect', () => process.exit(0))
process.on('message', (job: RunnerJob) => void answer(job))
send({ ready: true })

async function answer(job: RunnerJob): Promise<void> {
  let type = job.type
  try {
    type ??= await readers.detect(job.path, job.name)
    const result = job.detectOnly ? nothing() : await read(job, type)
    const text = JSON.stringify(result)
    if (text.length <= CHANNEL_CHARS) return send({ id: job.id, type, result })
    rmSync(job.resultFile, { force: true })
    writeFileSync(job.resultFile, text, { flag: 'wx', mode: 0o600 })
    send({ id: job.id, type, resultFile: job.resultFile })
  } catch (error) {
    send({ id: job.id, fault: reasonOf(error), ...(type === undefined ? {} : { type }) })
  }
}

async function read(job: RunnerJob, type: DetectedType): Promise<ExtractResult> {
  const { id: _id, detectOnly: _only, resultFile: _file, ...rest } = job
  const extractor = await readers.extractorFor(type)
  if (extractor === null) return unsupported(type)
  const result = await extractor.extract({ ...rest, type })
  return type.claimed === undefined
    ? result
    : { ...result, notices: [lie(type, type.claimed), ...result.notices] }
}

function lie(type: DetectedType, claimed: string): ExtractResult['notices'][number] {
  const words = `The name ends in .${claimed}, the content is ${type.label} (${type.mediaType}); read as what it is.`
  return { code: 'lying-extension', words, retryable: false, step: 'detect' }
}

function unsupported(type: DetectedType): ExtractResult {
  const words = `No reader for ${type.label} (${type.mediaType}); the bytes are kept and can be found by name and metadata.`
  const notice = { code: 'unsupported', words, retryable: true, step: 'text' } as const
  return { ...nothing(), notices: [notice], outcome: 'unread' }
}

function nothing(): ExtractResult {
  return { parts: [], metadata: [], children: [], notices: [], outcome: 'read' }
}

function send(message: RunnerAnswer): void {
  process.send?.(message)
}
