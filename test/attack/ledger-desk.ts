import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type pg from 'pg'
import { signerProgram } from '../../src/apps/signer/program.ts'
import { appendMany } from '../../src/modules/ledger/append.ts'
import { waitSealed } from '../../src/modules/ledger/read.ts'
import type { Sequencer } from '../../src/modules/ledger/sequencer.ts'
import { startSigner, type LogSigner } from '../../src/modules/ledger/signer-process.ts'
import { startLedger, type LedgerOptions } from '../../src/modules/ledger/start.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { openKeys, type DeskKeys } from '../../src/platform/keys/open.ts'
import { openLogin } from '../../src/platform/logins.ts'
import { inTransaction, type Desk } from '../../src/platform/tx.ts'
import { createTestDesk, type TestDesk } from '../support/desk.ts'

/** A desk with what its ledger needs; nothing of it runs yet. */
export interface LedgerDesk {
  readonly desk: TestDesk
  readonly keys: DeskKeys
  readonly sequencerLogin: pg.ClientConfig
}

export async function createLedgerDesk(t: Pick<TestContext, 'after'>): Promise<LedgerDesk> {
  const bare = await createTestDesk(t)
  const keys = await openKeys(bare.home)
  const desk = { ...bare, entryKey: keys.entryKey }
  return {
    desk,
    keys,
    sequencerLogin: await openLogin(desk.owner, 'sequencer', randomBytes(12).toString('hex')),
  }
}

export function openSigner(desk: Pick<Desk, 'home'>): Promise<LogSigner> {
  return startSigner({ program: signerProgram(), folder: path.join(desk.home, 'signer'), unlock: null })
}

export interface RunningLedger {
  readonly signer: LogSigner
  readonly sequencer: Sequencer
  stop(): Promise<void>
}

/** Starts signer and sequencer; a refusal of the start stops the signer again. */
export async function runLedger(
  made: LedgerDesk,
  options: Partial<LedgerOptions> = {},
): Promise<RunningLedger> {
  const signer = options.signer ?? (await openSigner(made.desk))
  try {
    const sequencer = await startLedger(made.desk, {
      groupMs: 5,
      sequencerLogin: made.sequencerLogin,
      entryPublicKey: made.keys.entryKey.publicKey,
      ...options,
      signer,
    })
    const stop = async (): Promise<void> => {
      await sequencer.stop() // twice does no harm
      await signer.stop()
    }
    return { signer, sequencer, stop }
  } catch (error) {
    await signer.stop()
    throw error
  }
}

/** Appends so many entries in one transaction; returns their ids. */
export function appendSome(desk: Desk, count: number, note = 'fictional'): Promise<string[]> {
  const entries = Array.from({ length: count }, (_, at) => ({
    kind: 'evidence.item.described',
    subjects: [{ type: 'item', id: `item-${at}` }],
    why: note,
    detail: { at },
  }))
  return inTransaction(desk, SYSTEM_ACTOR, (tx) => appendMany(tx, entries))
}

/** Waits until all are sealed; returns their places. */
export async function sealedPlaces(desk: Desk, ids: readonly string[]): Promise<number[]> {
  const places: number[] = []
  for (const id of ids) places.push(await waitSealed(desk, id, 20_000))
  return places
}
