import { setTimeout as sleep } from 'node:timers/promises'
import { equalBytes } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { nativePrimitives as p } from '../../platform/primitives-native.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import { HASH_BYTES } from '../../proof/merkle.ts'
import { checkSignature, parseNote, parseVerifierKey } from '../../proof/note.ts'
import {
  EMPTY_EDGE,
  TILE_WIDTH,
  appendLeaves,
  decodeBundle,
  edgeRoot,
  tilePath,
  tileWidth,
  type Edge,
  type TileAt,
} from '../../proof/tiles.ts'
import { Findings, type LogProblem } from './findings.ts'
import { openLogFolder, type LogFolder } from './log-folder.ts'
import { checkEntries, checkQueue } from './verify-entries.ts'

export interface LogReport {
  /** Leaves under the checkpoint. */
  readonly size: number
  readonly entriesRead: number
  readonly entriesErased: number
  readonly problems: readonly LogProblem[]
}

/**
 * Rereads the whole log: the checkpoint's signature, every bundle and tile, the root from the leaves up, then every
 * entry row against its leaf, every column against what was signed, and the queue. Runs beside a working sequencer.
 *
 * `logKey`: the log's verifier key. Never throws at bad evidence; each problem is named with its place.
 */
export async function verifyLog(desk: Desk, logKey: string): Promise<LogReport> {
  const found = new Findings()
  const folder = openLogFolder(desk.home)
  const checkpoint = await readSigned(folder, logKey, found)
  const size = checkpoint?.size ?? 0
  await untilRecorded(desk, size)
  let edge: Edge = EMPTY_EDGE
  const counts = { read: 0, erased: 0 }
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    for (let index = 0; index * TILE_WIDTH < size; index++) {
      const width = tileWidth(0, index, size)
      const leaves = await readLeaves(folder, { level: 'entries', index, width }, found)
      if (leaves === null) await checkTileAlone(folder, { level: 0, index, width }, found)
      else if (edge.size === index * TILE_WIDTH)
        edge = await compareTiles({ folder, size, found }, edge, leaves)
      await checkEntries(tx, { first: index * TILE_WIDTH, width, leaves }, { found, counts })
    }
    await checkQueue(tx, { size, readNow: () => sizeNow(folder) }, found)
  })
  if (checkpoint !== null && (edge.size !== size || !equalBytes(edgeRoot(p, edge), checkpoint.root)))
    found.add({
      what: 'root_differs',
      detail: `the leaves on disk do not give the root that the checkpoint of ${size} entries states`,
    })
  return { size, entriesRead: counts.read, entriesErased: counts.erased, problems: found.problems }
}

const RECORDED_WITHIN_MS = 5000
const LOOK_MS = 20

/** The sequencer publishes a checkpoint, then records it: for a moment the files know more than the database. */
async function untilRecorded(desk: Desk, size: number): Promise<void> {
  const deadline = performance.now() + RECORDED_WITHIN_MS
  for (;;) {
    const head = await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
      tx.sql.selectFrom('ledger.head').select('size').executeTakeFirst(),
    )
    if ((head?.size ?? 0) >= size || performance.now() > deadline) return
    await sleep(LOOK_MS)
  }
}

async function readSigned(
  folder: LogFolder,
  logKey: string,
  found: Findings,
): Promise<{ size: number; root: Uint8Array } | null> {
  const bad = (detail: string): null => {
    found.add({ what: 'checkpoint_bad', file: 'checkpoint', detail })
    return null
  }
  const text = await folder.readCheckpoint()
  if (text === null) return bad('there is no checkpoint')
  return attempt(
    () => {
      const note = parseNote(text)
      const checkpoint = parseCheckpoint(note.text)
      const key = parseVerifierKey(p, logKey)
      if (checkpoint.origin !== key.name) bad(`its origin is ${checkpoint.origin}, not ${key.name}`)
      if (checkSignature(p, note, key) !== 'good') bad("it does not carry the log key's signature")
      return checkpoint
    },
    (refusal) => bad(refusal.detail),
  )
}

async function sizeNow(folder: LogFolder): Promise<number> {
  const text = await folder.readCheckpoint()
  return text === null
    ? 0
    : attempt(
        () => parseCheckpoint(parseNote(text).text).size,
        () => 0,
      )
}

async function readLeaves(folder: LogFolder, tile: TileAt, found: Findings): Promise<Uint8Array[] | null> {
  const bytes = await readOrName(folder, tile, found)
  if (bytes === null) return null
  return attempt(
    () => decodeBundle(bytes, tile.width),
    (refusal) => {
      found.add({
        what: 'file_changed',
        file: tilePath(tile),
        index: tile.index * TILE_WIDTH,
        detail: refusal.detail,
      })
      return null
    },
  )
}

interface Comparison {
  readonly folder: LogFolder
  readonly size: number
  readonly found: Findings
}

/** Grows the recomputed tree by a bundle, and compares every tile that this completes with the one on disk. */
async function compareTiles(to: Comparison, edge: Edge, leaves: readonly Uint8Array[]): Promise<Edge> {
  const { folder, size, found } = to
  const grown = appendLeaves(p, edge, leaves)
  for (const { tile, path, bytes } of grown.writes) {
    if (tile.level === 'entries') continue
    // A partial tile stands on disk only in the width that it has in the newest tree.
    const isPassing = tile.width !== tileWidth(tile.level, tile.index, size)
    const onDisk = isPassing ? null : await readOrName(folder, tile, found)
    if (onDisk === null || equalBytes(onDisk, bytes)) continue
    const at = firstDifference(onDisk, bytes)
    const index = (tile.index * TILE_WIDTH + Math.floor(at / HASH_BYTES)) * TILE_WIDTH ** tile.level
    found.add({ what: 'file_changed', file: path, index, detail: `byte ${at} is not what the leaves give` })
  }
  return grown.edge
}

/** Where the bundle cannot be read, its tile still says whether it is there. */
async function checkTileAlone(folder: LogFolder, tile: TileAt, found: Findings): Promise<void> {
  await readOrName(folder, tile, found)
}

async function readOrName(folder: LogFolder, tile: TileAt, found: Findings): Promise<Uint8Array | null> {
  try {
    return await folder.read(tile)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const file = tilePath(tile)
    const what = error.code === 'log_damaged' ? 'file_missing' : 'file_changed'
    found.add({ what, file, index: tile.index * TILE_WIDTH, detail: error.detail })
    return null
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index])
  return at === -1 ? Math.min(a.length, b.length) : at
}

function attempt<T>(read: () => T, otherwise: (refusal: Refusal) => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return otherwise(error)
    throw error
  }
}
