import { sql } from 'kysely'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { settleSegments } from './register.ts'

/**
 * Makes received files the segments of the image that `headId` stands for, and logs it; with a registered head they
 * are registered, too. Those that cannot go (registered already, in another collection) stay items of their own.
 * Returns how many went.
 */
export async function joinSegmentItems(
  tx: Tx,
  headId: string,
  members: readonly { readonly id: string; readonly number: number }[],
): Promise<number> {
  const { rows } = await sql<{ id: string }>`select evidence.join_segments(${headId}::uuid,
    ${members.map((one) => one.id)}::uuid[], ${members.map((one) => one.number)}::integer[]) as id`.execute(
    tx.sql,
  )
  if (rows.length === 0) return 0
  await append(tx, {
    kind: 'evidence.item.segments_joined',
    subjects: [{ type: 'item', id: headId }, ...rows.map(({ id }) => ({ type: 'item', id }))],
    detail: { segments: rows.length + 1 },
  })
  await settleSegments(tx, [headId])
  return rows.length
}
