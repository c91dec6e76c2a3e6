import { sql } from 'kysely'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'

/**
 * Adds up the counts of collections, which each change keeps as a row of its own: they stay right without it, and
 * grow slow to add. Called now and then; two at once do no harm.
 */
export async function foldTally(desk: Desk): Promise<void> {
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => sql`select evidence.fold_tally()`.execute(tx.sql))
}
