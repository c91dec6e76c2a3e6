import { Refusal } from '../../base/refusal.ts'
import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { notFound } from '../identity/policy.ts'
import type { SealedBlob } from '../vault/blob.ts'
import { eraseBlob, removeErased } from '../vault/erase.ts'
import { keepBlob } from '../vault/keep.ts'
import { openBlob } from '../vault/open.ts'
import { sealBlob } from '../vault/seal.ts'
import { toFile, type BatchFile } from './files.ts'
import { statedDigests } from './manifest/match.ts'
import { openTakingBatch, type BatchRecord, type FileRecord } from './policy.ts'
import { Receiver } from './receive.ts'

export interface UploadOrder {
  readonly batchId: string
  readonly fileId: string
  /** Where these bytes begin; anything but what the desk has answers with where it stands. */
  readonly offset: number
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Takes bytes of an announced file. The whole in one call is sealed once; a longer file comes in pieces, each
 * sealed and durable, and is joined when the last one is there. What was broken off goes on at `offset`.
 *
 * Refuses: not_permitted, not_found, batch_closed, too_large (more bytes than announced), disk_full.
 */
export async function uploadFile(desk: Desk, actor: Actor, order: UploadOrder): Promise<BatchFile> {
  const { batch, file, alsoDigest } = await inTransaction(desk, actor, async (tx) => ({
    batch: await openTakingBatch(tx, order.batchId),
    file: await openFile(tx, order),
    alsoDigest: await statedDigests(tx, order.batchId),
  }))
  const wanted = file.state === 'announced' || file.state === 'receiving'
  if (!wanted || file.received_bytes !== order.offset) {
    await drop(order.body)
    return toFile(file)
  }
  const size = file.size_bytes ?? 0
  const blob = await sealBlob(desk, bounded(order.body, size - order.offset), { alsoDigest })
  if (order.offset === 0 && blob.sizeBytes === size)
    return toFile(await receiverOf(desk, actor, batch).receive({ file, blob }))
  const kept = await keepPiece(desk, actor, file, { offset: order.offset, blob })
  if (kept.received_bytes < size) return toFile(kept)
  return toFile(await join(desk, actor, { batch, file: kept, alsoDigest }))
}

async function openFile(tx: Tx, order: UploadOrder): Promise<FileRecord> {
  const file = await tx.sql
    .selectFrom('intake.batch_file')
    .selectAll()
    .where('id', '=', order.fileId)
    .where('batch_id', '=', order.batchId)
    .executeTakeFirst()
  if (!file) throw notFound()
  return file
}

async function drop(body: AsyncIterable<Uint8Array>): Promise<void> {
  const bytes = body[Symbol.asyncIterator]()
  while ((await bytes.next()).done !== true);
}

async function* bounded(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let left = most
  for await (const bytes of body) {
    left -= bytes.length
    if (left < 0)
      throw new Refusal(
        'too_large',
        'More bytes came than the file was announced with. Nothing of this call was kept; announce it again.',
      )
    yield bytes
  }
}

/** Kept pieces follow one another: the row is locked, and a piece that does not fit its end is left to be swept. */
async function keepPiece(
  desk: Desk,
  actor: Actor,
  file: FileRecord,
  piece: { offset: number; blob: SealedBlob },
): Promise<FileRecord> {
  return inTransaction(desk, actor, async (tx) => {
    const now = await tx.sql
      .selectFrom('intake.batch_file')
      .selectAll()
      .where('id', '=', file.id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    if (
      now.received_bytes !== piece.offset ||
      (piece.blob.sizeBytes === 0 && now.received_bytes < (now.size_bytes ?? 0))
    )
      return now
    if (piece.blob.sizeBytes > 0) {
      await keepBlob(tx, piece.blob)
      const { address, sizeBytes } = piece.blob
      await tx.sql
        .insertInto('intake.piece')
        .values({ file_id: file.id, start_at: piece.offset, size_bytes: sizeBytes, address })
        .execute()
    }
    return tx.sql
      .updateTable('intake.batch_file')
      .set({
        state: 'receiving',
        received_bytes: piece.offset + piece.blob.sizeBytes,
        changed_at: desk.now(),
      })
      .where('id', '=', file.id)
      .returningAll()
      .executeTakeFirstOrThrow()
  })
}

async function join(
  desk: Desk,
  actor: Actor,
  whole: { batch: BatchRecord; file: FileRecord; alsoDigest: readonly ('sha1' | 'md5')[] },
): Promise<FileRecord> {
  const pieces = await inTransaction(desk, actor, (tx) =>
    tx.sql
      .selectFrom('intake.piece')
      .select(['address', 'start_at'])
      .where('file_id', '=', whole.file.id)
      .orderBy('start_at')
      .execute(),
  )
  const addresses = pieces.map((piece) => piece.address)
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for (const address of addresses) yield* openBlob(desk, address)
  }
  const blob = await sealBlob(desk, source(), { alsoDigest: whole.alsoDigest })
  const received = await receiverOf(desk, actor, whole.batch).receive({ file: whole.file, blob })
  await inTransaction(desk, actor, (tx) => erasePieces(tx, whole.file, addresses))
  await removeErased(desk, addresses)
  return received
}

async function erasePieces(tx: Tx, file: FileRecord, addresses: readonly string[]): Promise<void> {
  for (let at = 0; at < addresses.length; at += 500) {
    const some = addresses.slice(at, at + 500)
    const entry = await append(tx, {
      kind: 'intake.pieces.erased',
      subjects: [{ type: 'batch', id: file.batch_id }, ...some.map((id) => ({ type: 'blob', id }))],
      why: 'The upload is whole; its pieces are not needed any more.',
    })
    for (const address of some) await eraseBlob(tx, address, entry)
  }
  await tx.sql.deleteFrom('intake.piece').where('file_id', '=', file.id).execute()
}

/** Uploads of one batch by one person share their transactions. Few batches take files at once; older ones go. */
const receivers = new WeakMap<Desk, Map<string, Receiver>>()
const KEPT_RECEIVERS = 50

function receiverOf(desk: Desk, actor: Actor, batch: BatchRecord): Receiver {
  const known = receivers.get(desk) ?? new Map<string, Receiver>()
  receivers.set(desk, known)
  const key = `${batch.id} ${actor.id} ${actor.sessionId}`
  const receiver = known.get(key) ?? new Receiver(desk, actor, batch)
  known.delete(key)
  known.set(key, receiver)
  for (const oldest of known.keys()) if (known.size > KEPT_RECEIVERS) known.delete(oldest)
  return receiver
}
