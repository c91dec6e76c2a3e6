import { Refusal } from '../../base/refusal.ts'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { ObjectMissing, type ObjectStore } from '../../platform/objects/port.ts'
import type { Desk } from '../../platform/tx.ts'
import {
  CHUNK_BYTES,
  PAYLOAD_NONCE_BYTES,
  chunkCount,
  openChunk,
  payloadKey,
  payloadSize,
  type ChunkAt,
} from '../../proof/age.ts'
import type { ByteRange } from './blob.ts'
import { unwrapBlob, type KeptBlob } from './file-key.ts'
import { vaultOf } from './start.ts'

const SEALED_CHUNK_BYTES = payloadSize(CHUNK_BYTES) - PAYLOAD_NONCE_BYTES

/**
 * The plaintext of a kept blob, or a range of it, in pieces of at most 64 KiB. Every piece was authenticated
 * before it is given. The caller has logged the read and committed that entry.
 *
 * Refuses (before or between pieces): not_found, blob_erased, epoch_destroyed, blob_missing, blob_damaged.
 */
export async function* openBlob(
  desk: Desk,
  address: string,
  range: ByteRange = {},
): AsyncGenerator<Uint8Array> {
  const blob = await unwrapBlob(desk, address)
  const start = Math.max(0, range.start ?? 0)
  const end = Math.min(blob.sizeBytes, range.end ?? blob.sizeBytes)
  if (start > end)
    throw new Refusal(
      'invalid_input',
      `The range begins after the end of the file (${blob.sizeBytes} bytes).`,
    )
  const { store } = await vaultOf(desk)
  try {
    yield* openRange(store, blob, start, end)
  } catch (error) {
    throw error instanceof ObjectMissing ? blobMissing(address) : error
  }
}

/** As `openBlob`, for a blob whose key is known and that may lie in another store. */
export async function* openRange(
  store: ObjectStore,
  blob: KeptBlob,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const key = payloadKey(nativePrimitives, blob.fileKey, await readNonce(store, blob))
  const last = chunkCount(blob.sizeBytes) - 1
  let index = Math.min(last, Math.floor(start / CHUNK_BYTES))
  // A range that ends at the end authenticates the last chunk too, so that a cut shows; an empty blob has one.
  const through = end === blob.sizeBytes ? last : Math.floor(Math.max(0, end - 1) / CHUNK_BYTES)
  for await (const sealed of sealedChunks(store, blob, index, through)) {
    const plain = openOrRefuse(blob, key, { index, isLast: index === last }, sealed)
    const from = index * CHUNK_BYTES
    if (end > from && start < from + plain.length) yield plain.subarray(Math.max(0, start - from), end - from)
    index++
  }
  if (index <= through) throw blobDamaged(blob.address, index)
}

function openOrRefuse(blob: KeptBlob, key: Uint8Array, at: ChunkAt, sealed: Uint8Array): Uint8Array {
  try {
    return openChunk(nativePrimitives, key, at, sealed)
  } catch (error) {
    throw error instanceof Refusal ? blobDamaged(blob.address, at.index) : error
  }
}

/** Sealed chunks first…last, cut out of whatever pieces the store gives. */
async function* sealedChunks(
  store: ObjectStore,
  blob: KeptBlob,
  first: number,
  last: number,
): AsyncGenerator<Uint8Array> {
  const from = PAYLOAD_NONCE_BYTES + first * SEALED_CHUNK_BYTES
  const to = Math.min(payloadSize(blob.sizeBytes), PAYLOAD_NONCE_BYTES + (last + 1) * SEALED_CHUNK_BYTES)
  let held: Uint8Array = new Uint8Array(0)
  for await (const bytes of store.read(blob.address, from, to)) {
    const row = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    let at = 0
    for (; at + SEALED_CHUNK_BYTES <= row.length; at += SEALED_CHUNK_BYTES)
      yield row.subarray(at, at + SEALED_CHUNK_BYTES)
    held = row.subarray(at)
  }
  if (held.length > 0) yield held
}

async function readNonce(store: ObjectStore, blob: KeptBlob): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const bytes of store.read(blob.address, 0, PAYLOAD_NONCE_BYTES)) parts.push(bytes)
  const nonce = Buffer.concat(parts)
  if (nonce.length !== PAYLOAD_NONCE_BYTES) throw blobDamaged(blob.address, 0)
  return nonce
}

export function blobMissing(address: string): Refusal {
  return new Refusal(
    'blob_missing',
    'The file of this item is missing from the vault. Its entries are kept; restore the file from a backup, then run an audit.',
    { address },
  )
}

function blobDamaged(address: string, chunk: number): Refusal {
  return new Refusal(
    'blob_damaged',
    `The file of this item was changed on disk (at byte ${chunk * CHUNK_BYTES} or after it). Nothing changed was given out; restore the file from a backup, then run an audit.`,
    { address, chunk },
  )
}
