import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'
import { unwrapFileKey, wrapFileKey } from './wrap.ts'

const AT_ONCE = 1000

/** Makes a new epoch key, current from now on, and says so on the log. Returns its id. */
export async function newEpoch(desk: Desk): Promise<string> {
  const { epochs } = await vaultOf(desk)
  const epochId = await epochs.begin()
  await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    append(tx, { kind: 'vault.epoch.begun', subjects: [{ type: 'epoch', id: epochId }] }),
  )
  return epochId
}

/**
 * Wraps every file key under the current epoch key; goes on where it was when it is called again. Returns how many.
 *
 * Refuses: epoch_destroyed, blob_damaged, naming the first blob whose key cannot be read; the ones before are done.
 */
export async function rewrapAll(desk: Desk): Promise<number> {
  const { epochs } = await vaultOf(desk)
  const { id, key } = epochs.current()
  let done = 0
  for (;;) {
    const rows = await store.listToRewrap(desk.db, id, AT_ONCE)
    if (rows.length === 0) return done
    const keys = rows.map((row) => {
      const old = epochs.find(row.epoch_id)
      if (old === null)
        throw new Refusal(
          'epoch_destroyed',
          `The key of epoch ${row.epoch_id} is gone, and blob ${row.address} was only wrapped under it.`,
        )
      const fileKey = unwrapFileKey(old, row.address, row.wrapped_key)
      if (fileKey === null)
        throw new Refusal(
          'blob_damaged',
          `The wrapped key of blob ${row.address} was changed. Run an audit, mend it from a backup, then repeat.`,
        )
      return { address: row.address, key: wrapFileKey(key, row.address, fileKey) }
    })
    await store.rewrap(desk.db, id, keys)
    done += rows.length
  }
}

/**
 * Destroys every epoch key but the current one: file keys that only an older backup still holds open no more.
 * Rewraps first, so that nothing kept is lost. Returns the ids destroyed.
 */
export async function destroyOldEpochs(desk: Desk): Promise<string[]> {
  await rewrapAll(desk)
  const { epochs } = await vaultOf(desk)
  const current = epochs.current().id
  const old = epochs.ids().filter((id) => id !== current)
  for (const id of old) await epochs.destroy(id)
  if (old.length > 0)
    await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
      append(tx, { kind: 'vault.epoch.destroyed', subjects: old.map((id) => ({ type: 'epoch', id })) }),
    )
  return old
}
