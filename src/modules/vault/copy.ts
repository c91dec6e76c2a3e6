import { createHash } from 'node:crypto'
import { ObjectMissing, type ObjectStore } from '../../platform/objects/port.ts'
import type { Desk } from '../../platform/tx.ts'
import { payloadSize } from '../../proof/age.ts'
import { blobMissing } from './open.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'
import { Refusal } from '../../base/refusal.ts'

const AT_ONCE = 500

export interface Copied {
  readonly blobs: number
  /** Sealed bytes of all blobs, and how many blobs were written now. */
  readonly bytes: number
  readonly copied: number
}

/**
 * Copies the sealed bytes of every kept blob that `to` does not hold; each is checked against its address on the
 * way. Afterwards `to` holds no object but these and the ones that `alsoKeep` names: what was erased is gone there, too.
 *
 * Refuses: blob_missing, blob_damaged (the vault is to be mended before its backup is renewed), disk_full.
 */
export async function copyBlobs(desk: Desk, to: ObjectStore, alsoKeep: ReadonlySet<string>): Promise<Copied> {
  const { store: from } = await vaultOf(desk)
  let [blobs, bytes, copied, after] = [0, 0, 0, '']
  for (;;) {
    const rows = await store.listAfter(desk.db, after, AT_ONCE)
    for (const row of rows.filter((one) => one.erased_by === null)) {
      const size = payloadSize(row.size_bytes)
      const there = await to.stat(row.address)
      if (there?.sizeBytes !== size) {
        await copyObject(from, to, row.address, size)
        copied++
      }
      blobs++
      bytes += size
    }
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.address
  }
  await removeOthers(desk, to, alsoKeep)
  return { blobs, bytes, copied }
}

/** Copies one object whole; nothing is left behind where its bytes do not have the address. */
export async function copyObject(
  from: ObjectStore,
  to: ObjectStore,
  address: string,
  size: number,
): Promise<void> {
  const draft = await to.draft()
  try {
    const hash = createHash('sha256')
    for await (const piece of from.read(address, 0, size + 1)) {
      hash.update(piece)
      await draft.write(piece)
    }
    if (hash.digest('hex') !== address) {
      throw new Refusal(
        'blob_damaged',
        `The stored bytes of ${address} were changed; they were not copied. Run an audit and mend the vault first.`,
        { address },
      )
    }
    await draft.commit(address)
  } catch (error) {
    await draft.abandon()
    throw error instanceof ObjectMissing ? blobMissing(address) : error
  }
}

async function removeOthers(desk: Desk, to: ObjectStore, alsoKeep: ReadonlySet<string>): Promise<void> {
  let gathered: string[] = []
  const check = async (): Promise<void> => {
    const kept = new Set(
      (await store.find(desk.db, gathered)).filter((row) => row.erased_by === null).map((row) => row.address),
    )
    for (const name of gathered) if (!kept.has(name) && !alsoKeep.has(name)) await to.remove(name)
    gathered = []
  }
  for await (const object of to.list()) {
    gathered.push(object.name)
    if (gathered.length >= AT_ONCE) await check()
  }
  await check()
  await to.removeDrafts(desk.now())
}
