// A desk's sequencer that dies at a chosen step: argv[2] is JSON { home, sequencerLogin, dieAt }.
// It seals what waits; it ends by SIGKILL at step number `dieAt`, or by itself once everything is sealed.
import path from 'node:path'
import type pg from 'pg'
import { signerProgram } from '../../src/apps/signer/program.ts'
import { startSequencer } from '../../src/modules/ledger/sequencer.ts'
import { startSigner } from '../../src/modules/ledger/signer-process.ts'
import { createLogger } from '../../src/platform/log.ts'
import type { Desk } from '../../src/platform/tx.ts'

interface Orders {
  readonly home: string
  readonly sequencerLogin: pg.ClientConfig
  readonly dieAt: number
  readonly until: number
}

const { home, sequencerLogin, dieAt, until } = JSON.parse(process.argv[2] ?? '') as Orders
const desk = { home, now: () => new Date(), log: createLogger('error') } as unknown as Desk
const signer = await startSigner({
  program: signerProgram(),
  folder: path.join(home, 'signer'),
  unlock: null,
})
let steps = 0
const onStep = (step: string): void => {
  if (++steps !== dieAt) return
  process.stdout.write(step, () => process.kill(process.pid, 'SIGKILL'))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200) // give the word time to leave, then be dead
  process.kill(process.pid, 'SIGKILL')
}
const sequencer = await startSequencer(desk, { sequencerLogin, signer, groupMs: 1, onStep })
while (sequencer.status().size < until) await new Promise((resolve) => setTimeout(resolve, 5))
await sequencer.stop()
await signer.stop()
process.stdout.write('done')
