import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { IntakeTask } from '../../platform/database.ts'
import type { Tx } from '../../platform/tx.ts'
import type { SealedBlob } from '../vault/blob.ts'
import { DEFAULT_LIMITS } from './extract/port.ts'

export type Task = Selectable<IntakeTask>

export interface NewTask {
  readonly id: string
  readonly batchId: string
  readonly blob: Pick<SealedBlob, 'address' | 'sizeBytes'>
  readonly name: string
  readonly depth: number
  readonly budgetBytes: number
  /** Of the container that it came out of, as they wait with its task. */
  readonly sealedPasswords?: Buffer | null
}

/** What a received file and all that comes out of it may expand to: a mailbox of 40 GB may hold 40 GB. */
export function expansionBudget(sizeBytes: number): number {
  return Math.max(DEFAULT_LIMITS.outputBytes, sizeBytes * 20)
}

/** Queues items to be read, in the transaction that received them. */
export async function addTasks(tx: Tx, tasks: readonly NewTask[]): Promise<void> {
  if (tasks.length === 0) return
  const at = tx.desk.now()
  await tx.sql
    .insertInto('intake.task')
    .values(
      tasks.map((task) => ({
        item_id: task.id,
        batch_id: task.batchId,
        address: task.blob.address,
        name: task.name,
        size_bytes: task.blob.sizeBytes,
        depth: task.depth,
        budget_bytes: Math.floor(task.budgetBytes),
        sealed_passwords: task.sealedPasswords ?? null,
        created_at: at,
      })),
    )
    .onConflict((conflict) => conflict.column('item_id').doNothing())
    .execute()
}

/** Claims tasks that nobody works on until a time; after it another reader may take them. */
export async function claimTasks(tx: Tx, howMany: number, leaseMs: number): Promise<Task[]> {
  const now = tx.desk.now()
  const until = new Date(now.getTime() + leaseMs)
  const { rows } = await sql<Task>`
    update intake.task t set claimed_until = ${until}, tries = tries + 1
    where t.item_id in (select item_id from intake.task where claimed_until is null or claimed_until < ${now}
      order by claimed_until nulls first, item_id limit ${howMany} for update skip locked)
    returning t.*`.execute(tx.sql)
  return rows
}

/** When the first of the claimed tasks may be taken by another reader; null where none is claimed. */
export async function firstClaimEnds(tx: Tx): Promise<Date | null> {
  const found = await tx.sql
    .selectFrom('intake.task')
    .select((of) => of.fn.min('claimed_until').as('at'))
    .executeTakeFirst()
  return found?.at ?? null
}

/** Lets go of the claims that end before a time: those of a desk that was killed. */
export async function releaseClaims(tx: Tx, before: Date): Promise<void> {
  await tx.sql
    .updateTable('intake.task')
    .set({ claimed_until: null })
    .where('claimed_until', '<', before)
    .execute()
}

/** Goes on holding tasks under work. */
export async function renewClaims(tx: Tx, itemIds: readonly string[], leaseMs: number): Promise<void> {
  if (itemIds.length === 0) return
  const until = new Date(tx.desk.now().getTime() + leaseMs)
  await tx.sql
    .updateTable('intake.task')
    .set({ claimed_until: until })
    .where('item_id', 'in', [...itemIds])
    .execute()
}

export async function removeTasks(tx: Tx, itemIds: readonly string[]): Promise<void> {
  if (itemIds.length === 0) return
  await tx.sql
    .deleteFrom('intake.task')
    .where('item_id', 'in', [...itemIds])
    .execute()
}
