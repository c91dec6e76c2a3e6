import { z } from 'zod'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { erasedDetail, ITEM_KIND } from '../../proof/item-entries.ts'
import { eraseItem } from '../evidence/erase.ts'
import { eraseFile } from '../intake/erase.ts'
import { defineJob } from '../jobs/define.ts'
import { append } from '../ledger/append.ts'
import { entriesOf, eraseEntry, waitSealed } from '../ledger/read.ts'
import { eraseSubject, purgeErased } from '../search/erase-subject.ts'
import { destroyOldEpochs, newEpoch, rewrapAll } from '../vault/epochs.ts'
import { eraseBlob, removeErased } from '../vault/erase.ts'
import { untilNoBackup } from './backup.ts'
import { ERASE_JOB } from './erasures.ts'
import { destroyKeptBefore } from './kept-before.ts'
import { renewBackups } from './renew-backups.ts'
import { letGoOfLog, rewriteTables } from './rewrite-tables.ts'
import { integrityOf } from './start.ts'

/** In this order; an interrupted erasure goes on with the step that stands in its row. */
const STEPS = ['approved', 'destroyed', 'rewritten', 'rekeyed', 'done'] as const
type Step = (typeof STEPS)[number]

/** Schemas whose tables are written anew; search writes its own. */
const REWRITTEN = ['evidence', 'intake', 'ledger', 'vault', 'pgboss']

/** An entry has at most a thousand subjects. */
const ENTRIES_OF_AN_ORDER = 900

/** Rewriting and renewing backups may take long; a killed desk is noticed by the heartbeat, not by this. */
const LONGEST_SECONDS = 82_800

export const eraseJob = defineJob(
  ERASE_JOB,
  z.strictObject({ id: z.uuid() }),
  (desk, { id }) => carryOut(desk, id),
  { atOnce: 1, expireSeconds: LONGEST_SECONDS },
)

/**
 * Carries an approved erasure out: rows, text, index, keys and entries first, in one transaction with the entries that
 * order it; then the files that still hold what was deleted; then fresh backups, and the end of the epoch keys that
 * older ones need. Each step may be repeated.
 */
export async function carryOut(desk: Desk, id: string): Promise<void> {
  for (;;) {
    const step = await readStep(desk, id)
    if (step === 'done') return
    if (step === 'approved') await destroy(desk, id)
    if (step === 'destroyed') await rewriteFiles(desk, id)
    if (step === 'rewritten') await changeEpoch(desk, id)
    if (step === 'rekeyed') await finish(desk, id)
  }
}

async function readStep(desk: Desk, id: string): Promise<Step> {
  const row = await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    tx.sql.selectFrom('integrity.erasure').select('step').where('id', '=', id).executeTakeFirstOrThrow(),
  )
  const step = STEPS.find((one) => one === row.step)
  if (!step) throw new Error(`erasure ${id} stands at an unknown step`)
  return step
}

async function setStep(desk: Desk, id: string, step: Step): Promise<void> {
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => writeStep(tx, id, step))
}

async function writeStep(tx: Tx, id: string, step: Step): Promise<void> {
  const state = step === 'done' ? 'done' : 'approved'
  await tx.sql.updateTable('integrity.erasure').set({ step, state }).where('id', '=', id).execute()
}

/** Everything that the database holds of the items, and the keys to their bytes. */
async function destroy(desk: Desk, id: string): Promise<void> {
  const order = await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const erasure = await tx.sql
      .selectFrom('integrity.erasure')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const orders: string[] = []
    for (const itemId of erasure.item_ids) orders.push(await destroyItem(tx, id, itemId))
    await eraseSubject(tx, erasure.item_ids)
    await writeStep(tx, id, 'destroyed')
    return orders.at(-1)
  })
  if (order) await waitSealed(desk, order, 60_000)
}

