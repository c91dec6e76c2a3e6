import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { ITEM_KIND, keyAuthorisedDetail } from '../../proof/item-entries.ts'
import { append } from './append.ts'
import { waitSealed } from './read.ts'
import { startSequencer, type Sequencer, type SequencerOptions } from './sequencer.ts'
import * as store from './store.ts'

export interface LedgerOptions extends SequencerOptions {
  /** The raw public key of `desk.entryKey`. */
  readonly entryPublicKey: Uint8Array
  /** How long the first start waits for its one entry to be sealed; a slow disk may take its time. 60 s unless said. */
  readonly firstSealMs?: number
}

/**
 * Starts the ledger: entries get their places, and the first of all authorises the key that signs them. Nothing else
 * may be appended before this returns.
 *
 * Refuses: as `startSequencer`; entry_key_not_authorised; not_sealed_yet.
 */
export async function startLedger(desk: Desk, options: LedgerOptions): Promise<Sequencer> {
  const sequencer = await startSequencer(desk, options)
  try {
    await authoriseEntryKey(desk, options)
  } catch (error) {
    await sequencer.stop()
    throw error
  }
  return sequencer
}

/**
 * Records the desk's entry key as the log's first entry, which the key itself signs, and waits until it stands at
 * place 0: a verifier accepts a key that vouches for itself nowhere else, so nothing may be appended before.
 */
async function authoriseEntryKey(desk: Desk, options: LedgerOptions): Promise<void> {
  const { entryPublicKey: publicKey, firstSealMs = 60_000 } = options
  const { keyId } = desk.entryKey
  const entryId = await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const known = await store.entryKeys(tx.sql)
    const first = await store.firstEntry(tx.sql)
    if (known.some((key) => key.key_id === keyId)) return first?.id ?? null
    if (known.length > 0 || first !== null) throw keyNotAuthorised(keyId, 'another key signs its entries')
    await store.addEntryKey(tx.sql, { keyId, publicKey, since: desk.now() })
    return append(tx, { kind: ITEM_KIND.keyAuthorised, subjects: [], detail: keyAuthorisedDetail(publicKey) })
  })
  if (entryId === null) throw keyNotAuthorised(keyId, 'the entry that authorised it is gone')
  await waitSealed(desk, entryId, firstSealMs)
  const first = await inTransaction(desk, SYSTEM_ACTOR, (tx) => store.firstEntry(tx.sql))
  if (first?.index !== 0 || first.kind !== ITEM_KIND.keyAuthorised)
    throw keyNotAuthorised(keyId, 'its first entry does not authorise a key')
}

/** A later key would need an entry signed with the key before it; the desk keeps one entry key for its whole life. */
function keyNotAuthorised(keyId: string, why: string): Refusal {
  return new Refusal(
    'entry_key_not_authorised',
    `The entry key of this desk (${keyId.slice(0, 16)}…) is not authorised on this log: ${why}. Nothing was appended, because no verifier would accept it. Put back the keys that belong to this log (docs/operations/keys.md).`,
    { keyId },
  )
}
