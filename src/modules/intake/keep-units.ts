import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { stateFound } from '../evidence/found.ts'
import { takeRegistrationNumbers } from '../evidence/numbers.ts'
import { quarantineItems, releaseRead } from '../evidence/quarantine.ts'
import { receiveItems, type Arrival } from '../evidence/receive.ts'
import { recordReadings, type ItemReading } from '../evidence/record-reading.ts'
import type { SealedBlob } from '../vault/blob.ts'
import { addTasks, removeTasks, type Task } from './tasks.ts'

/** A file that came out of a container, sealed and not yet an item. */
export interface SealedChild {
  readonly blob: SealedBlob
  readonly path: string
  readonly pathBytes: Buffer | null
  readonly unsafe: string | null
  readonly budgetBytes: number
  /** What the container says about it. */
  readonly found: readonly { readonly name: string; readonly value: string }[]
}

/** What reading one item gave. */
export interface Unit {
  readonly task: Task
  readonly reading: ItemReading
  readonly children: readonly SealedChild[]
  /** A container of which nothing could be read: it waits in quarantine. */
  readonly unreadable: boolean
}

/** Keeps the results of a group in one transaction: children, text, states, and that nothing is left to do. */
export async function keepUnits(desk: Desk, units: readonly Unit[]): Promise<void[]> {
  const tasks = units.map((unit) => unit.task)
  const numbers = await numbersFor(desk, units)
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const homes = await homesOf(tx, tasks)
    const live = units.filter((unit) => homes.has(unit.task.item_id))
    for (const { task, children } of live) await receiveChildren(tx, task, children, homes, numbers)
    await recordReadings(
      tx,
      live.map((unit) => unit.reading),
    )
    await settleStates(tx, live)
    await removeTasks(
      tx,
      tasks.map((task) => task.item_id),
    )
  })
  return units.map(() => undefined)
}

/** Numbers for the children that will be registered at once: taken ahead, in a transaction of their own. */
async function numbersFor(
  desk: Desk,
  units: readonly Pick<Unit, 'task' | 'children'>[],
): Promise<Arrival['number'][]> {
  const parents = units.filter((unit) => unit.children.length > 0)
  if (parents.length === 0) return []
  const homes = await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    homesOf(
      tx,
      parents.map((unit) => unit.task),
    ),
  )
  const trusted = parents.filter((unit) => homes.get(unit.task.item_id)?.trusts_intake)
  const wanted = trusted.reduce((sum, unit) => sum + unit.children.length, 0)
  return wanted > 0 ? takeRegistrationNumbers(desk, wanted) : []
}

/** Keeps children of a container with very many, ahead of its own result. Done again after a crash, nothing doubles. */
export async function keepChildren(desk: Desk, task: Task, children: readonly SealedChild[]): Promise<void> {
  const numbers = await numbersFor(desk, [{ task, children }])
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) =>
    receiveChildren(tx, task, children, await homesOf(tx, [task]), numbers),
  )
}

interface Home {
  readonly id: string
  readonly collection_id: string
  readonly compartment_id: string
  readonly source_id: string | null
  readonly classification: string
  readonly trusts_intake: boolean
}

/** Children inherit where their container lies. */
async function homesOf(tx: Tx, tasks: readonly Task[]): Promise<Map<string, Home>> {
  const rows = await tx.sql
    .selectFrom('evidence.item as i')
    .innerJoin('evidence.collection as c', 'c.id', 'i.collection_id')
    .select([
      'i.id',
      'i.collection_id',
      'i.compartment_id',
      'i.source_id',
      'i.classification',
      'c.trusts_intake',
    ])
    .where(
      'i.id',
      'in',
      tasks.map((task) => task.item_id),
    )
    .where('i.state', 'not in', ['disposed', 'returned'])
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

async function receiveChildren(
  tx: Tx,
  task: Task,
  children: readonly SealedChild[],
  homes: ReadonlyMap<string, Home>,
  numbers: Arrival['number'][],
): Promise<void> {
  const home = homes.get(task.item_id)
  if (!home || children.length === 0) return
  const fresh = await leaveOutKnown(tx, task.item_id, children)
  const arrivals = fresh.map((child): Arrival => ({
    id: tx.desk.newId(),
    blob: child.blob,
    collectionId: home.collection_id,
    compartmentId: home.compartment_id,
    classification: home.classification,
    sourceId: home.source_id,
    batchId: task.batch_id,
    fileId: null,
    parentId: task.item_id,
    depth: task.depth + 1,
    path: child.path,
    pathBytes: child.pathBytes,
    custody: {},
    quarantine: child.unsafe === null ? null : { reason: 'unsafe-name', words: child.unsafe },
    number: home.trusts_intake ? (numbers.shift() ?? null) : null,
  }))
  await receiveItems(tx, arrivals)
  await stateFound(
    tx,
    arrivals.map((one, at) => ({ itemId: one.id, found: fresh[at]?.found ?? [] })),
  )
  await addTasks(
    tx,
    arrivals.map((one, at) => ({
      ...one,
      name: one.path,
      budgetBytes: fresh[at]?.budgetBytes ?? 0,
      sealedPasswords: task.sealed_passwords, // what came out of a container may be locked with its password
    })),
  )
}

/** A container read again (after a crash, or with a password) gives its children again: those there stay as they are. */
async function leaveOutKnown(
  tx: Tx,
  parentId: string,
  children: readonly SealedChild[],
): Promise<SealedChild[]> {
  const rows = await tx.sql
    .selectFrom('evidence.item')
    .select(['path', 'sha256'])
    .where('parent_id', '=', parentId)
    .execute()
  const known = new Map<string, number>()
  for (const row of rows) {
    const key = `${row.sha256?.toString('hex')} ${row.path}`
    known.set(key, (known.get(key) ?? 0) + 1)
  }
  return children.filter((child) => {
    const key = `${child.blob.sha256} ${child.path}`
    const left = known.get(key) ?? 0
    known.set(key, left - 1)
    return left <= 0
  })
}

async function settleStates(tx: Tx, units: readonly Unit[]): Promise<void> {
  const unreadable = units.filter((unit) => unit.unreadable)
  await quarantineItems(
    tx,
    unreadable.map(({ task, reading }) => ({
      id: task.item_id,
      reason: 'unreadable-container',
      words: reading.notices[0]?.words ?? 'Nothing in this container could be read.',
    })),
  )
  const readable = units.filter((unit) => !unit.unreadable).map((unit) => unit.task.item_id)
  await releaseRead(tx, readable)
  const at = tx.desk.now()
  const settle = async (
    ids: readonly string[],
    state: 'done' | 'quarantined',
    from: string[],
    words: string | null,
  ) => {
    if (ids.length === 0) return
    await tx.sql
      .updateTable('intake.batch_file')
      .set({
        state,
        step: state === 'done' ? 'index' : 'extract',
        reason: words,
        retryable: state !== 'done',
        changed_at: at,
      })
      .where('item_id', 'in', [...ids])
      .where('state', 'in', from)
      .where((where) => where.or([where('step', '=', 'extract'), where('step', '=', 'index')]))
      .execute()
  }
  await settle(readable, 'done', ['received', 'quarantined', 'done'], null)
  for (const { task, reading } of unreadable)
    await settle(
      [task.item_id],
      'quarantined',
      ['received', 'done', 'quarantined'],
      reading.notices[0]?.words ?? null,
    )
}
