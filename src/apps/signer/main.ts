import { Refusal } from '../../base/refusal.ts'
import type { SignerAnswer, SignerCall } from '../../modules/ledger/signer-process.ts'
import { Signer } from './signer.ts'

// The signer's own process: the only one that reads the log's key. It talks to the one that forked it, does one
// thing at a time, and ends with it. Usage: main.ts FOLDER.
const folder = process.argv[2] ?? ''
let signer: Signer | null = null
let queue: Promise<void> = Promise.resolve()

process.on('message', (call: SignerCall) => {
  queue = queue.then(async () => void process.send?.(await answer(call)))
})
process.on('disconnect', () => void queue.finally(() => process.exit(0)))
// Ctrl-C reaches the whole group; the desk decides when the signer ends.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => undefined)

async function answer(call: SignerCall): Promise<SignerAnswer> {
  try {
    return { id: call.id, value: await handle(call) }
  } catch (error) {
    if (error instanceof Refusal)
      return { id: call.id, refusal: { code: error.code, detail: error.detail, facts: error.facts } }
    return { id: call.id, fault: String(error) }
  }
}

async function handle(call: SignerCall): Promise<unknown> {
  if (call.what === 'open') {
    signer = await Signer.open(folder, call.unlock)
    return signer.view()
  }
  if (signer === null) throw new Error('the signer is not open')
  if (call.what === 'view') return signer.view()
  if (call.what === 'sign') return signer.sign(call.order)
  return signer.continueLog(call.order)
}
