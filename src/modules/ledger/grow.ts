import { equalBytes, toHex } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { nativePrimitives as p } from '../../platform/primitives-native.ts'
import { consistencyProof, foldRange, leafHash, nodeHash, rangeNodes, treeRoot } from '../../proof/merkle.ts'
import {
  TILE_WIDTH,
  appendLeaves,
  decodeBundle,
  edgeRoot,
  hashesFromTiles,
  parseTilePath,
  tilePath,
  tileWidth,
  type Edge,
  type TileAt,
  type TileWrite,
} from '../../proof/tiles.ts'
import {
  clearStaged,
  placeTiles,
  prunePartials,
  publish,
  readStaged,
  stage,
  type LogFolder,
  type OnStep,
} from './log-folder.ts'
import type { LogSigner } from './signer-process.ts'

/** The tree as published: everything in it is durable and signed. */
export interface Tree {
  readonly edge: Edge
  readonly root: Uint8Array
}

export interface Published extends Tree {
  readonly note: string
}

export interface GrowParts {
  readonly folder: LogFolder
  readonly signer: LogSigner
  readonly onStep: OnStep
}

/** Names a staged tree. */
export function stagedName(size: number, root: Uint8Array): string {
  return `${size}-${toHex(root)}`
}

/**
 * Adds leaves to the log: stage (durable) → reread → recompute the root a second way → sign → put the tiles in place
 * → publish. A crash anywhere leaves either the tree before, or one that the signer has signed and `finishStaged`
 * completes.
 *
 * Refuses: log_refused (the signer will not), log_damaged (what was reread is not what was written), disk_full.
 */
export async function grow(parts: GrowParts, tree: Tree, leaves: readonly Uint8Array[]): Promise<Published> {
  const { folder, signer, onStep } = parts
  const grown = appendLeaves(p, tree.edge, leaves)
  const root = edgeRoot(p, grown.edge)
  const size = grown.edge.size
  const name = stagedName(size, root)
  await onStep('stage')
  await stage(folder.root, name, grown.writes)
  await onStep('reread')
  const staged = await readStaged(folder.root, name)
  const read = overlay(folder, staged ?? new Map())
  const second = await rootAgain(tree, size, read)
  const third = await treeRoot(p, size, hashesFromTiles(p, size, read))
  if (!equalBytes(second, root) || !equalBytes(third, root)) throw rereadDiffers(size)
  const proof = await consistencyProof(p, { oldSize: tree.edge.size, size }, hashesFromTiles(p, size, read))
  await onStep('sign')
  const note = await signer.sign({ size, root, proof })
  await onStep('signed')
  await put(parts, grown.writes, note)
  return { edge: grown.edge, root, note }
}

/**
 * Completes a tree that the signer has signed and a crash kept from being published. False where nothing of it is
 * staged. The tiles are placed as they were staged; the caller rereads them.
 */
export async function finishStaged(parts: GrowParts, size: number, root: Uint8Array): Promise<boolean> {
  const staged = await readStaged(parts.folder.root, stagedName(size, root))
  if (staged === null) return false
  const writes = [...staged].map(([file, bytes]) => writeOf(file, bytes))
  await put(parts, writes, await parts.signer.sign({ size, root, proof: [] }))
  return true
}

async function put(parts: GrowParts, writes: readonly TileWrite[], note: string): Promise<void> {
  const { folder, onStep } = parts
  await placeTiles(folder.root, writes, onStep)
  await onStep('publish')
  await publish(folder.root, note)
  await onStep('prune')
  await prunePartials(folder.root, writes)
  await clearStaged(folder.root)
}

function writeOf(file: string, bytes: Uint8Array): TileWrite {
  const tile = parseTilePath(file)
  if (tile === null)
    throw new Refusal(
      'log_damaged',
      `A staged file of the log has the impossible name ${file}. Nothing was signed.`,
    )
  return { tile, path: file, bytes }
}

type ReadAny = (tile: TileAt) => Promise<Uint8Array>

/** Staged bytes where there are some, published ones otherwise. */
function overlay(folder: LogFolder, staged: ReadonlyMap<string, Uint8Array>): ReadAny {
  return async (tile) => staged.get(tilePath(tile)) ?? folder.read(tile)
}

/**
 * The root by a path of its own: the complete subtrees of all full bundles before, then every leaf as it lies in the
 * bundles from there on, hashed again and pushed one by one. On the way it must meet the published root: a leaf that
 * changed on the disk is never carried over. Shares only the two hash functions with `tiles.ts`.
 */
async function rootAgain(tree: Tree, size: number, read: ReadAny): Promise<Uint8Array> {
  const oldSize = tree.edge.size
  const first = Math.floor(oldSize / TILE_WIDTH)
  const nodes = rangeNodes(0, first * TILE_WIDTH)
  const hashes = await hashesFromTiles(p, size, read)(nodes)
  const stack = nodes.map((node, at) => ({ level: node.level, hash: hashes[at] ?? new Uint8Array(0) }))
  if (stackSize(stack) === oldSize) requireRoot(stack, tree)
  for (let index = first; index * TILE_WIDTH < size; index++) {
    const width = tileWidth(0, index, size)
    for (const leaf of decodeBundle(await read({ level: 'entries', index, width }), width)) {
      push(stack, leafHash(p, leaf))
      if (index === first && stackSize(stack) === oldSize) requireRoot(stack, tree)
    }
  }
  return rootOf(stack)
}

interface Node {
  readonly level: number
  readonly hash: Uint8Array
}

function stackSize(stack: readonly Node[]): number {
  return stack.reduce((sum, node) => sum + 2 ** node.level, 0)
}

function rootOf(stack: readonly Node[]): Uint8Array {
  return foldRange(
    p,
    stack.map((node) => node.hash),
  )
}

function requireRoot(stack: readonly Node[], tree: Tree): void {
  if (!equalBytes(rootOf(stack), tree.root)) throw rereadDiffers(tree.edge.size)
}

function push(stack: Node[], hash: Uint8Array): void {
  let node = { level: 0, hash }
  for (let left = stack.at(-1); left !== undefined && left.level === node.level; left = stack.at(-1)) {
    stack.pop()
    node = { level: node.level + 1, hash: nodeHash(p, left.hash, node.hash) }
  }
  stack.push(node)
}

function rereadDiffers(size: number): Refusal {
  return new Refusal(
    'log_damaged',
    `The log's files for the first ${size} entries, read again from the disk, do not give the root that they must. Nothing was signed; entries are kept and wait. Check the disk, restore the log's folder from a backup, then run an audit.`,
    { size },
  )
}
