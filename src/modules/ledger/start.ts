import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { ITEM_KIND, keyAuthorisedDetail } from '../../proof/item-entries.ts'
import { append } from './append.ts'
import { startSequencer, type Sequencer, type SequencerOptions } from './sequencer.ts'
import * as store from './store.ts'

export interface LedgerOptions extends SequencerOptions {
  /** The raw public key of `desk.entryKey`. */
  readonly entryPublicKey: Uint8Array
}

/**
 * Starts the ledger: the key that signs entries is authorised on the log (once), then entries get their places.
 *
 * Refuses: as `startSequencer`.
 */
export async function startLedger(desk: Desk, options: LedgerOptions): Promise<Sequencer> {
  const sequencer = await startSequencer(desk, options)
  try {
    await authoriseEntryKey(desk, options.entryPublicKey)
  } catch (error) {
    await sequencer.stop()
    throw error
  }
  return sequencer
}

/** Records the desk's entry key as an entry of its own, which the key itself signs; nothing where it is known. */
async function authoriseEntryKey(desk: Desk, publicKey: Uint8Array): Promise<void> {
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const known = await store.entryKeys(tx.sql)
    if (known.some((key) => key.key_id === desk.entryKey.keyId)) return
    await store.addEntryKey(tx.sql, { keyId: desk.entryKey.keyId, publicKey, since: desk.now() })
    await append(tx, { kind: ITEM_KIND.keyAuthorised, subjects: [], detail: keyAuthorisedDetail(publicKey) })
  })
}
