import path from 'node:path'
import type pg from 'pg'
import { foldTally } from '../../modules/evidence/fold-tally.ts'
import { ensureLocalOperator } from '../../modules/identity/local-operator.ts'
import { resumeIntake } from '../../modules/intake/jobs.ts'
import { closeWorkshops } from '../../modules/intake/pools.ts'
import { recordRestore } from '../../modules/integrity/record-restore.ts'
import { resumeIntegrity } from '../../modules/integrity/resume.ts'
import { startIntegrity, stopIntegrity } from '../../modules/integrity/start.ts'
import { startWorkers } from '../../modules/jobs/workers.ts'
import { startSigner } from '../../modules/ledger/signer-process.ts'
import { startLedger } from '../../modules/ledger/start.ts'
import { startSearch } from '../../modules/search/start.ts'
import { startVault, stopVault } from '../../modules/vault/start.ts'
import { sweepOrphans } from '../../modules/vault/sweep.ts'
import type { DeskKeys } from '../../platform/keys/open.ts'
import { openFolderStore } from '../../platform/objects/folder.ts'
import type { Desk } from '../../platform/tx.ts'
import { signerProgram } from '../signer/program.ts'
import { JOB_KINDS } from './job-kinds.ts'
import { offerGauge } from './metrics.ts'
import type { HealthProbe } from './parts.ts'
import type { StopList } from './stop-list.ts'

const GRACE_MS = 5000
const SWEEP_EVERY_MS = 3_600_000

export interface ModuleLogins {
  readonly owner: pg.ClientConfig
  readonly app: pg.ClientConfig
  readonly sequencer: pg.ClientConfig
}

/**
 * Starts what stands behind the routes, in the order in which one needs the other: vault, signer, sequencer, local
 * operator (the first act on the log), workers. `stops` undoes it. Returns what can be asked whether it works.
 *
 * Refuses: log_rolled_back, log_damaged, log_refused, signer_lost.
 */
export async function startModules(
  desk: Desk,
  keys: DeskKeys,
  logins: ModuleLogins,
  stops: StopList,
): Promise<HealthProbe[]> {
  startVault(desk, { store: openFolderStore(path.join(desk.home, 'vault')), epochs: keys.epochs })
  stops.add(async () => stopVault(desk))
  const signer = await startSigner({
    program: signerProgram(),
    folder: path.join(desk.home, 'signer'),
    unlock: keys.signerUnlock,
  })
  stops.add(() => signer.stop())
  const sequencer = await startLedger(desk, {
    sequencerLogin: logins.sequencer,
    signer,
    entryPublicKey: keys.entryKey.publicKey,
  })
  stops.add(() => sequencer.stop())
  startIntegrity(desk, { owner: logins.owner, logKey: async () => (await signer.view()).logKey })
  stops.add(async () => stopIntegrity(desk))
  await recordRestore(desk)
  await ensureLocalOperator(desk)
  startSearch(desk)
  stops.add(() => closeWorkshops(desk))
  const workers = await startWorkers(desk, logins.app, JOB_KINDS)
  stops.add(() => workers.stop(GRACE_MS))
  await resumeIntake(desk)
  await resumeIntegrity(desk)
  sweepNowAndThen(desk, stops)
  offerGauge('log_entries', 'Entries under the newest checkpoint', () => sequencer.status().size)
  return [
    {
      name: 'signer',
      check: async () => `the log has ${(await signer.view()).size} entries`,
    },
    {
      name: 'sequencer',
      check: async () => {
        const { state, reason } = sequencer.status()
        if (state === 'failing' || state === 'stopped') throw new Error(reason ?? state)
        return state
      },
    },
    { name: 'workers', check: () => workers.check() },
  ]
}

/** Removes what interrupted intakes left in the vault, and adds up counts; nothing waits for either. */
function sweepNowAndThen(desk: Desk, stops: StopList): void {
  const timer = setInterval(() => {
    sweepOrphans(desk).catch((fault: unknown) => desk.log.error({ fault }, 'the vault could not be swept'))
    foldTally(desk).catch((fault: unknown) => desk.log.error({ fault }, 'counts could not be added up'))
  }, SWEEP_EVERY_MS)
  timer.unref()
  stops.add(async () => clearInterval(timer))
}
