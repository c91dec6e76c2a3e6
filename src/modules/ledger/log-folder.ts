import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import {
  asDiskFull,
  isMissing,
  makeFolder,
  syncFolder,
  writeDurably,
} from '../../platform/objects/durable.ts'
import { HASH_BYTES } from '../../proof/merkle.ts'
import {
  TILE_WIDTH,
  decodeBundle,
  encodeBundle,
  tilePath,
  type TileAt,
  type TileWrite,
} from '../../proof/tiles.ts'

/** The log's files, in C2SP tlog-tiles layout: `checkpoint`, `tile/…`, `tile/entries/…`. Readers may be many. */
export interface LogFolder {
  readonly root: string
  /** A tile or bundle at the width asked; from a wider one where the partial file is gone. Refuses: log_damaged. */
  read(tile: TileAt): Promise<Uint8Array>
  /** The published note; null before the first. */
  readCheckpoint(): Promise<string | null>
}

export function openLogFolder(home: string): LogFolder {
  const root = path.join(home, 'log')
  return {
    root,
    read: (tile) => readTile(root, tile),
    readCheckpoint: () => readOptional(path.join(root, 'checkpoint')),
  }
}

async function readTile(root: string, tile: TileAt): Promise<Uint8Array> {
  const own = await readBytes(path.join(root, tilePath(tile)))
  if (own !== null) return own
  // Partial tiles are removed once the full one is there.
  const full =
    tile.width === TILE_WIDTH
      ? null
      : await readBytes(path.join(root, tilePath({ ...tile, width: TILE_WIDTH })))
  if (full === null) throw tileMissing(tilePath(tile))
  if (tile.level !== 'entries') return full.subarray(0, tile.width * HASH_BYTES)
  return encodeBundle(decodeBundle(full, TILE_WIDTH).slice(0, tile.width))
}

function tileMissing(file: string): Refusal {
  return new Refusal(
    'log_damaged',
    `The log's file ${file} is missing. Nothing was written or signed. Restore the log's folder from a backup, then run an audit.`,
    { file },
  )
}

/** Where in its work the sequencer is; tests end the process there. */
export type OnStep = (step: string) => Promise<void> | void

/**
 * Puts tiles in place: every file is durable, then every folder. Full ones never change; partial ones of the same
 * path only where a crash left unsigned bytes.
 */
export async function placeTiles(root: string, writes: readonly TileWrite[], onStep: OnStep): Promise<void> {
  const folders = new Set<string>()
  for (const write of writes) {
    const file = path.join(root, write.path)
    await makeFolder(path.dirname(file))
    await onStep(`tile ${write.path}`)
    await writeFlushed(file, write.bytes)
    folders.add(path.dirname(file))
  }
  for (const folder of folders) await syncFolder(folder)
}

async function writeFlushed(file: string, bytes: Uint8Array): Promise<void> {
  const draft = `${file}.draft`
  try {
    const handle = await open(draft, 'w', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.datasync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw asDiskFull(error)
  }
}

/** Removes the partial tiles beside full ones just placed. Losing this to a crash costs some small files only. */
export async function prunePartials(root: string, writes: readonly TileWrite[]): Promise<void> {
  for (const { tile, path: file } of writes)
    if (tile.width === TILE_WIDTH) await rm(path.join(root, `${file}.p`), { recursive: true, force: true })
}

/** Publishes a checkpoint: its name leads to the old one or to the new one, never to a part. */
export async function publish(root: string, note: string): Promise<void> {
  await writeDurably(path.join(root, 'checkpoint'), note, 0o644)
}

/**
 * Tiles on their way, in one durable file named by the tree they make. They are written before the signer is asked:
 * once it has signed, the tree can be finished after any crash. Unsigned, they never touch the published files.
 */
export async function stage(root: string, name: string, writes: readonly TileWrite[]): Promise<void> {
  const parts: Buffer[] = []
  for (const { path: file, bytes } of writes) {
    const head = Buffer.alloc(6)
    head.writeUInt16BE(Buffer.byteLength(file), 0)
    head.writeUInt32BE(bytes.length, 2)
    parts.push(head, Buffer.from(file), Buffer.from(bytes))
  }
  await writeDurably(path.join(root, 'staged', name), Buffer.concat(parts))
}

/** The staged bytes by path, reread from the disk; null where there are none of this name. */
export async function readStaged(root: string, name: string): Promise<Map<string, Uint8Array> | null> {
  const bytes = await readBytes(path.join(root, 'staged', name))
  if (bytes === null) return null
  const found = new Map<string, Uint8Array>()
  for (let at = 0; at < bytes.length;) {
    const [nameLength, length] = [bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2)]
    const start = at + 6 + nameLength
    found.set(bytes.toString('utf8', at + 6, start), bytes.subarray(start, start + length))
    at = start + length
  }
  return found
}

/** Removes what is staged: it is in place, or was never signed. */
export async function clearStaged(root: string): Promise<void> {
  const folder = path.join(root, 'staged')
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  for (const name of names) await rm(path.join(folder, name), { force: true })
}

async function readBytes(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function readOptional(file: string): Promise<string | null> {
  return (await readBytes(file))?.toString('utf8') ?? null
}
