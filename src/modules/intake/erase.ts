import { sql } from 'kysely'
import type { Tx } from '../../platform/tx.ts'

/** Destroys what intake keeps of an item that evidence has erased in this transaction: its path, its manifest row. */
export async function eraseFile(tx: Tx, itemId: string, orderedBy: string): Promise<void> {
  await sql`select intake.erase(${itemId}::uuid, ${orderedBy}::uuid)`.execute(tx.sql)
}
