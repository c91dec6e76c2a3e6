import { parentPort } from 'node:worker_threads'
import { Digester, Sealer, type SealerOrder } from './sealer.ts'
import type { FromWorker, ToWorker } from './seal-thread.ts'

// A thread that digests or seals large blobs, so that neither blocks the desk nor waits for its disk.
const streams = new Map<number, Stream>()

interface Stream {
  push(bytes: Uint8Array): Uint8Array
  end(): Omit<FromWorker, 'id'>
}

/** Memory of sealed portions that were written. New memory costs a page fault every 4 KiB. */
const spares: ArrayBuffer[] = []
const MOST_SPARES = 16
/** A portion of 1 MiB, sealed: 16 chunks with their tags, the chunk held before, the nonce. */
const SPARE_BYTES = 17 * (64 * 1024 + 16) + 16
const NOTHING = new Uint8Array(0)

parentPort?.on('message', (message: ToWorker) => {
  const answer = handle(message)
  if (answer !== null)
    parentPort?.postMessage(answer, answer.bytes.byteLength > 0 ? [answer.bytes.buffer as ArrayBuffer] : [])
})

function handle(message: ToWorker): FromWorker | null {
  if (message.what === 'spare') return keepSpare(message.bytes)
  if (message.what === 'begin') {
    streams.set(message.id, message.work === 'digest' ? digesting(message.order) : sealing(message.order))
    return null
  }
  const stream = streams.get(message.id)
  if (message.what === 'drop' || stream === undefined) {
    streams.delete(message.id)
    return null
  }
  if (message.what === 'push') return { id: message.id, bytes: stream.push(message.bytes) }
  streams.delete(message.id)
  return { id: message.id, ...stream.end() }
}

/** Gives back what it digested, for the thread that seals it. */
function digesting(order: SealerOrder): Stream {
  const digester = new Digester(order)
  return {
    push: (bytes) => {
      digester.push(bytes)
      return bytes
    },
    end: () => ({ bytes: NOTHING, digests: digester.end() }),
  }
}

function sealing(order: SealerOrder): Stream {
  const sealer = new Sealer(order, space)
  return { push: (bytes) => sealer.push(bytes), end: () => sealer.end() }
}

function space(length: number): Uint8Array {
  if (length > SPARE_BYTES) return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
  return new Uint8Array(spares.pop() ?? Buffer.allocUnsafeSlow(SPARE_BYTES).buffer)
}

function keepSpare({ buffer }: Uint8Array): null {
  const fits = buffer instanceof ArrayBuffer && buffer.byteLength === SPARE_BYTES
  if (fits && spares.length < MOST_SPARES) spares.push(buffer)
  return null
}
