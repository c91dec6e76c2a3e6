import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { isMissing } from '../../platform/objects/durable.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { RESTORED_FILE } from './restore.ts'

const noteSchema = z.strictObject({
  backup: z.uuid(),
  madeAt: z.string(),
  treeSize: z.int(),
})

/** At the first start after a restore: says on the log that this desk stands on a backup. Nothing otherwise. */
export async function recordRestore(desk: Desk): Promise<void> {
  const file = path.join(desk.home, RESTORED_FILE)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  const { backup, ...detail } = noteSchema.parse(JSON.parse(text))
  await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    append(tx, { kind: 'integrity.desk.restored', subjects: [{ type: 'backup', id: backup }], detail }),
  )
  await rm(file, { force: true })
}
