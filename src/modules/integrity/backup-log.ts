import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { equalBytes } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { isMissing, writeDurably } from '../../platform/objects/durable.ts'
import { nativePrimitives as p } from '../../platform/primitives-native.ts'
import { parseCheckpoint, type Checkpoint } from '../../proof/checkpoint.ts'
import { parseNote } from '../../proof/note.ts'
import {
  EMPTY_EDGE,
  TILE_WIDTH,
  appendLeaves,
  decodeBundle,
  edgeRoot,
  tilePath,
  tileWidth,
  tilesOfTree,
  type Edge,
  type TileAt,
} from '../../proof/tiles.ts'
import { damaged } from './frames.ts'

/** The log that a backup holds: of one origin, as large as its signed note says. */
export interface LogCopy {
  readonly origin: string
  readonly size: number
  readonly note: string
}

type ReadTile = (tile: TileAt) => Promise<Uint8Array>

/**
 * Where a backup keeps the tiles of an origin: after a log was continued openly its full tiles may differ from the
 * ones given up, and the backup before must stay whole until the new one is.
 */
export function logFolderIn(backup: string, origin: string): string {
  return path.join(backup, 'log', folderName(origin))
}

function folderName(origin: string): string {
  return createHash('sha256').update(origin).digest('hex').slice(0, 16)
}

/** Every file of a tree of `size`: hash tiles and the entry bundles beside those of level 0. */
function* filesOf(size: number): Generator<TileAt> {
  for (const tile of tilesOfTree(size)) {
    yield tile
    if (tile.level === 0) yield { ...tile, level: 'entries' }
  }
}

/** Writes the files of exactly a tree of `size` below `to`; those that stand there with the same bytes stay. */
export async function copyLog(to: string, size: number, read: ReadTile): Promise<void> {
  for (const tile of filesOf(size)) {
    const file = path.join(to, tilePath(tile))
    const bytes = await read(tile)
    const there = await readOrNull(file)
    if (there === null || !equalBytes(there, bytes)) await writeDurably(file, bytes, 0o644)
  }
}

/** Reads a tile of a backup. Refuses: backup_damaged. */
export function readCopy(folder: string): ReadTile {
  return async (tile) => {
    const bytes = await readOrNull(path.join(folder, tilePath(tile)))
    if (bytes === null) throw damaged(`the log's file ${tilePath(tile)} is missing`)
    return new Uint8Array(bytes)
  }
}

async function readOrNull(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/**
 * Recomputes the whole tree from the leaves below `folder`, compares every tile on the way, and the root with the
 * checkpoint. Refuses: backup_damaged, naming the file.
 */
export async function checkLogCopy(folder: string, log: LogCopy): Promise<void> {
  const { origin, root, size } = readNote(log.note)
  if (size !== log.size || origin !== log.origin)
    throw damaged('its log and its checkpoint are not of one tree')
  const read = readCopy(folder)
  let edge: Edge = EMPTY_EDGE
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const bundle: TileAt = { level: 'entries', index, width: tileWidth(0, index, size) }
    const grown = appendLeaves(p, edge, leavesOf(await read(bundle), bundle))
    for (const { tile, bytes } of grown.writes) {
      // A partial tile is kept only in the width that it has in the whole tree.
      if (tile.level === 'entries' || tile.width !== tileWidth(tile.level, tile.index, size)) continue
      if (!equalBytes(await read(tile), bytes))
        throw damaged(`the log's file ${tilePath(tile)} is not what its leaves give`)
    }
    edge = grown.edge
  }
  if (!equalBytes(edgeRoot(p, edge), root))
    throw damaged("its log's leaves do not make the root that its checkpoint states")
}

function readNote(note: string): Checkpoint {
  try {
    return parseCheckpoint(parseNote(note).text)
  } catch (error) {
    throw error instanceof Refusal ? damaged('its checkpoint cannot be read') : error
  }
}

function leavesOf(bytes: Uint8Array, bundle: TileAt): Uint8Array[] {
  try {
    return decodeBundle(bytes, bundle.width)
  } catch (error) {
    throw error instanceof Refusal ? damaged(`the log's file ${tilePath(bundle)} was changed`) : error
  }
}

/** Removes what only backups before needed: other origins, partial tiles of other widths. */
export async function pruneLog(backup: string, log: LogCopy): Promise<void> {
  const kept = folderName(log.origin)
  for (const name of await namesIn(path.join(backup, 'log')))
    if (name !== kept) await rm(path.join(backup, 'log', name), { recursive: true, force: true })
  const folder = logFolderIn(backup, log.origin)
  for (const tile of filesOf(log.size)) {
    const partials = path.join(folder, `${tilePath({ ...tile, width: TILE_WIDTH })}.p`)
    for (const name of await namesIn(partials))
      if (tile.width === TILE_WIDTH || name !== String(tile.width))
        await rm(path.join(partials, name), { recursive: true, force: true })
    if (tile.width === TILE_WIDTH) await rm(partials, { recursive: true, force: true })
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
