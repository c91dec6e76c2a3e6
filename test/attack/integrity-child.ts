import { startDesk } from '../../src/apps/server/start.ts'
import { actorForPerson } from '../../src/modules/identity/resolve.ts'
import { approveErasure } from '../../src/modules/integrity/erasures.ts'
import { createLogger } from '../../src/platform/log.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { ENVIRONMENT, ROOT } from './integrity-world.ts'

// A desk in a process of its own, to be killed; a person agrees to an erasure on it. Usage: integrity-child.ts HOME PERSON ERASURE.
const [home = '', person = '', erasure = ''] = process.argv.slice(2)
const { desk } = await startDesk({
  home,
  root: ROOT,
  environment: ENVIRONMENT,
  log: createLogger('fatal'),
  listen: false,
})
const actor = await actorForPerson(desk, person)
if (!actor) throw new Error('there is no such person')
await inTransaction(desk, actor, (tx) => approveErasure(tx, erasure))
