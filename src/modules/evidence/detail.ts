import { sql } from 'kysely'
import type { z } from 'zod'
import type { itemDetail } from '../../contract/evidence-shapes.ts'
import { rolesGive, type Verb } from '../../contract/verbs.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { grantedOriginal } from '../identity/policy.ts'
import { openItem } from './policy.ts'
import { readRows, toRow, type ItemColumns } from './rows.ts'

export type ItemDetail = z.input<typeof itemDetail>

/** Another item's name is shown with its number, where it has one. */
const NAMED = sql<string>`coalesce(registration_number || ' ', '') || name`

/** All that is known of an item. The view is logged in the same transaction. Refuses: not_permitted, not_found. */
export async function readItem(tx: Tx, id: string): Promise<ItemDetail> {
  await openItem(tx, id, 'item.read')
  const [item] = await readRows(tx, [id])
  if (!item) throw new Error('an item vanished within its transaction')
  await append(tx, { kind: 'evidence.item.viewed', subjects: [{ type: 'item', id }] })
  return {
    ...toRow(item),
    ...(await whereabouts(tx, item)),
    ...(await knowledge(tx, item)),
    ...(await marks(tx, item)),
    ...(await mayDo(tx, item)),
    path: item.path,
    digests: {
      sha256: item.sha256?.toString('hex') ?? null,
      sha1: item.sha1?.toString('hex') ?? null,
      md5: item.md5?.toString('hex') ?? null,
    },
    acquisitions: await acquisitions(tx, id),
    parents: await parents(tx, item),
    duplicates: await duplicates(tx, item),
  }
}

async function whereabouts(tx: Tx, item: ItemColumns) {
  const row = await tx.sql
    .selectFrom('evidence.item as i')
    .leftJoin('evidence.collection as c', 'c.id', 'i.collection_id')
    .leftJoin('identity.compartment as k', 'k.id', 'i.compartment_id')
    .leftJoin('evidence.source as s', 's.id', 'i.source_id')
    .select([
      'c.name as collection',
      'k.name as compartment',
      's.code',
      's.provider',
      's.permission',
      's.terms',
    ])
    .where('i.id', '=', item.id)
    .executeTakeFirstOrThrow()
  const readers = await sql<{ people: number; grants: number }>`
    select * from evidence.reader_counts(${item.id}::uuid)`.execute(tx.sql)
  // A reader by grant sees the item and not always its collection, compartment or source: those stay unnamed.
  const compartment = row.compartment ?? 'another compartment'
  return {
    collection: { id: item.collection_id, name: row.collection ?? 'another collection' },
    compartment: { id: item.compartment_id, name: compartment },
    source:
      item.source_id === null || row.code === null
        ? null
        : { id: item.source_id, code: row.code, provider: row.provider },
    permission: {
      status: (row.permission ?? 'unknown') as ItemDetail['permission']['status'],
      terms: row.terms,
    },
    readers: { compartment, people: readers.rows[0]?.people ?? 0, grants: readers.rows[0]?.grants ?? 0 },
  }
}

async function knowledge(
  tx: Tx,
  item: ItemColumns,
): Promise<Pick<ItemDetail, 'found' | 'notices' | 'asserted' | 'parts'>> {
  const reading = await tx.sql
    .selectFrom('evidence.reading')
    .select(['found', 'notices'])
    .where('item_id', '=', item.id)
    .executeTakeFirst()
  const says = await tx.sql
    .selectFrom('evidence.container_says')
    .select('found')
    .where('item_id', '=', item.id)
    .executeTakeFirst()
  const statements = await tx.sql
    .selectFrom('evidence.statement')
    .selectAll()
    .where('item_id', '=', item.id)
    .orderBy('said_at')
    .orderBy('id')
    .execute()
  const parts = await tx.sql
    .selectFrom('evidence.text_part')
    .select(['part', 'label', 'characters', 'language', 'needs_ocr'])
    .where('item_id', '=', item.id)
    .orderBy('part')
    .limit(10_000)
    .execute()
  return {
    found: [reading?.found ?? [], says?.found ?? []].flat() as unknown as ItemDetail['found'],
    notices: (reading?.notices ?? []) as unknown as ItemDetail['notices'],
    asserted: statements.map((row) => ({
      id: row.id,
      name: row.name,
      value: row.value,
      saidBy: row.said_by,
      saidAt: row.said_at.toISOString(),
      superseded: row.superseded_by !== null,
    })),
    parts: parts.map(({ needs_ocr: needsOcr, ...part }) => ({ ...part, needsOcr })),
  }
}

async function marks(tx: Tx, item: ItemColumns): Promise<Pick<ItemDetail, 'received' | 'registered'>> {
  const wanted = [item.received_entry, item.registered_entry].filter((entry) => entry !== null)
  const rows = await tx.sql
    .selectFrom('ledger.position')
    .select(['entry_id', 'index'])
    .where('entry_id', 'in', wanted)
    .execute()
  const mark = (entryId: string) => ({
    entryId,
    sealed: rows.find((row) => row.entry_id === entryId)?.index ?? null,
  })
  return {
    received: mark(item.received_entry),
    registered: item.registered_entry === null ? null : mark(item.registered_entry),
  }
}

async function mayDo(tx: Tx, item: ItemColumns) {
  const has = (verb: Verb): boolean => tx.actor.kind === 'system' || rolesGive(tx.actor.roles, verb)
  const digital = item.kind === 'digital'
  const subject = { id: item.id, compartmentId: item.compartment_id, collectionId: item.collection_id }
  return {
    mayRegister: has('item.register') && item.state === 'received',
    mayDescribe: has('item.describe'),
    mayDownload: digital && has('item.download'),
    mayOriginal:
      digital && has('item.download') && (has('item.original') || (await grantedOriginal(tx, subject))),
    mayHold: has('item.hold'),
  }
}

async function acquisitions(tx: Tx, id: string): Promise<ItemDetail['acquisitions']> {
  const rows = await tx.sql
    .selectFrom('evidence.acquisition as a')
    .leftJoin('evidence.source as s', 's.id', 'a.source_id')
    .select(['a.id', 'a.received_at', 'a.batch_id', 'a.path', 'a.source_id', 's.code', 'a.first'])
    .where('a.item_id', '=', id)
    .orderBy('a.received_at')
    .limit(1_000)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    receivedAt: row.received_at.toISOString(),
    batchId: row.batch_id,
    path: row.path,
    source: row.source_id === null || row.code === null ? null : { id: row.source_id, code: row.code },
    first: row.first,
  }))
}

async function parents(tx: Tx, item: ItemColumns): Promise<ItemDetail['parents']> {
  if (item.parent_id === null) return []
  const { rows } = await sql<{ id: string; name: string }>`
    with recursive above as (
      select id, parent_id, ${NAMED} as name, 0 as step from evidence.item where id = ${item.parent_id}::uuid
      union all select i.id, i.parent_id, coalesce(i.registration_number || ' ', '') || i.name, step + 1
      from evidence.item i join above on i.id = above.parent_id where step < 64)
    select id, name from above order by step desc`.execute(tx.sql)
  return rows
}

async function duplicates(tx: Tx, item: ItemColumns): Promise<ItemDetail['duplicates']> {
  if (item.sha256 === null) return []
  return tx.sql
    .selectFrom('evidence.item')
    .select(['id', NAMED.as('name')])
    .where('sha256', '=', item.sha256)
    .where('id', '<>', item.id)
    .orderBy('id')
    .limit(100)
    .execute()
}
