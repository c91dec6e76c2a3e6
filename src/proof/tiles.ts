import { concatBytes } from '../base/bytes.ts'
import { malformed } from './malformed.ts'
import { HASH_BYTES, MAX_TREE_SIZE, foldRange, nodeHash, type NodeAt, type ReadHashes } from './merkle.ts'
import type { Primitives } from './primitives.ts'

/**
 * C2SP tlog-tiles. A tile is up to 256 hashes: tile (level, index) holds the nodes of tree level
 * 8·level from index·256 on. A *partial* tile has a width below 256. An entry bundle holds the leaves
 * beneath one level-0 tile, each with a big-endian uint16 length before it.
 */
export const TILE_WIDTH = 256
export const TILE_HEIGHT = 8
export const MAX_TILE_LEVEL = 5
export const MAX_LEAF_BYTES = 65_535

export interface TileAt {
  readonly level: number | 'entries'
  readonly index: number
  /** 1–256; 256 is a full tile, whose path has no `.p/W`. */
  readonly width: number
}

/** `tile/<level>/x001/x234/067[.p/W]`. */
export function tilePath(tile: TileAt): string {
  let path = String(tile.index % 1000).padStart(3, '0')
  for (let rest = Math.floor(tile.index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  return `tile/${tile.level}/${path}${tile.width === TILE_WIDTH ? '' : `.p/${tile.width}`}`
}

/** The inverse of `tilePath`; null for any other text, so that each tile has one path. */
export function parseTilePath(path: string): TileAt | null {
  const found = /^tile\/(entries|[0-5])\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path)
  if (found === null) return null
  const [, level, digits, width] = found as unknown as [string, string, string, string | undefined]
  const tile: TileAt = {
    level: level === 'entries' ? level : Number(level),
    index: Number(digits.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  return tilePath(tile) === path && tile.width <= TILE_WIDTH ? tile : null
}

/** How many hashes tile (level, index) holds in a tree of `size` leaves; 0 where there is none. */
export function tileWidth(level: number, index: number, size: number): number {
  const nodes = Math.floor(size / TILE_WIDTH ** level)
  return Math.max(0, Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH))
}

/** Every hash tile of a tree, widths as in that tree; entry bundles are its level-0 tiles again. */
export function* tilesOfTree(size: number): Generator<TileAt & { readonly level: number }> {
  for (let level = 0; level <= MAX_TILE_LEVEL; level++)
    for (let index = 0; tileWidth(level, index, size) > 0; index++)
      yield { level, index, width: tileWidth(level, index, size) }
}

/** Refuses malformed: a leaf over 65,535 bytes. */
export function encodeBundle(leaves: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const leaf of leaves) {
    if (leaf.length > MAX_LEAF_BYTES) throw malformed('a leaf is larger than 65,535 bytes')
    parts.push(Uint8Array.of(leaf.length >> 8, leaf.length & 255), leaf)
  }
  return concatBytes(...parts)
}

/** Refuses malformed: cut short, or not exactly `count` leaves. */
export function decodeBundle(bytes: Uint8Array, count: number): Uint8Array[] {
  const leaves: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    if (at + 2 > bytes.length) throw malformed('the entry bundle is cut short')
    const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!
    if (end > bytes.length) throw malformed('the entry bundle is cut short')
    leaves.push(bytes.slice(at + 2, end))
    at = end
  }
  if (leaves.length !== count) throw malformed(`the entry bundle holds ${leaves.length} leaves, not ${count}`)
  return leaves
}

/** Gives a hash tile's bytes (32 × width). */
export type ReadTile = (tile: TileAt & { readonly level: number }) => Promise<Uint8Array>

/**
 * Node hashes out of tiles, for `merkle.ts`. Tiles are read at the width they have in the tree of
 * `size`, each once a call. Refuses malformed: a tile of another length. Throws RangeError: a node
 * outside the tree.
 */
export function hashesFromTiles(p: Primitives, size: number, readTile: ReadTile): ReadHashes {
  return async (nodes) => {
    const tiles = new Map<string, Promise<Uint8Array>>()
    const fetch = (level: number, index: number): Promise<Uint8Array> => {
      const width = tileWidth(level, index, size)
      const path = tilePath({ level, index, width })
      const bytes = tiles.get(path) ?? readChecked(readTile, { level, index, width }, path)
      tiles.set(path, bytes)
      return bytes
    }
    return Promise.all(nodes.map(async (node) => nodeFromTile(p, node, size, fetch)))
  }
}

