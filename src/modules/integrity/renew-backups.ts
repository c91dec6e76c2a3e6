import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { readBackup } from './backup-format.ts'
import { backUp } from './backup.ts'

/**
 * Renews every backup whose folder is there now; the others stand in the list of unconfirmed copies. Returns the
 * folders renewed.
 */
export async function renewBackups(desk: Desk): Promise<string[]> {
  const rows = await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    tx.sql.selectFrom('integrity.backup').select('folder').distinct().execute(),
  )
  const renewed: string[] = []
  for (const { folder } of rows) {
    try {
      if ((await readBackup(folder)) === null) continue
      await backUp(desk, SYSTEM_ACTOR, folder)
      renewed.push(folder)
    } catch (error) {
      // A disk that is away or full must not stop an erasure; its copy stays on the list.
      if (!(error instanceof Refusal)) throw error
      desk.log.warn({ code: error.code }, 'a backup could not be renewed for an erasure')
    }
  }
  return renewed
}
