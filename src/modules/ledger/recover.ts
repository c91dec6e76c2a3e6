import type pg from 'pg'
import { equalBytes, toHex } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { nativePrimitives as p } from '../../platform/primitives-native.ts'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import { HASH_BYTES, emptyRoot, leafHash } from '../../proof/merkle.ts'
import { checkSignature, parseNote, parseVerifierKey } from '../../proof/note.ts'
import {
  EMPTY_EDGE,
  TILE_WIDTH,
  decodeBundle,
  edgeRoot,
  readEdge,
  tileWidth,
  type Edge,
} from '../../proof/tiles.ts'
import { finishStaged, type GrowParts, type Published } from './grow.ts'
import { clearStaged, publish } from './log-folder.ts'
import type { SignerView } from './signer-process.ts'
import * as store from './store.ts'

/**
 * Finds where the log stands, after any crash: the signer's promise says how far it goes, the files must hold
 * exactly that, and the database is brought up to the files. Nothing is guessed.
 *
 * Refuses: log_rolled_back (files or database are older than what the signer has signed), log_damaged.
 */
export async function recover(parts: GrowParts, client: pg.Client, now: () => Date): Promise<Published> {
  const view = await parts.signer.view()
  let published = await readPublished(parts, view)
  if (published !== null && isContinued(published, view)) {
    await publish(parts.folder.root, await parts.signer.sign({ size: view.size, root: view.root, proof: [] }))
    published = await readPublished(parts, view)
  } else if ((published?.size ?? 0) < view.size) {
    if (!(await finishStaged(parts, view.size, view.root)))
      throw rolledBack(view.size, published?.size ?? 0, 'files')
    published = await readPublished(parts, view)
  }
  await clearStaged(parts.folder.root)
  if (published !== null && view.size === 0 && published.size > 0) throw signerNew(published)
  const tree = published === null ? emptyTree() : await readTree(parts, published)
  if (tree.edge.size !== view.size || !equalBytes(tree.root, view.root)) throw notTheSignedTree(view.size)
  await placeFromFiles(parts, client, { view, tree, now })
  return tree
}

/** The log was continued openly at just this tree, under a new origin that no checkpoint carries yet. */
function isContinued(published: Found, view: SignerView): boolean {
  const isSameTree = published.size === view.size && equalBytes(published.root, view.root)
  return published.origin !== view.origin && isSameTree
}

interface Found {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly note: string
}

/** The published checkpoint with its signature checked; null before the first. */
async function readPublished(parts: GrowParts, view: SignerView): Promise<Found | null> {
  const note = await parts.folder.readCheckpoint()
  if (note === null) return null
  const parsed = parseNote(note)
  const { origin, size, root } = parseCheckpoint(parsed.text)
  const isCurrent = origin === view.origin
  if (isCurrent && checkSignature(p, parsed, parseVerifierKey(p, view.logKey)) !== 'good')
    throw new Refusal(
      'log_damaged',
      'The published checkpoint does not carry the signature of this log. Nothing was signed. Restore it from a backup, then run an audit.',
    )
  if (isCurrent && size > view.size) throw signerOlder(view.size, size)
  return { origin, size, root, note }
}

async function readTree(parts: GrowParts, published: Found): Promise<Published> {
  const edge = await readEdge(published.size, (tile) => parts.folder.read(tile))
  const root = edgeRoot(p, edge)
  if (!equalBytes(root, published.root) || !bundleFits(edge))
    throw new Refusal(
      'log_damaged',
      `The log's newest tiles do not give the root of its checkpoint (${published.size} entries). Nothing was signed. Restore the log's folder from a backup, then run an audit.`,
    )
  return { edge, root, note: published.note }
}

/** The leaves of the newest bundle are the ones that its tile holds the hashes of. */
function bundleFits(edge: Edge): boolean {
  const hashes = edge.levels[0] ?? new Uint8Array(0)
  const leaves = decodeBundle(edge.bundle, hashes.length / HASH_BYTES)
  return leaves.every((leaf, at) =>
    equalBytes(leafHash(p, leaf), hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  )
}

function emptyTree(): Published {
  return { edge: EMPTY_EDGE, root: emptyRoot(p), note: '' }
}

/** Gives entries the places that the published files say they have, where a crash kept the database from knowing. */
async function placeFromFiles(
  parts: GrowParts,
  client: pg.Client,
  order: { view: SignerView; tree: Published; now: () => Date },
): Promise<void> {
  const { view, tree } = order
  const head = await store.readHead(client)
  const size = tree.edge.size
  // A database restored together with older files, and continued openly: what it holds beyond them is sealed anew.
  const isContinuedHere = head !== null && head.origin !== view.origin && head.size > size
  if (isContinuedHere) await store.requeue(client, size)
  const known = isContinuedHere ? size : (head?.size ?? 0)
  if (known > size) throw rolledBack(known, size, 'files')
  if (known === size && (head === null || head.note === tree.note)) return
  const waiting = new Map(
    (await store.claim(client, 2_000_000)).map((row) => [toHex(row.leaf), row.entry_id]),
  )
  const entryIds: string[] = []
  for (let index = Math.floor(known / TILE_WIDTH); index * TILE_WIDTH < size; index++) {
    const width = tileWidth(0, index, size)
    const leaves = decodeBundle(await parts.folder.read({ level: 'entries', index, width }), width)
    for (const leaf of leaves.slice(Math.max(0, known - index * TILE_WIDTH))) {
      const entryId = waiting.get(toHex(leaf))
      if (entryId === undefined) throw rolledBack(size, known, 'database')
      entryIds.push(entryId)
    }
  }
  const { note, root } = tree
  await store.place(client, {
    first: known,
    entryIds,
    head: { origin: view.origin, size, root, note },
    at: order.now(),
  })
}

function rolledBack(newer: number, older: number, what: 'files' | 'database'): Refusal {
  const which = what === 'files' ? "the log's files" : 'the database'
  return new Refusal(
    'log_rolled_back',
    `The log has ${newer} signed entries, but ${which} know only ${older}: an older state was put in place. Nothing was signed or changed. Put back the newer state, or continue the log openly (docs/operations/backup.md).`,
    { newer, older, what },
  )
}

function signerOlder(promised: number, published: number): Refusal {
  return new Refusal(
    'log_rolled_back',
    `The published log has ${published} entries, but the signer remembers only ${promised}: the signer's folder was put back to an older state. It could sign a second history, so nothing was signed. See docs/operations/keys.md, "The signer".`,
    { newer: published, older: promised, what: 'signer' },
  )
}

function signerNew(published: Found): Refusal {
  return new Refusal(
    'log_rolled_back',
    `The log of ${published.size} entries was signed by a signer whose folder is not here; this one has signed nothing yet. Nobody can know what else the lost one had signed, so nothing was signed. Put the signer's folder back, or continue the log openly (docs/operations/backup.md, "Everything lost").`,
    { newer: published.size, older: 0, what: 'signer' },
  )
}

function notTheSignedTree(size: number): Refusal {
  return new Refusal(
    'log_damaged',
    `The published log is not the one of ${size} entries that the signer has signed. Nothing was signed. Restore the log's folder from a backup, then run an audit.`,
    { size },
  )
}
