import pg from 'pg'
import { PgBoss } from 'pg-boss'

/** pg-boss keeps its tables in a schema of its own; nobody else writes there. */
export const SCHEMA = 'pgboss'

/**
 * Makes or upgrades pg-boss's tables as their owner, and lets the application use them: it runs jobs, and can
 * change nothing about the tables. Safe to repeat; several starts at once take turns.
 */
export async function installJobs(owner: pg.ClientConfig): Promise<void> {
  const pool = new pg.Pool({ ...owner, max: 2 })
  pool.on('error', () => undefined) // the failing query reports it
  const db = { executeSql: async (text: string, values?: unknown[]) => pool.query(text, values) }
  const boss = new PgBoss({ db, schema: SCHEMA, supervise: false, schedule: false })
  let failure: unknown
  boss.on('error', (error) => (failure = error))
  try {
    await boss.start()
    await boss.stop({ graceful: false })
    await pool.query(`
      grant usage on schema ${SCHEMA} to amanat_app;
      grant select, insert, update, delete on all tables in schema ${SCHEMA} to amanat_app;
      grant usage on all sequences in schema ${SCHEMA} to amanat_app;
      grant execute on all functions in schema ${SCHEMA} to amanat_app`)
  } finally {
    await pool.end()
  }
  if (failure !== undefined) throw failure
}