async function readChecked(
  readTile: ReadTile,
  tile: TileAt & { level: number },
  path: string,
): Promise<Uint8Array> {
  const bytes = await readTile(tile)
  if (bytes.length !== tile.width * HASH_BYTES)
    throw malformed(`${path} has ${bytes.length} bytes, not ${tile.width * HASH_BYTES}`, { path })
  return bytes
}

async function nodeFromTile(
  p: Primitives,
  node: NodeAt,
  size: number,
  fetch: (level: number, index: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  if ((node.index + 1) * 2 ** node.level > size) throw new RangeError('the node is not in the tree')
  const level = Math.floor(node.level / TILE_HEIGHT)
  const span = 2 ** (node.level - level * TILE_HEIGHT) // how many of the tile's hashes it covers
  const first = node.index * span
  const tile = await fetch(level, Math.floor(first / TILE_WIDTH))
  return foldComplete(p, tile, first % TILE_WIDTH, span)
}

/** The root of `span` (a power of two) adjacent hashes. */
function foldComplete(p: Primitives, hashes: Uint8Array, first: number, span: number): Uint8Array {
  if (span === 1) return hashes.slice(first * HASH_BYTES, (first + 1) * HASH_BYTES)
  const half = span / 2
  return nodeHash(p, foldComplete(p, hashes, first, half), foldComplete(p, hashes, first + half, half))
}

/**
 * The right edge of a tree: the partial tile of every level (empty where the last one is full) and
 * the partial entry bundle. It is all that appending needs. Never changed in place.
 */
export interface Edge {
  readonly size: number
  readonly levels: readonly Uint8Array[]
  readonly bundle: Uint8Array
}

export const EMPTY_EDGE: Edge = { size: 0, levels: [], bundle: new Uint8Array(0) }

/** The tiles that make up the edge of a tree of `size`; read them to continue after a restart. */
export function edgeTiles(size: number): TileAt[] {
  const tiles: TileAt[] = []
  for (let level = 0; level <= MAX_TILE_LEVEL; level++) {
    const nodes = Math.floor(size / TILE_WIDTH ** level)
    const place = { index: Math.floor(nodes / TILE_WIDTH), width: nodes % TILE_WIDTH }
    if (place.width === 0) continue
    tiles.push({ level, ...place })
    if (level === 0) tiles.push({ level: 'entries', ...place })
  }
  return tiles
}

/** Reads the edge of a tree again. Refuses malformed: a tile or bundle of another length. */
export async function readEdge(size: number, read: (tile: TileAt) => Promise<Uint8Array>): Promise<Edge> {
  const levels = Array.from({ length: MAX_TILE_LEVEL + 1 }, () => new Uint8Array(0))
  let bundle = new Uint8Array(0)
  for (const tile of edgeTiles(size)) {
    const bytes = Uint8Array.from(await read(tile))
    if (tile.level === 'entries') {
      decodeBundle(bytes, tile.width)
      bundle = bytes
    } else {
      await readChecked(async () => bytes, { ...tile, level: tile.level }, tilePath(tile))
      levels[tile.level] = bytes
    }
  }
  return { size, levels, bundle }
}

export interface TileWrite {
  readonly tile: TileAt
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Appends leaves: the new edge, and every tile and bundle that is new or wider than before, full
 * ones first met first. Order of writing does not matter as long as all are durable before the
 * checkpoint is signed. Full tiles never change again.
 */
export function appendLeaves(
  p: Primitives,
  edge: Edge,
  leaves: readonly Uint8Array[],
): { readonly edge: Edge; readonly writes: TileWrite[] } {
  if (edge.size + leaves.length >= MAX_TREE_SIZE) throw new RangeError('the tree would be too large')
  const writes: TileWrite[] = []
  const bundle = appendBundles(edge, leaves, writes)
  let hashes = hashLeaves(p, leaves)
  const levels: Uint8Array[] = []
  for (let level = 0; level <= MAX_TILE_LEVEL; level++) {
    const grown = growLevel(p, { level, before: edge.size, partial: edge.levels[level], hashes }, writes)
    levels.push(grown.partial)
    hashes = grown.roots
  }
  return { edge: { size: edge.size + leaves.length, levels, bundle }, writes }
}

/** The root of the tree that this is the edge of. */
export function edgeRoot(p: Primitives, edge: Edge): Uint8Array {
  const parts: Uint8Array[] = []
  for (let level = MAX_TILE_LEVEL; level >= 0; level--) {
    const partial = edge.levels[level] ?? new Uint8Array(0)
    let at = 0
    for (let rest = partial.length / HASH_BYTES; rest > 0;) {
      const span = 2 ** Math.floor(Math.log2(rest))
      parts.push(foldComplete(p, partial, at, span))
      at += span
      rest -= span
    }
  }
  return foldRange(p, parts)
}

/** Leaf hashes, one after another; one message buffer serves all leaves of one length. */
function hashLeaves(p: Primitives, leaves: readonly Uint8Array[]): Uint8Array {
  const hashes = new Uint8Array(leaves.length * HASH_BYTES)
  let message = new Uint8Array(1)
  leaves.forEach((leaf, at) => {
    if (message.length !== leaf.length + 1) message = new Uint8Array(leaf.length + 1)
    message.set(leaf, 1)
    hashes.set(p.sha256(message), at * HASH_BYTES)
  })
  return hashes
}

interface Growth {
  readonly level: number
  /** Leaves in the tree before. */
  readonly before: number
  readonly partial: Uint8Array | undefined
  readonly hashes: Uint8Array
}

function growLevel(
  p: Primitives,
  growth: Growth,
  writes: TileWrite[],
): { readonly partial: Uint8Array; readonly roots: Uint8Array } {
  const { level, partial = new Uint8Array(0), hashes } = growth
  if (hashes.length === 0) return { partial, roots: new Uint8Array(0) }
  const row = concatBytes(partial, hashes)
  let index = Math.floor(Math.floor(growth.before / TILE_WIDTH ** level) / TILE_WIDTH)
  const full = TILE_WIDTH * HASH_BYTES
  const roots: Uint8Array[] = []
  let at = 0
  for (; at + full <= row.length; at += full, index++) {
    const bytes = row.slice(at, at + full)
    writes.push(tileWrite({ level, index, width: TILE_WIDTH }, bytes))
    roots.push(foldTile(p, bytes))
  }
  const rest = row.slice(at)
  if (rest.length > 0) writes.push(tileWrite({ level, index, width: rest.length / HASH_BYTES }, rest))
  return { partial: rest, roots: concatBytes(...roots) }
}

/** The root of a full tile, folded in place row by row: the hot loop of appending. */
function foldTile(p: Primitives, tile: Uint8Array): Uint8Array {
  const row = tile.slice()
  const message = new Uint8Array(1 + 2 * HASH_BYTES)
  message[0] = 1
  for (let width = TILE_WIDTH / 2; width >= 1; width /= 2)
    for (let at = 0; at < width; at++) {
      message.set(row.subarray(at * 2 * HASH_BYTES, (at + 1) * 2 * HASH_BYTES), 1)
      row.set(p.sha256(message), at * HASH_BYTES)
    }
  return row.slice(0, HASH_BYTES)
}

function appendBundles(edge: Edge, leaves: readonly Uint8Array[], writes: TileWrite[]): Uint8Array {
  let held = edge.bundle
  let size = edge.size
  for (let at = 0; at < leaves.length;) {
    const room = TILE_WIDTH - (size % TILE_WIDTH)
    const part = leaves.slice(at, at + room)
    const index = Math.floor(size / TILE_WIDTH)
    const bytes = concatBytes(held, encodeBundle(part))
    size += part.length
    at += part.length
    const isFull = size % TILE_WIDTH === 0
    writes.push(tileWrite({ level: 'entries', index, width: isFull ? TILE_WIDTH : size % TILE_WIDTH }, bytes))
    held = isFull ? new Uint8Array(0) : bytes
  }
  return held
}

function tileWrite(tile: TileAt, bytes: Uint8Array): TileWrite {
  return { tile, path: tilePath(tile), bytes }
}
