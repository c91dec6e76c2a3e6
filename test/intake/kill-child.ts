/** Takes a folder in on a desk made by the test, until it is done or killed. Arguments: one JSON. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { uuidV7 } from '../../src/base/ids.ts'
import { takeLocal } from '../../src/modules/intake/local.ts'
import { readTasks } from '../../src/modules/intake/read-tasks.ts'
import { closeWorkshops } from '../../src/modules/intake/pools.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { connect } from '../../src/platform/connect.ts'
import { createLogger } from '../../src/platform/log.ts'
import type { Desk } from '../../src/platform/tx.ts'

const { home, login, batchId, aheadMs } = JSON.parse(process.argv[2] ?? '{}') as {
  home: string
  login: object
  batchId: string
  aheadMs: number
}
const { db } = connect(login, 10)
const stop = new AbortController()
const { privateKey } = generateKeyPairSync('ed25519')
const desk: Desk = {
  db,
  home,
  config: loadConfig(home, {}),
  now: () => new Date(Date.now() + aheadMs),
  random: (bytes) => randomBytes(bytes),
  newId: () => uuidV7(Date.now() + aheadMs, randomBytes(10)),
  log: createLogger('silent'),
  entryKey: { keyId: '00'.repeat(32), sign: (message) => sign(null, message, privateKey) },
  signal: stop.signal,
}
const taking = takeLocal(desk, batchId, stop.signal)
const reading = (async () => {
  await new Promise((resolve) => setTimeout(resolve, 50))
  await readTasks(desk, stop.signal)
})()
await Promise.all([taking, reading])
await readTasks(desk, stop.signal)
process.stdout.write('done\n')
await closeWorkshops(desk)
await db.destroy()
process.exit(0)
