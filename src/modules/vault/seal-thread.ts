import { Worker } from 'node:worker_threads'
import type { PlainDigests, SealedDigests, SealerOrder } from './sealer.ts'

type Work = 'digest' | 'seal'

export type ToWorker =
  | { readonly what: 'begin'; readonly id: number; readonly work: Work; readonly order: SealerOrder }
  | { readonly what: 'push'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly what: 'end' | 'drop'; readonly id: number }
  | { readonly what: 'spare'; readonly bytes: Uint8Array }

export interface FromWorker {
  readonly id: number
  readonly bytes: Uint8Array
  /** At the end of a stream that was digested. */
  readonly digests?: PlainDigests
  /** At the end of a stream that was sealed. */
  readonly address?: string
}

/** One stream of plaintext on its way through the threads. Answers come in the order of what was pushed. */
export interface RemoteSealer {
  push(plain: Uint8Array): Promise<Uint8Array>
  /** After every push was answered. */
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

/** A thread, started on first use, that never keeps the process alive by itself. */
class Thread {
  private worker: Worker | null = null
  private readonly waiting = new Map<number, Waiting[]>()

  begin(id: number, work: Work, order: SealerOrder): void {
    this.worker ??= this.start()
    this.waiting.set(id, [])
    this.worker.postMessage({ what: 'begin', id, work, order } satisfies ToWorker)
  }

  /** Throws where the thread stopped, or the stream was dropped: both lost it. */
  ask(message: ToWorker & { readonly id: number }, transfer: ArrayBuffer[]): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(message.id)
      if (this.worker === null || queue === undefined) return reject(new Error('the sealing thread stopped'))
      queue.push({ resolve, reject })
      this.worker.ref()
      this.worker.postMessage(message, transfer)
    })
  }

  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes
    if (buffer.byteLength === 0 || !(buffer instanceof ArrayBuffer)) return
    this.worker?.postMessage({ what: 'spare', bytes } satisfies ToWorker, [buffer])
  }

  drop(id: number): void {
    this.waiting.delete(id)
    this.worker?.postMessage({ what: 'drop', id } satisfies ToWorker)
  }

  private start(): Worker {
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./seal-worker.${ending}`, import.meta.url))
    worker.unref()
    worker.on('message', (answer: FromWorker) => {
      this.waiting.get(answer.id)?.shift()?.resolve(answer)
      if ([...this.waiting.values()].every((queue) => queue.length === 0)) worker.unref()
    })
    worker.on('error', (fault: Error) => this.failAll(worker, fault))
    worker.on('exit', () => this.failAll(worker, new Error('the sealing thread stopped')))
    return worker
  }

  private failAll(worker: Worker, fault: Error): void {
    if (this.worker !== worker) return
    this.worker = null
    for (const queue of this.waiting.values()) for (const one of queue) one.reject(fault)
    this.waiting.clear()
  }
}

// Two threads, one behind the other: a large file goes as fast as the slower of digesting and sealing.
const digesting = new Thread()
const sealing = new Thread()
let nextId = 1

/** Begins a stream in the process's two threads, one digesting and one sealing. */
export function beginRemote(order: SealerOrder): RemoteSealer {
  const id = nextId++
  digesting.begin(id, 'digest', order)
  sealing.begin(id, 'seal', order)
  const pass = async (thread: Thread, bytes: Uint8Array): Promise<Uint8Array> =>
    (await thread.ask({ what: 'push', id, bytes }, [bytes.buffer as ArrayBuffer])).bytes
  return {
    push: async (plain) => pass(sealing, await pass(digesting, owned(plain))),
    end: async () => {
      const [{ digests }, { bytes, address }] = await Promise.all([
        digesting.ask({ what: 'end', id }, []),
        sealing.ask({ what: 'end', id }, []),
      ])
      digesting.drop(id)
      sealing.drop(id)
      if (digests === undefined || address === undefined) throw new Error('the sealing threads lost a stream')
      return { bytes, digests: { ...digests, address } }
    },
    giveBack: (sealed) => sealing.giveBack(sealed),
    drop: () => {
      digesting.drop(id)
      sealing.drop(id)
    },
  }
}

/** Memory that can be handed over whole: what the caller holds beside it must not vanish. */
function owned(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return isWhole && bytes.buffer instanceof ArrayBuffer ? bytes : Uint8Array.from(bytes)
}
