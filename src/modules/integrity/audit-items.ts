import { sql } from 'kysely'
import { Refusal } from '../../base/refusal.ts'
import type { AuditProblem } from '../../contract/integrity.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { parseSignedEntry, type Entry } from '../../proof/entry.ts'
import { ITEM_KIND, itemOf, readReceived, readRegistrationNumber } from '../../proof/item-entries.ts'
import { entriesById } from '../ledger/read.ts'
import { checkRegister, type Registered } from '../vault/check-register.ts'

const AT_ONCE = 1000

interface Row {
  readonly id: string
  readonly kind: string
  readonly registration_number: string | null
  readonly sha256: Buffer | null
  readonly size_bytes: number | null
  readonly address: string | null
  readonly received_entry: string
  readonly registered_entry: string | null
  readonly erased_by: string | null
}

/** What an item's row is compared with: the entries that it names, and the vault's row of its bytes. */
interface Sealed {
  readonly received: Entry | null
  readonly registered: Entry | null
  readonly erased: Entry | null
  readonly blob: Registered | null
}

/**
 * Compares each item's row, and the vault's row of its bytes, with the entries that took it in, registered and erased
 * it; then looks for items that the log knows and no row stands for. Yields what does not agree.
 */
export async function* auditItems(desk: Desk): AsyncGenerator<AuditProblem> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows, problems } = await inTransaction(desk, SYSTEM_ACTOR, (tx) => auditPage(tx, after))
    yield* problems
    const last = rows.at(-1)
    if (!last) break
    after = last.id
  }
  yield* await inTransaction(desk, SYSTEM_ACTOR, findLost)
}

async function auditPage(tx: Tx, after: string): Promise<{ rows: readonly Row[]; problems: AuditProblem[] }> {
  const columns = [
    'id',
    'kind',
    'registration_number',
    'sha256',
    'size_bytes',
    'address',
    'received_entry',
    'registered_entry',
    'erased_by',
  ] as const
  const rows: Row[] = await tx.sql
    .selectFrom('evidence.item')
    .select(columns)
    .where('id', '>', after)
    .orderBy('id')
    .limit(AT_ONCE)
    .execute()
  const ids = rows.flatMap((row) =>
    [row.received_entry, row.registered_entry ?? [], row.erased_by ?? []].flat(),
  )
  const entries = new Map((await entriesById(tx, ids)).map((entry) => [entry.id, entry.envelope]))
  const blobs = await checkRegister(
    tx.desk,
    rows.flatMap((row) => row.address ?? []),
  )
  const read = (id: string | null): Entry | null =>
    parseOrNull(id === null ? null : (entries.get(id) ?? null))
  const problems = rows.flatMap((row) =>
    compare(row, {
      received: read(row.received_entry),
      registered: read(row.registered_entry),
      erased: read(row.erased_by),
      blob: blobs.get(row.address ?? '') ?? null,
    }),
  )
  return { rows, problems }
}

/** An envelope that cannot be read is named by the log's own audit. */
function parseOrNull(envelope: Buffer | null): Entry | null {
  if (envelope === null) return null
  return orNull(() => parseSignedEntry(new Uint8Array(envelope)).entry)
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

function compare(row: Row, sealed: Sealed): AuditProblem[] {
  const name = row.registration_number ?? row.id
  const changed = (words: string): AuditProblem => ({ kind: 'changed', object: 'row', name, words })
  const missing = (object: string, words: string): AuditProblem => ({ kind: 'missing', object, name, words })
  if (row.erased_by !== null) return compareErased(row, sealed, changed)
  const { received, registered } = sealed
  if (received === null || received.kind !== ITEM_KIND.received)
    return [missing('entry', 'the entry that took the item in is not there or cannot be read')]
  const found: AuditProblem[] = []
  if (orNull(() => itemOf(received)) !== row.id)
    found.push(changed('its received entry is about another item'))
  if (row.kind === 'digital') found.push(...compareBytes(row, sealed, changed, missing))
  if (row.registration_number === null) return found
  if (registered === null || registered.kind !== ITEM_KIND.registered)
    return [...found, missing('entry', 'the entry that registered the item is not there or cannot be read')]
  const isSame = orNull(
    () => itemOf(registered) === row.id && readRegistrationNumber(registered) === row.registration_number,
  )
  if (isSame !== true) found.push(changed('the registration number in the database is not the sealed one'))
  return found
}

/** The row of the item and the vault's row of its bytes, against what was sealed when it was taken in. */
function compareBytes(
  row: Row,
  { received, blob }: Sealed,
  changed: (words: string) => AuditProblem,
  missing: (object: string, words: string) => AuditProblem,
): AuditProblem[] {
  const said = received === null ? null : orNull(() => readReceived(received))
  if (said === null) return [missing('entry', 'its received entry does not say which bytes were taken in')]
  const found: AuditProblem[] = []
  if (row.sha256?.toString('hex') !== said.sha256)
    found.push(changed('the SHA-256 in the database is not the sealed one'))
  if (row.size_bytes !== said.sizeBytes) found.push(changed('the size in the database is not the sealed one'))
  if (row.address !== said.address)
    return [...found, changed('the vault address in the database is not the sealed one')]
  if (blob === null) return [...found, missing('row', 'the vault’s register has no row of its bytes')]
  if (blob.sizeBytes !== said.sizeBytes)
    found.push(changed('the size in the vault’s register is not the sealed one'))
  if (blob.erasedBy !== null)
    found.push(changed('the vault’s register says that its bytes were erased; the item was not'))
  else if (blob.fileKeyCommitment !== said.fileKeyCommitment)
    found.push(changed('the file key in the vault’s register is not the sealed one'))
  return found
}

/** Whatever says that it was erased must name the entry that ordered it. */
function compareErased(
  row: Row,
  { erased, blob }: Sealed,
  changed: (words: string) => AuditProblem,
): AuditProblem[] {
  const ordered = erased?.kind === ITEM_KIND.erased && orNull(() => itemOf(erased)) === row.id
  if (!ordered) return [changed('the database says that it was erased; no entry of the log ordered it')]
  if (blob !== null && blob.erasedBy !== row.erased_by)
    return [changed('it was erased by order, and the vault’s register does not say so')]
  return []
}

/** Items that an entry took in and no row stands for. */
async function findLost(tx: Tx): Promise<AuditProblem[]> {
  const lost = await sql<{ id: string }>`
    select s.id from ledger.subject s where s.type = 'item' and s.kind = ${ITEM_KIND.received}
      and not exists (select 1 from evidence.item i where i.id::text = s.id) limit 1000`.execute(tx.sql)
  return lost.rows.map(({ id }) => ({
    kind: 'missing',
    object: 'row',
    name: id,
    words: 'the log says that this item was taken in; the database has no row of it',
  }))
}
