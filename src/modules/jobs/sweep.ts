import { sql } from 'kysely'
import type { Desk } from '../../platform/tx.ts'

/** Removes jobs that ended well an hour ago; what was set aside stays. Returns how many went. */
export async function sweepDone(desk: Desk): Promise<number> {
  const gone = await sql`delete from pgboss.job
    where state in ('completed', 'cancelled') and completed_on < ${desk.now()}::timestamptz - interval '1 hour'`.execute(
    desk.db,
  )
  return Number(gone.numAffectedRows ?? 0)
}
