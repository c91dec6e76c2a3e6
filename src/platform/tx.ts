import { CompiledQuery, type IsolationLevel, type Kysely, type Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { Actor } from './actor.ts'
import type { Config } from './config.ts'
import type { Database } from './database.ts'
import { ACT_AS } from './transaction-client.ts'

/** Everything with an effect, given as an argument. One per process, made by the composition root. */
export interface Desk {
  readonly db: Kysely<Database>
  readonly config: Config
  readonly home: string
  readonly now: () => Date
  readonly random: (bytes: number) => Uint8Array
  readonly newId: () => string
  readonly log: Logger
  /** Signs log entries (Ed25519); not the key that signs checkpoints. */
  readonly entryKey: EntryKey
  readonly signal: AbortSignal
}

export interface EntryKey {
  readonly keyId: string
  sign(message: Uint8Array): Uint8Array
}

/** A transaction under an actor: what the actor may not see, PostgreSQL does not return. */
export interface Tx {
  readonly sql: Transaction<Database>
  readonly desk: Desk
  readonly actor: Actor
  /** Runs after the commit, in order; not after a rollback. A fault in it is logged, never thrown. */
  afterCommit(run: () => void): void
}

/**
 * Runs `work` in one transaction that belongs to `actor`; commits when it returns, rolls back when it throws.
 *
 * Row-level security reads the settings made here; they end with the transaction (`set_config(…, true)`),
 * so a pooled connection carries nothing over to the next actor. `isolation`: `repeatable read` where several
 * statements must see one state.
 */
export async function inTransaction<T>(
  desk: Desk,
  actor: Actor,
  work: (tx: Tx) => Promise<T>,
  isolation: IsolationLevel = 'read committed',
): Promise<T> {
  const after: (() => void)[] = []
  const begin = desk.db.transaction().setIsolationLevel(isolation)
  const result = await begin.execute(async (transaction) => {
    const { id, kind, sessionId, roles } = actor
    await transaction.executeQuery(CompiledQuery.raw(ACT_AS, [id, kind, sessionId ?? '', roles.join(',')]))
    return work({ sql: transaction, desk, actor, afterCommit: (run) => after.push(run) })
  })
  for (const run of after) {
    try {
      run()
    } catch (fault) {
      desk.log.error({ fault }, 'an after-commit hook failed')
    }
  }
  return result
}
