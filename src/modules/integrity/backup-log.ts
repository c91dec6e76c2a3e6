import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { equalBytes } from '../../base/bytes.ts'
import { isMissing, writeDurably } from '../../platform/objects/durable.ts'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import { treeRoot } from '../../proof/merkle.ts'
import { parseNote } from '../../proof/note.ts'
import { TILE_WIDTH, hashesFromTiles, tilePath, tilesOfTree, type TileAt } from '../../proof/tiles.ts'
import { damaged } from './frames.ts'

type ReadTile = (tile: TileAt) => Promise<Uint8Array>

/** Every file of a tree of `size`: hash tiles and the entry bundles beside those of level 0. */
function* filesOf(size: number): Generator<TileAt> {
  for (const tile of tilesOfTree(size)) {
    yield tile
    if (tile.level === 0) yield { ...tile, level: 'entries' }
  }
}

/**
 * Writes the log's files for exactly a tree of `size` below `to`; full tiles that are there already stay, for they
 * never change. The checkpoint comes last.
 */
export async function copyLog(
  to: string,
  log: { size: number; note: string },
  read: ReadTile,
): Promise<void> {
  for (const tile of filesOf(log.size)) {
    const file = path.join(to, tilePath(tile))
    const there = tile.width === TILE_WIDTH ? await sizeOf(file) : null
    const bytes = there === null ? await read(tile) : null
    if (bytes !== null) await writeDurably(file, bytes, 0o644)
  }
  await writeDurably(path.join(to, 'checkpoint'), log.note, 0o644)
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await readFile(file)).length
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Recomputes the tree below `folder` and compares it with the checkpoint. Refuses: backup_damaged. */
export async function checkLogCopy(folder: string, log: { size: number; note: string }): Promise<void> {
  const { root, size } = parseCheckpoint(parseNote(log.note).text)
  if (size !== log.size) throw damaged('its log and its checkpoint are of different sizes')
  const read = async (tile: TileAt): Promise<Uint8Array> => {
    const bytes = await readFile(path.join(folder, tilePath(tile))).catch((error: unknown) => {
      if (isMissing(error)) throw damaged(`the log's file ${tilePath(tile)} is missing`)
      throw error
    })
    return new Uint8Array(bytes)
  }
  for (const tile of filesOf(size)) await read(tile)
  const found =
    size === 0 ? root : await treeRoot(nativePrimitives, size, hashesFromTiles(nativePrimitives, size, read))
  if (!equalBytes(found, root))
    throw damaged("its log's tiles do not make the root that its checkpoint states")
}

/** Removes partial tiles that an earlier backup into the same folder left beside full ones. */
export async function prunePartials(folder: string, size: number): Promise<void> {
  for (const tile of filesOf(size))
    if (tile.width === TILE_WIDTH)
      await rm(path.join(folder, `${tilePath(tile)}.p`), { recursive: true, force: true })
}
