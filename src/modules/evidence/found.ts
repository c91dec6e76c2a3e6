import type { Tx } from '../../platform/tx.ts'

interface ContainerSays {
  readonly itemId: string
  readonly found: readonly { readonly name: string; readonly value: string }[]
}

/** Keeps what a container says about the files in it, beside what is later found in them. */
export async function stateFound(tx: Tx, says: readonly ContainerSays[]): Promise<void> {
  const rows = says
    .filter((one) => one.found.length > 0)
    .map((one) => ({
      item_id: one.itemId,
      found: JSON.stringify(
        one.found.map(({ name, value }) => ({
          name,
          value: value.replaceAll('\u0000', '').toWellFormed(),
          saidBy: 'its container',
        })),
      ),
    }))
  if (rows.length === 0) return
  await tx.sql
    .insertInto('evidence.container_says')
    .values(rows)
    .onConflict((conflict) => conflict.column('item_id').doNothing())
    .execute()
}
