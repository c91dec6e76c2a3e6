import type { AuditProblem } from '../../contract/integrity.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { parseSignedEntry, type Entry } from '../../proof/entry.ts'
import { itemOf, readReceived, readRegistrationNumber } from '../../proof/item-entries.ts'
import { entriesById } from '../ledger/read.ts'
import { Refusal } from '../../base/refusal.ts'

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

/** Compares each item's row with the entries that took it in and registered it; yields what does not agree. */
export async function* auditItems(desk: Desk): AsyncGenerator<AuditProblem> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows, problems } = await inTransaction(desk, SYSTEM_ACTOR, (tx) => auditPage(tx, after))
    yield* problems
    const last = rows.at(-1)
    if (!last) return
    after = last.id
  }
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
  const ids = rows.flatMap((row) => [
    row.received_entry,
    ...(row.registered_entry ? [row.registered_entry] : []),
  ])
  const entries = new Map((await entriesById(tx, ids)).map((entry) => [entry.id, entry]))
  const problems: AuditProblem[] = []
  for (const row of rows.filter((one) => one.erased_by === null)) {
    const read = (id: string | null): Entry | null =>
      parseOrNull(id === null ? null : (entries.get(id)?.envelope ?? null))
    problems.push(...compare(row, read(row.received_entry), read(row.registered_entry)))
  }
  return { rows, problems }
}

/** An envelope that cannot be read is named by the log's own audit. */
function parseOrNull(envelope: Buffer | null): Entry | null {
  if (envelope === null) return null
  try {
    return parseSignedEntry(new Uint8Array(envelope)).entry
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

function compare(row: Row, received: Entry | null, registered: Entry | null): AuditProblem[] {
  const name = row.registration_number ?? row.id
  const problem = (words: string): AuditProblem => ({ kind: 'changed', object: 'row', name, words })
  if (received === null)
    return [
      {
        kind: 'missing',
        object: 'entry',
        name,
        words: 'the entry that took the item in is not there or cannot be read',
      },
    ]
  const found: AuditProblem[] = []
  if (itemOf(received) !== row.id) found.push(problem('its received entry is about another item'))
  if (row.kind === 'digital') {
    const said = readReceived(received)
    if (row.sha256?.toString('hex') !== said.sha256)
      found.push(problem('the SHA-256 in the database is not the sealed one'))
    if (row.size_bytes !== said.sizeBytes)
      found.push(problem('the size in the database is not the sealed one'))
    if (row.address !== said.address)
      found.push(problem('the vault address in the database is not the sealed one'))
  }
  if (row.registration_number === null) return found
  if (registered === null)
    return [
      ...found,
      {
        kind: 'missing',
        object: 'entry',
        name,
        words: 'the entry that registered the item is not there or cannot be read',
      },
    ]
  if (itemOf(registered) !== row.id || readRegistrationNumber(registered) !== row.registration_number)
    found.push(problem('the registration number in the database is not the sealed one'))
  return found
}
