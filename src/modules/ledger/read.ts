import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../../base/refusal.ts'
import { nativePrimitives as p } from '../../platform/primitives-native.ts'
import type { Desk, Tx } from '../../platform/tx.ts'
import { parseCheckpoint, type Checkpoint } from '../../proof/checkpoint.ts'
import type { Subject } from '../../proof/entry.ts'
import { consistencyProof, inclusionProof } from '../../proof/merkle.ts'
import { parseNote } from '../../proof/note.ts'
import { hashesFromTiles } from '../../proof/tiles.ts'
import { openLogFolder } from './log-folder.ts'
import * as store from './store.ts'
import type { EntryRow } from './store.ts'

export type { EntryRow } from './store.ts'

const LOOK_MS = 25

/**
 * The entry's place in the log (#n), once a published checkpoint covers it; null before.
 * @public
 */
export async function sealedAt(tx: Tx, entryId: string): Promise<number | null> {
  return store.positionOf(tx.sql, entryId)
}

/**
 * Waits until a published checkpoint covers an entry that is committed; returns its place.
 *
 * Refuses: not_sealed_yet, after `timeoutMs` (15 s unless said). The entry stays and is sealed later.
 */
export async function waitSealed(desk: Desk, entryId: string, timeoutMs = 15_000): Promise<number> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const index = await store.positionOf(desk.db, entryId)
    if (index !== null) return index
    if (performance.now() > deadline)
      throw new Refusal(
        'not_sealed_yet',
        'What was done is kept, but the log has not sealed it yet. Try again in a moment; if it lasts, look at the state of the desk.',
        { entryId },
      )
    await sleep(LOOK_MS, undefined, { signal: desk.signal })
  }
}

export interface PublishedCheckpoint extends Checkpoint {
  /** The signed note, byte for byte. */
  readonly note: string
}

/** The newest published checkpoint. Refuses: not_sealed_yet, before the first. */
export async function readCheckpoint(desk: Pick<Desk, 'home'>): Promise<PublishedCheckpoint> {
  const note = await openLogFolder(desk.home).readCheckpoint()
  if (note === null)
    throw new Refusal('not_sealed_yet', 'The log has no checkpoint yet. Try again in a moment.')
  return { ...parseCheckpoint(parseNote(note).text), note }
}

/** Proof that leaf `index` is in the log of `size` leaves; some 20 hashes from at most a handful of tiles. */
export async function proveInclusion(
  desk: Pick<Desk, 'home'>,
  order: { index: number; size: number },
): Promise<Uint8Array[]> {
  const folder = openLogFolder(desk.home)
  return inclusionProof(
    p,
    order,
    hashesFromTiles(p, order.size, (tile) => folder.read(tile)),
  )
}

/** Proof that the log of `oldSize` leaves is the beginning of the one of `size`. */
export async function proveConsistency(
  desk: Pick<Desk, 'home'>,
  order: { oldSize: number; size: number },
): Promise<Uint8Array[]> {
  const folder = openLogFolder(desk.home)
  return consistencyProof(
    p,
    order,
    hashesFromTiles(p, order.size, (tile) => folder.read(tile)),
  )
}

export interface EntriesOrder {
  /** Null: all kinds. */
  readonly kinds?: readonly string[] | null
  /** Only entries made after this one: the last of the page before. */
  readonly after?: string | null
  readonly limit?: number
}

/**
 * A subject's entries in the order they were made, whoever made them. The caller has checked sight of the subject,
 * and chooses kinds so that views and searches (which name what was looked for) stay internal.
 */
export async function entriesOf(tx: Tx, subject: Subject, order: EntriesOrder = {}): Promise<EntryRow[]> {
  const { kinds = null, after = null, limit = 1000 } = order
  return store.entriesOf(tx.sql, { ...subject, kinds, after, limit })
}

/** Entries by id, in no promised order. The caller has checked that they may be read. */
export async function entriesById(tx: Tx, ids: readonly string[]): Promise<EntryRow[]> {
  return store.entriesById(tx.sql, ids)
}

/**
 * Destroys what an entry says: envelope, salt, sealed fields and the ways to find it. Its leaf and place stay.
 * `orderedBy`: an entry whose kind ends in `.erased` and that names the target as `{ type: 'entry', id }`.
 * True where it was destroyed now.
 */
export async function eraseEntry(tx: Tx, entryId: string, orderedBy: string): Promise<boolean> {
  return store.erase(tx.sql, entryId, orderedBy)
}
