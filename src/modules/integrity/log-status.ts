import { sql } from 'kysely'
import type { z } from 'zod'
import type { logStatus as shape } from '../../contract/integrity.ts'
import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { toBase64 } from '../../base/bytes.ts'
import { integrityOf } from './start.ts'

/** The newest published checkpoint that the database knows, and how many entries wait for the next. */
export async function logStatus(desk: Desk, actor: Actor): Promise<z.infer<typeof shape>> {
  const verifierKey = await integrityOf(desk).logKey()
  return inTransaction(desk, actor, async (tx) => {
    const head = await tx.sql.selectFrom('ledger.head').selectAll().executeTakeFirst()
    const waiting = await sql<{ count: number }>`select ledger.waiting() as count`.execute(tx.sql)
    return {
      origin: head?.origin ?? verifierKey.split('+')[0] ?? '',
      verifierKey,
      treeSize: head?.size ?? 0,
      root: head ? toBase64(head.root) : '',
      sealedAt: head?.published_at.toISOString() ?? null,
      waiting: waiting.rows[0]?.count ?? 0,
    }
  })
}
