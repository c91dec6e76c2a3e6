import { parentPort } from 'node:worker_threads'
import { Sealer, type SealerOrder } from './sealer.ts'
import type { FromWorker, ToWorker } from './seal-thread.ts'

// A thread that seals large blobs, so that hashing and encrypting neither block the desk nor wait for its disk.
const sealers = new Map<number, Sealer>()

/** Memory of sealed portions that were written. New memory costs a page fault every 4 KiB. */
const spares: ArrayBuffer[] = []
const MOST_SPARES = 16
/** A portion of 1 MiB, sealed: 16 chunks with their tags, the chunk held before, the nonce. */
const SPARE_BYTES = 17 * (64 * 1024 + 16) + 16

function space(length: number): Uint8Array {
  if (length > SPARE_BYTES) return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
  return new Uint8Array(spares.pop() ?? Buffer.allocUnsafeSlow(SPARE_BYTES).buffer)
}

function keepSpare({ buffer }: Uint8Array): void {
  const fits = buffer instanceof ArrayBuffer && buffer.byteLength === SPARE_BYTES
  if (fits && spares.length < MOST_SPARES) spares.push(buffer)
}

parentPort?.on('message', (message: ToWorker) => {
  const answer = handle(message)
  if (answer !== null)
    parentPort?.postMessage(answer, answer.bytes.byteLength > 0 ? [answer.bytes.buffer as ArrayBuffer] : [])
})

function handle(message: ToWorker): FromWorker | null {
  if (message.what === 'spare') {
    keepSpare(message.bytes)
    return null
  }
  if (message.what === 'begin') {
    sealers.set(message.id, new Sealer(message.order as SealerOrder, space))
    return null
  }
  const sealer = sealers.get(message.id)
  if (message.what === 'drop' || sealer === undefined) {
    sealers.delete(message.id)
    return null
  }
  if (message.what === 'push') return { id: message.id, bytes: sealer.push(message.bytes), digests: null }
  sealers.delete(message.id)
  return { id: message.id, ...sealer.end() }
}
