import { Worker } from 'node:worker_threads'
import type { SealedDigests, SealerOrder } from './sealer.ts'

export type ToWorker =
  | { readonly what: 'begin'; readonly id: number; readonly order: SealerOrder }
  | { readonly what: 'push'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly what: 'end' | 'drop'; readonly id: number }
  | { readonly what: 'spare'; readonly bytes: Uint8Array }

export interface FromWorker {
  readonly id: number
  readonly bytes: Uint8Array
  readonly digests: SealedDigests | null
}

/** One stream of plaintext on its way through the thread. Answers come in the order of what was pushed. */
export interface RemoteSealer {
  push(plain: Uint8Array): Promise<Uint8Array>
  end(): Promise<{ readonly bytes: Uint8Array; readonly digests: SealedDigests }>
  /** Gives sealed bytes back once they are written: their memory is used again. */
  giveBack(sealed: Uint8Array): void
  /** Forgets the stream; for one that failed. */
  drop(): void
}

interface Waiting {
  readonly resolve: (answer: FromWorker) => void
  readonly reject: (fault: Error) => void
}

let thread: Worker | null = null
let nextId = 1
const waiting = new Map<number, Waiting[]>()

/** Begins a stream in the process's one sealing thread, which is started on first use and never keeps it alive. */
export function beginRemote(order: SealerOrder): RemoteSealer {
  const worker = (thread ??= startThread())
  const id = nextId++
  waiting.set(id, [])
  worker.postMessage({ what: 'begin', id, order } satisfies ToWorker)
  const ask = (message: ToWorker, transfer: ArrayBuffer[]): Promise<FromWorker> =>
    new Promise((resolve, reject) => {
      if (thread !== worker) return reject(new Error('the sealing thread stopped'))
      waiting.get(id)?.push({ resolve, reject })
      worker.ref()
      worker.postMessage(message, transfer)
    })
  return {
    push: async (plain) => {
      const own = owned(plain)
      return (await ask({ what: 'push', id, bytes: own }, [own.buffer as ArrayBuffer])).bytes
    },
    end: async () => {
      const { bytes, digests } = await ask({ what: 'end', id }, [])
      waiting.delete(id)
      if (digests === null) throw new Error('the sealing thread lost a stream')
      return { bytes, digests }
    },
    giveBack: (sealed) => {
      const { buffer } = sealed
      if (thread !== worker || buffer.byteLength === 0 || !(buffer instanceof ArrayBuffer)) return
      worker.postMessage({ what: 'spare', bytes: sealed } satisfies ToWorker, [buffer])
    },
    drop: () => {
      waiting.delete(id)
      if (thread === worker) worker.postMessage({ what: 'drop', id } satisfies ToWorker)
    },
  }
}

/** Memory that can be handed over whole: what the caller holds beside it must not vanish. */
function owned(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return isWhole && bytes.buffer instanceof ArrayBuffer ? bytes : Uint8Array.from(bytes)
}

function startThread(): Worker {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./seal-worker.${ending}`, import.meta.url))
  worker.unref()
  worker.on('message', (answer: FromWorker) => {
    waiting.get(answer.id)?.shift()?.resolve(answer)
    if ([...waiting.values()].every((queue) => queue.length === 0)) worker.unref()
  })
  worker.on('error', (fault: Error) => failAll(worker, fault))
  worker.on('exit', () => failAll(worker, new Error('the sealing thread stopped')))
  return worker
}

function failAll(worker: Worker, fault: Error): void {
  if (thread === worker) thread = null
  for (const queue of waiting.values()) for (const one of queue) one.reject(fault)
  waiting.clear()
}
