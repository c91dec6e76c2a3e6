import type { Desk } from '../../platform/tx.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'

/** Younger objects may belong to an intake that is under way. */
const KEEP_MS = 3_600_000
const AT_ONCE = 500

/** Names of stored objects that no row of the register stands for, older than an hour. */
export async function* findStrays(desk: Desk): AsyncGenerator<string> {
  const { store: objects } = await vaultOf(desk)
  const before = new Date(desk.now().getTime() - KEEP_MS)
  let gathered: string[] = []
  for await (const object of objects.list()) {
    if (object.modifiedAt < before) gathered.push(object.name)
    if (gathered.length < AT_ONCE) continue
    yield* await unknownOf(desk, gathered)
    gathered = []
  }
  yield* await unknownOf(desk, gathered)
}

async function unknownOf(desk: Desk, names: readonly string[]): Promise<string[]> {
  const known = new Set((await store.find(desk.db, names)).map((row) => row.address))
  return names.filter((name) => !known.has(name))
}
