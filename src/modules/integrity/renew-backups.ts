import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { readBackup } from './backup-format.ts'
import { backUp, untilNoBackup } from './backup.ts'

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
      await untilNoBackup(desk)
      await backUp(desk, SYSTEM_ACTOR, folder)
      renewed.push(folder)
    } catch (error) {
      // A disk that is away, full or failing must not stop an erasure; its copy stays on the list.
      const why =
        error instanceof Refusal ? error.code : ((error as NodeJS.ErrnoException).code ?? String(error))
      desk.log.warn({ why }, 'a backup could not be renewed for an erasure')
    }
  }
  return renewed
}
