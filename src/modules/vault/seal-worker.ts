import { parentPort } from 'node:worker_threads'
import { Sealer, type SealerOrder } from './sealer.ts'
import type { FromWorker, ToWorker } from './seal-thread.ts'

// A thread that seals large blobs, so that hashing and encrypting neither block the desk nor wait for its disk.
const sealers = new Map<number, Sealer>()

parentPort?.on('message', (message: ToWorker) => {
  const answer = handle(message)
  if (answer !== null)
    parentPort?.postMessage(answer, answer.bytes.byteLength > 0 ? [answer.bytes.buffer as ArrayBuffer] : [])
})

function handle(message: ToWorker): FromWorker | null {
  if (message.what === 'begin') {
    sealers.set(message.id, new Sealer(message.order as SealerOrder))
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
