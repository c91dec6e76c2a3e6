import { CompiledQuery } from 'kysely'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import type { Actor } from '../../platform/actor.ts'
import type { JsonObject, JsonValue } from '../../proof/canonical.ts'
import { signEntry, type SignedEntry, type Subject } from '../../proof/entry.ts'
import { SALT_BYTES } from '../../proof/leaf.ts'
import { wakeSequencer } from './wake.ts'

/** What is to be recorded. The actor, the time and the id come from the transaction. */
export interface NewEntry {
  /** `module.noun.verb-done`: `evidence.item.registered`. */
  readonly kind: string
  /** What it is about; the entry is found again by each of them. */
  readonly subjects: readonly Subject[]
  /** Why it was done, in the actor's words. Sealed. */
  readonly why?: string
  /** Open: whoever is ever shown this entry (in a certificate, too) reads it. No names, paths or queries. */
  readonly detail?: JsonObject
  /** Sealed: stands in the entry as salted digests; shown, or not, field by field. */
  readonly sealed?: Readonly<Record<string, JsonValue>>
}

/**
 * Records an act in the caller's transaction: `tx` holds the change and its entry, or neither. The sequencer
 * gives it a place in the log after the commit.
 *
 * Who acted (`actor`) and `why` are sealed fields. Returns the entry's id.
 * Refuses: malformed, where the format does not allow what was given.
 */
export async function append(tx: Tx, entry: NewEntry): Promise<string> {
  const [id] = await appendMany(tx, [entry])
  return id as string
}

/** As `append`, for many entries in one statement; ids in the order given. */
export async function appendMany(tx: Tx, entries: readonly NewEntry[]): Promise<string[]> {
  if (entries.length === 0) return []
  // Ids made within one millisecond are in no order; the order given is the order of the ids, and so of the log.
  const ids = entries.map(() => tx.desk.newId()).sort()
  const random = drawOnce(tx.desk.random, entries.length * USUAL_SALTS * SALT_BYTES)
  const signed = entries.map((entry, at) => signFor(tx, ids[at] ?? tx.desk.newId(), entry, random))
  await store(tx, signed)
  tx.afterCommit(() => wakeSequencer(tx.desk.home))
  return signed.map((one) => one.entry.id)
}

/**
 * Records a refused attempt, in a transaction of its own: the one that was refused rolls back.
 * Returns the entry's id.
 */
export async function appendRefused(desk: Desk, actor: Actor, entry: NewEntry): Promise<string> {
  return inTransaction(desk, actor, (tx) => append(tx, entry))
}

function signFor(tx: Tx, entryId: string, entry: NewEntry, random: Desk['random']): SignedEntry {
  const { desk, actor } = tx
  const { id, kind, name, sessionId, onBehalfOf } = actor
  const draft = {
    id: entryId,
    at: desk.now().toISOString(),
    kind: entry.kind,
    subjects: entry.subjects.map((subject) => ({ type: subject.type, id: subject.id })),
    detail: entry.detail ?? {},
    sealed: {
      ...entry.sealed,
      actor: { id, kind, name, sessionId, onBehalfOf },
      ...(entry.why === undefined ? {} : { why: entry.why }),
    },
  }
  return signEntry(nativePrimitives, draft, desk.entryKey, random)
}

/** Of the leaf, of who acted and of why. */
const USUAL_SALTS = 3

/** Hands out fresh random bytes from one draw (asking the system costs more than the bytes), and draws again after. */
function drawOnce(random: Desk['random'], count: number): Desk['random'] {
  let left = random(count)
  return (bytes) => {
    if (left.length < bytes) return random(bytes)
    const taken = left.subarray(0, bytes)
    left = left.subarray(bytes)
    return taken
  }
}

/** Held: it goes with the transaction's next statement or its commit, and cannot be left behind by either. */
const STORE = `/* held: ledger_append */ select ledger.append($1::uuid[], $2::text[], $3::timestamptz[], $4::bytea[],
  $5::bytea[], $6::bytea[], $7::json[], $8::jsonb)`

async function store(tx: Tx, signed: readonly SignedEntry[]): Promise<void> {
  const subjects = signed.flatMap(({ entry }) =>
    entry.subjects.map((subject) => ({
      entry: entry.id,
      kind: entry.kind,
      type: subject.type,
      id: subject.id,
    })),
  )
  const values = [
    texts(signed.map((one) => one.entry.id)),
    texts(signed.map((one) => one.entry.kind)),
    texts(signed.map((one) => one.entry.at)),
    byteas(signed.map((one) => one.leaf)),
    byteas(signed.map((one) => one.bytes)),
    byteas(signed.map((one) => one.salt)),
    texts(signed.map((one) => JSON.stringify(one.disclosures))),
    JSON.stringify(subjects),
  ]
  await tx.sql.executeQuery(CompiledQuery.raw(STORE, values))
}

/** An array as PostgreSQL reads it. */
function texts(parts: readonly string[]): string {
  return `{${parts.map((part) => `"${part.replaceAll(/[\\"]/g, '\\$&')}"`).join(',')}}`
}

function byteas(parts: readonly Uint8Array[]): string {
  return `{${parts.map((part) => `"\\\\x${hex(part)}"`).join(',')}}`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
