import { sql } from 'kysely'
import type { Tx } from '../../platform/tx.ts'

/**
 * True where the actor sees the item or collection; row-level security of the evidence tables decides.
 * Identity knows no subject, so the server joins the two.
 */
export async function subjectSeen(tx: Tx, kind: 'collection' | 'item', id: string): Promise<boolean> {
  const table = sql.table(`evidence.${kind}`)
  const rows = await sql`select 1 from ${table} where id = ${id}::uuid`.execute(tx.sql)
  return rows.rows.length > 0
}
