import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { uuidV7 } from '../../base/ids.ts'
import { confirmPerson } from '../../modules/identity/confirm-person.ts'
import { append } from '../../modules/ledger/append.ts'
import { continueLog } from '../../modules/ledger/continue.ts'
import { startSigner, type SignerView } from '../../modules/ledger/signer-process.ts'
import { readCheckpoint } from '../../modules/ledger/read.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { loadConfig } from '../../platform/config.ts'
import { connect } from '../../platform/connect.ts'
import { openKeys } from '../../platform/keys/open.ts'
import { createLogger } from '../../platform/log.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { equalBytes } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import { parseNote } from '../../proof/note.ts'
import { signerProgram } from '../signer/program.ts'
import { openDatabase } from './open-database.ts'

export interface ContinueOrder {
  readonly home: string
  readonly root: string
  readonly environment: NodeJS.ProcessEnv
  readonly passphrase?: string
  readonly people: readonly { readonly signInName: string; readonly password: string }[]
  readonly reason: string
  /** The newest signed note that anyone holds of the log given up. */
  readonly lastKnownCheckpoint: string
}

export interface Continued {
  readonly origin: string
  readonly logKey: string
  readonly size: number
  /** Leaves that were signed and are not in the restored log; null where the signer's record is lost, too. */
  readonly lost: number | null
}

/**
 * Continues the log of a stopped desk openly, from the older state that was restored. Both people give their
 * passwords; the entry that says what was lost is the first one under the new origin.
 *
 * Refuses: sign_in_failed, not_permitted, two_people_needed, conflict (there is nothing to continue), log_damaged,
 * keys_sealed, passphrase_wrong.
 */
export async function continueStopped(order: ContinueOrder): Promise<Continued> {
  const { home, root, environment } = order
  const config = loadConfig(home, environment)
  const keys = await openKeys(home, order.passphrase)
  const database = await openDatabase(home, config, root)
  const { db } = connect(database.login.app, 2)
  const desk: Desk = {
    db,
    config,
    home,
    now: () => new Date(),
    random: (bytes) => randomBytes(bytes),
    newId: () => uuidV7(Date.now(), randomBytes(10)),
    log: createLogger(config.logLevel),
    entryKey: keys.entryKey,
    signal: new AbortController().signal,
  }
  try {
    return await continueAs(desk, order, keys.signerUnlock)
  } finally {
    await db.destroy()
    await database.stop()
  }
}

async function continueAs(desk: Desk, order: ContinueOrder, unlock: Uint8Array | null): Promise<Continued> {
  const people: { id: string; name: string }[] = []
  for (const person of order.people) people.push(await confirmPerson(desk, person, 'keys.manage'))
  const signer = await startSigner({
    program: signerProgram(),
    folder: path.join(desk.home, 'signer'),
    unlock,
  })
  try {
    const before = await signer.view()
    await refuseNeedless(desk, before)
    const known = parseCheckpoint(parseNote(order.lastKnownCheckpoint).text)
    // A signer that signed nothing yet is a new one: what the one before had signed, nobody knows.
    const isNewSigner = before.size === 0
    const approvals = people.map((person) => person.id)
    const after = await continueLog(desk, signer, {
      lastKnownCheckpoint: order.lastKnownCheckpoint,
      approvals,
    })
    const lost = isNewSigner ? null : before.size - after.size
    await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
      append(tx, {
        kind: 'ledger.log.continued',
        subjects: approvals.map((id) => ({ type: 'person', id })),
        why: order.reason,
        detail: {
          origin: after.origin,
          givenUp: isNewSigner ? known.origin : before.origin,
          size: after.size,
          lost,
          lastKnownCheckpoint: order.lastKnownCheckpoint,
        },
      }),
    )
    return { origin: after.origin, logKey: after.logKey, size: after.size, lost }
  } finally {
    await signer.stop()
  }
}

/** A log that stands where the signer left it goes on by itself: giving it up would only cost its origin. */
async function refuseNeedless(desk: Desk, before: SignerView): Promise<void> {
  const { origin, size, root } = await readCheckpoint(desk)
  if (origin !== before.origin || size !== before.size || !equalBytes(root, before.root)) return
  throw new Refusal(
    'conflict',
    `The log stands at the ${size} entries that the signer has signed. There is nothing to continue; start the desk. Nothing was changed.`,
  )
}
