import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Database } from './database.ts'
import { transactionPool } from './transaction-client.ts'

// Counts and sizes come as int8; every one of ours is below 2^53, and a larger one must not be rounded silently.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`a number from the database is too large: ${text}`)
  return value
})

/** A pool with Kysely over it. `max`: connections held at most. */
export function connect(login: pg.ClientConfig, max: number): { db: Kysely<Database>; pool: pg.Pool } {
  const pool = new pg.Pool({ ...login, max, application_name: 'amanat' })
  // An idle connection that breaks (server restarted) must not end the process; the next query reconnects.
  pool.on('error', () => undefined)
  return { db: new Kysely<Database>({ dialect: new PostgresDialect({ pool: transactionPool(pool) }) }), pool }
}
