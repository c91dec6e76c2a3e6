import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { sealBlob } from '../vault/seal.ts'
import { Budget } from './budget.ts'
import { closeBatch, readBatch, type Batch } from './batches.ts'
import { enterFiles, failFile } from './files.ts'
import { statedDigests } from './manifest/match.ts'
import { givenPath, type GivenPath } from './paths.ts'
import { openBatch, openTakingBatch, type BatchRecord, type FileRecord } from './policy.ts'
import { Receiver } from './receive.ts'
import { requestReading } from './request-reading.ts'

export const LOCAL = 'intake.local'
const ANNOUNCED_AT_ONCE = 500
/** Files on their way at once: many small ones share a transaction, a few large ones their memory. */
const FILES_AT_ONCE = 128
const BYTES_AT_ONCE = 64 * 1024 * 1024
/** What a large file holds of it while it is being sealed, whatever its size. */
const MOST_OF_ONE = 8 * 1024 * 1024
const PORTION = 1024 * 1024

/**
 * Takes files and folders of the desk's own machine, in the background; asking again for the same batch goes on
 * where it was. Refuses: not_permitted, not_found, batch_closed, invalid_input (a path that is not absolute).
 */
export async function receiveLocal(
  tx: Tx,
  batchId: string,
  order: { paths: readonly string[]; close: boolean },
): Promise<Batch> {
  await openTakingBatch(tx, batchId)
  const relative = order.paths.find((one) => !path.isAbsolute(one))
  if (relative !== undefined)
    throw new Refusal('invalid_input', `“${relative}” is not an absolute path. Nothing was taken in.`)
  await tx.sql
    .updateTable('intake.batch')
    .set({ local_paths: JSON.stringify(order.paths), local_close: order.close })
    .where('id', '=', batchId)
    .execute()
  await enqueue(tx, LOCAL, { batchId }, { key: batchId })
  return readBatch(tx, batchId)
}

/** The work of it. Stopped anywhere and run again, it takes what is missing and nothing twice. */
export async function takeLocal(desk: Desk, batchId: string, signal: AbortSignal): Promise<void> {
  const { batch, alsoDigest } = await inTransaction(desk, SYSTEM_ACTOR, async (tx) => ({
    batch: await openBatch(tx, batchId, 'intake.run'),
    alsoDigest: await statedDigests(tx, batchId),
  }))
  if (batch.state !== 'open' || batch.local_paths === null) return
  const actor: Actor = { ...SYSTEM_ACTOR, onBehalfOf: batch.created_by }
  const taking = new Taking(desk, actor, batch, { alsoDigest, signal })
  await taking.all(batch.local_paths as unknown as string[])
  if (signal.aborted || !batch.local_close) return
  await inTransaction(desk, actor, (tx) => closeBatch(tx, batchId))
  requestReading(desk)
}

interface Found {
  /** As this machine opens it: names need not be UTF-8. */
  readonly file: Buffer
  readonly given: GivenPath
  readonly sizeBytes: number
  readonly modifiedAt: Date | null
  /** Why it cannot be taken: a link, a device, a folder that cannot be read. */
  readonly obstacle: string | null
}

class Taking {
  private readonly desk: Desk
  private readonly actor: Actor
  private readonly batch: BatchRecord
  private readonly receiver: Receiver
  private readonly alsoDigest: readonly ('sha1' | 'md5')[]
  private readonly signal: AbortSignal
  private readonly room = new Budget(BYTES_AT_ONCE)

  constructor(
    desk: Desk,
    actor: Actor,
    batch: BatchRecord,
    options: { alsoDigest: readonly ('sha1' | 'md5')[]; signal: AbortSignal },
  ) {
    this.desk = desk
    this.actor = actor
    this.batch = batch
    this.receiver = new Receiver(desk, actor, batch)
    this.alsoDigest = options.alsoDigest
    this.signal = options.signal
  }

  async all(roots: readonly string[]): Promise<void> {
    let waiting: Found[] = []
    for (const root of roots) {
      for await (const found of walk(Buffer.from(root), Buffer.from(path.basename(root)))) {
        if (this.signal.aborted) return
        waiting.push(found)
        if (waiting.length < ANNOUNCED_AT_ONCE) continue
        await this.some(waiting)
        waiting = []
      }
    }
    if (waiting.length > 0) await this.some(waiting)
  }

  private async some(found: readonly Found[]): Promise<void> {
    const rows = await inTransaction(this.desk, this.actor, (tx) =>
      enterFiles(
        tx,
        this.batch.id,
        found.map((one) => ({ path: one.given, sizeBytes: one.sizeBytes, modifiedAt: one.modifiedAt })),
      ),
    )
    const todo = rows.flatMap((row, at) => {
      const one = found[at]
      return one && (row.state === 'announced' || row.state === 'receiving') ? [{ row, one }] : []
    })
    const next = todo.values()
    const lanes = Array.from({ length: FILES_AT_ONCE }, async () => {
      for (const { row, one } of next) {
        if (this.signal.aborted) return
        await this.one(row, one)
      }
    })
    await Promise.all(lanes)
  }

  private async one(row: FileRecord, found: Found): Promise<void> {
    if (found.obstacle !== null) return this.fail(row, 'receive', found.obstacle, false)
    try {
      const blob = await this.room.with(Math.min(found.sizeBytes, MOST_OF_ONE), () =>
        sealBlob(this.desk, readFile(found), { alsoDigest: this.alsoDigest }),
      )
      await this.receiver.receive({ file: row, blob })
    } catch (error) {
      if (error instanceof Refusal && error.code === 'disk_full') throw error
      const code = (error as NodeJS.ErrnoException).code
      if (code === undefined || !code.startsWith('E')) throw error
      await this.fail(row, 'receive', `The file could not be read on this machine (${code}).`, true)
    }
  }

  private async fail(row: FileRecord, step: string, reason: string, retryable: boolean): Promise<void> {
    await inTransaction(this.desk, this.actor, (tx) => failFile(tx, row.id, { step, reason, retryable }))
  }
}

/** A file's bytes, in memory no larger than the file: many small ones are read at once. It may have grown meanwhile. */
function readFile({ file, sizeBytes }: Found): AsyncIterable<Uint8Array> {
  return createReadStream(file, { highWaterMark: Math.min(PORTION, sizeBytes + 1) })
}

/** Everything below a path in name order; links and devices are named, never followed or opened. */
async function* walk(file: Buffer, given: Buffer): AsyncGenerator<Found> {
  const stat = await lstat(file).catch((error: NodeJS.ErrnoException) => error.code ?? 'EIO')
  const entry = (obstacle: string | null): Found => ({
    file,
    given: givenPath(given),
    sizeBytes: typeof stat === 'string' ? 0 : stat.size,
    modifiedAt: typeof stat === 'string' ? null : stat.mtime,
    obstacle,
  })
  if (typeof stat === 'string') yield entry(`It cannot be opened on this machine (${stat}).`)
  else if (stat.isFile()) yield entry(null)
  else if (stat.isSymbolicLink()) yield entry('It is a link; links are not followed.')
  else if (!stat.isDirectory()) yield entry('It is a device, pipe or socket, not a file.')
  else {
    const names = await readdir(file, { encoding: 'buffer' }).catch(
      (error: NodeJS.ErrnoException) => error.code ?? 'EIO',
    )
    if (typeof names === 'string') yield entry(`The folder cannot be read on this machine (${names}).`)
    else
      for (const name of names.toSorted(Buffer.compare))
        yield* walk(Buffer.concat([file, SLASH, name]), Buffer.concat([given, SLASH, name]))
  }
}

const SLASH = Buffer.from('/')
