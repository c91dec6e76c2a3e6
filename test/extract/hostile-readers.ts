/** A registry whose one reader does what the file tells it to: for the test of the worker pool only. */
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { Socket, connect } from 'node:net'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type {
  DetectedType,
  ExtractInput,
  ExtractResult,
  Extractor,
} from '../../src/modules/intake/extract/port.ts'

const TYPE: DetectedType = {
  mediaType: 'text/plain',
  label: 'hostile',
  family: 'text',
  confidence: 'certain',
}

export const detect = async (): Promise<DetectedType> => TYPE
export const extractorFor = async (): Promise<Extractor> => ({
  name: 'hostile',
  version: '1',
  reads: () => true,
  extract,
})

async function extract(input: ExtractInput): Promise<ExtractResult> {
  const [order = '', ...rest] = readFileSync(input.path, 'utf8').split(' ')
  const act = ACTS[order]
  if (act === undefined) throw new Error(`no such act: ${order}`)
  return act(rest.join(' '), input)
}

const say = (text: string): ExtractResult => ({
  parts: [{ label: 'body', text, locator: {} }],
  metadata: [],
  children: [],
  notices: [],
  outcome: 'read',
})

/** What the act gave, or 'closed: why' when it was refused. */
async function tried(act: () => unknown): Promise<ExtractResult> {
  try {
    return say(`open: ${String(await act())}`)
  } catch (error) {
    return say(`closed: ${String(error)}`)
  }
}

const never = () => new Promise<ExtractResult>(() => setInterval(() => undefined, 1_000))

const ACTS: Readonly<Record<string, (rest: string, input: ExtractInput) => Promise<ExtractResult>>> = {
  say: async (rest) => say(rest),
  loop: async () => {
    for (;;) Math.random()
  },
  sleep: never,
  'allocate-heap': async () => {
    const held: unknown[] = []
    for (;;) held.push(Array.from({ length: 10_000 }, (_, at) => ({ at })))
  },
  'allocate-buffers': async () => {
    const held: Buffer[] = []
    for (;;) {
      held.push(Buffer.alloc(16 * 1024 ** 2, 1))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  },
  exit: async () => process.exit(0),
  abort: async () => process.abort(),
  throw: async () => {
    throw new Error('as told')
  },
  'throw-later': async () => {
    setTimeout(() => {
      throw new Error('later')
    }, 10)
    return never()
  },
  'reject-later': async () => {
    void Promise.reject(new Error('later'))
    return never()
  },
  'answer-twice': async () => {
    process.send?.({ id: -1, fault: 'not mine' })
    return say('second')
  },
  'flood-channel': async () => {
    for (let at = 0; at < 50; at++) process.send?.({ id: -1, noise: 'x'.repeat(100_000) })
    return never()
  },
  spam: async () => {
    for (let at = 0; at < 200; at++) {
      process.stdout.write('x'.repeat(100_000))
      process.stderr.write('y'.repeat(10_000))
    }
    return say('spammed')
  },
  large: async () => {
    const parts = Array.from({ length: 30 }, (_, at) => ({
      label: `part ${at}`,
      text: 'ا'.repeat(1_000_000),
      locator: {},
    }))
    return { ...say(''), parts }
  },
  fetch: () => tried(() => fetch('http://127.0.0.1:1/')),
  net: () => tried(() => connect(1, '127.0.0.1')),
  'raw-socket': () => tried(() => new Socket().connect(1, '127.0.0.1')),
  http: () => tried(() => get('http://127.0.0.1:1/')),
  dns: () => tried(() => lookup('localhost')),
  udp: () => tried(() => createSocket('udp4')),
  spawn: () => tried(() => String(spawnSync('/bin/echo', ['x']).stdout)),
  'worker-thread': () => tried(() => new Worker('1', { eval: true })),
  read: (rest) => tried(() => readFileSync(rest, 'utf8')),
  write: (rest) => tried(() => writeFileSync(rest, 'planted')),
  environment: async (rest) => say(String(process.env[rest])),
  'no-shape': async () => ({ parts: 7 }) as unknown as ExtractResult,
  'lying-children': async (_rest, input) => {
    const file = join(input.workFolder, 'good.txt')
    writeFileSync(file, 'good')
    const child = (path: string, where: string) => ({ path, safePath: path, file: where, sizeBytes: 999 })
    const outside = join(input.workFolder, '..', '..', 'x')
    return {
      ...say(''),
      children: [
        child('good.txt', file),
        child('../x', outside),
        child('gone', join(input.workFolder, 'gone')),
      ],
    }
  },
  'many-children': async (_rest, input) => {
    const children = Array.from({ length: 9 }, (_, at) => {
      const file = join(input.workFolder, `${at}`)
      writeFileSync(file, 'x')
      return { path: `${at}`, safePath: `${at}`, file, sizeBytes: 1 }
    })
    return { ...say(''), children }
  },
}