async function destroyItem(tx: Tx, erasureId: string, itemId: string): Promise<string> {
  const item = await tx.sql
    .selectFrom('evidence.item')
    .select(['address', 'registration_number', 'erased_by'])
    .where('id', '=', itemId)
    .executeTakeFirstOrThrow()
  if (item.erased_by !== null) return item.erased_by
  const standing = await standingEntries(tx, itemId)
  const ordered = await append(tx, {
    kind: ITEM_KIND.erased,
    subjects: [
      { type: 'item', id: itemId },
      { type: 'erasure', id: erasureId },
      ...(item.address === null ? [] : [{ type: 'blob', id: item.address }]),
      ...standing.map((id) => ({ type: 'entry', id })),
    ],
    detail: erasedDetail({ registrationNumber: item.registration_number }),
  })
  if (item.address !== null) await eraseBlob(tx, item.address, ordered)
  await eraseItem(tx, itemId, ordered)
  await eraseFile(tx, itemId, ordered)
  for (const id of standing) await eraseEntry(tx, id, ordered)
  await destroyFurtherEntries(tx, erasureId, itemId)
  return ordered
}

/** The next entries of an item that still say something; an order names at most so many. */
async function standingEntries(tx: Tx, itemId: string): Promise<string[]> {
  const entries = await entriesOf(tx, { type: 'item', id: itemId }, { limit: ENTRIES_OF_AN_ORDER })
  return entries
    .filter((entry) => entry.erased_by === null && entry.kind !== ITEM_KIND.erased)
    .map((entry) => entry.id)
}

/** An item that was looked at often has more entries than one order can name. */
async function destroyFurtherEntries(tx: Tx, erasureId: string, itemId: string): Promise<void> {
  for (;;) {
    const standing = await standingEntries(tx, itemId)
    if (standing.length === 0) return
    const subjects = [{ type: 'erasure', id: erasureId }, ...standing.map((id) => ({ type: 'entry', id }))]
    const ordered = await append(tx, { kind: 'integrity.entries.erased', subjects })
    for (const id of standing) await eraseEntry(tx, id, ordered)
  }
}

/**
 * Sealed bytes, what earlier restores kept, index files, table files and the write-ahead log: what the database only
 * marks as gone, goes. A backup under way reads from before; it is waited for.
 */
async function rewriteFiles(desk: Desk, id: string): Promise<void> {
  const { owner } = integrityOf(desk)
  await untilNoBackup(desk)
  await removeErased(desk, await addressesOf(desk, id))
  const kept = await destroyKeptBefore(desk.home, owner)
  const left = await rewriteTables(owner, REWRITTEN, ['search'])
  await purgeErased(desk)
  await letGoOfLog(owner)
  if (desk.config.databaseUrl !== undefined)
    left.push(
      'what the administrator of the database server keeps: archived logs, replicas, physical backups',
    )
  if (kept.length > 0) desk.log.warn({ kept }, 'an erasure destroyed what restores had kept')
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await tx.sql.updateTable('integrity.erasure').set({ left_over: left }).where('id', '=', id).execute()
    await writeStep(tx, id, 'rewritten')
  })
}

async function addressesOf(desk: Desk, id: string): Promise<string[]> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const { item_ids } = await tx.sql
      .selectFrom('integrity.erasure')
      .select('item_ids')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const rows = await tx.sql
      .selectFrom('evidence.item')
      .select('address')
      .where('id', 'in', item_ids)
      .execute()
    return rows.flatMap((row) => row.address ?? [])
  })
}

/** Fresh backups under a new epoch key, then the end of the old ones: what older backups hold opens no more. */
async function changeEpoch(desk: Desk, id: string): Promise<void> {
  await newEpoch(desk)
  await rewrapAll(desk)
  await rewriteTables(integrityOf(desk).owner, ['vault'])
  await renewBackups(desk)
  await destroyOldEpochs(desk)
  await setStep(desk, id, 'rekeyed')
}

async function finish(desk: Desk, id: string): Promise<void> {
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await append(tx, { kind: 'integrity.erasure.done', subjects: [{ type: 'erasure', id }] })
    await writeStep(tx, id, 'done')
  })
}
