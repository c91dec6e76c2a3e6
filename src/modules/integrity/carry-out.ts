import pg from 'pg'
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
import { renewBackups } from './renew-backups.ts'
import { ERASE_JOB } from './erasures.ts'
import { integrityOf } from './start.ts'

/** In this order; an interrupted erasure goes on with the step that stands in its row. */
const STEPS = ['approved', 'destroyed', 'rewritten', 'rekeyed', 'done'] as const
type Step = (typeof STEPS)[number]

/** Tables whose files keep what was deleted until they are written anew. */
const REWRITTEN = [
  'evidence.item',
  'evidence.acquisition',
  'evidence.reading',
  'evidence.statement',
  'evidence.text_part',
  'evidence.physical',
  'intake.batch_file',
  'intake.manifest_row',
  'intake.task',
  'ledger.entry',
  'ledger.subject',
  'vault.blob',
]

/** An entry has at most a thousand subjects. */
const ENTRIES_OF_AN_ORDER = 900

export const eraseJob = defineJob(
  ERASE_JOB,
  z.strictObject({ id: z.uuid() }),
  (desk, { id }) => carryOut(desk, id),
  { atOnce: 1 },
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
    if (step === 'rekeyed') await setStep(desk, id, 'done')
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

/** Sealed bytes, index files, table files and the write-ahead log: what the database only marks as gone, goes. */
async function rewriteFiles(desk: Desk, id: string): Promise<void> {
  const erasure = await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    tx.sql.selectFrom('integrity.erasure').select('item_ids').where('id', '=', id).executeTakeFirstOrThrow(),
  )
  const addresses = await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    tx.sql.selectFrom('evidence.item').select('address').where('id', 'in', erasure.item_ids).execute(),
  )
  await removeErased(
    desk,
    addresses.flatMap((row) => row.address ?? []),
  )
  await purgeErased(desk)
  await rewriteTables(integrityOf(desk).owner)
  await setStep(desk, id, 'rewritten')
}

/** VACUUM FULL writes each table's file anew; two checkpoints with a new segment before each let go of the old log. */
async function rewriteTables(owner: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(owner)
  await client.connect()
  try {
    for (const table of REWRITTEN) await client.query(`vacuum (full, analyze) ${table}`)
    const jobs = await client.query<{ name: string }>(`select format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'pgboss' and c.relkind = 'r'`)
    for (const { name } of jobs.rows) await client.query(`vacuum (full) ${name}`)
    for (let round = 0; round < 2; round++) {
      await client.query('select pg_switch_wal()')
      await client.query('checkpoint')
    }
  } finally {
    await client.end()
  }
}

/** Fresh backups under a new epoch key, then the end of the old ones: what older backups hold opens no more. */
async function changeEpoch(desk: Desk, id: string): Promise<void> {
  await newEpoch(desk)
  await rewrapAll(desk)
  await rewriteTables(integrityOf(desk).owner)
  await renewBackups(desk)
  await destroyOldEpochs(desk)
  await setStep(desk, id, 'rekeyed')
}
