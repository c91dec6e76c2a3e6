import { equalBytes } from '../base/bytes.ts'
import type { Primitives } from './primitives.ts'

/**
 * RFC 6962 trees. A hash is 32 bytes. A *node* is a complete subtree: `level` 0 is a leaf, and node
 * (level, index) covers the leaves from index·2^level to (index+1)·2^level. Sizes and indexes are
 * whole numbers below 2^48, so no shift operators: they cut at 32 bits.
 */
export interface NodeAt {
  readonly level: number
  readonly index: number
}

/** Gives the hashes of complete subtrees, in the order asked; from tiles, memory or anywhere. */
export type ReadHashes = (nodes: readonly NodeAt[]) => Promise<readonly Uint8Array[]>

export const HASH_BYTES = 32
export const MAX_TREE_SIZE = 2 ** 48
const MAX_PROOF = 64

export function emptyRoot(p: Primitives): Uint8Array {
  return p.sha256(new Uint8Array(0))
}

/** SHA-256(0x00 ‖ leaf). */
export function leafHash(p: Primitives, leaf: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + leaf.length)
  message.set(leaf, 1)
  return p.sha256(message)
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(p: Primitives, left: Uint8Array, right: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + 2 * HASH_BYTES)
  message[0] = 1
  message.set(left, 1)
  message.set(right, 1 + HASH_BYTES)
  return p.sha256(message)
}

/** The largest power of two below `size`, which must be at least 2: where RFC 6962 splits a tree. */
export function splitPoint(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

/**
 * The complete subtrees, left to right, that make up the leaves from `start` to `end`.
 * `start` must be 0 or divisible by the largest power of two within the range, as in every RFC 6962 subtree.
 */
export function rangeNodes(start: number, end: number): NodeAt[] {
  const nodes: NodeAt[] = []
  for (let at = start; at < end;) {
    let [width, level] = [1, 0]
    while (width * 2 <= end - at && at % (width * 2) === 0) [width, level] = [width * 2, level + 1]
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

/** Folds the hashes of `rangeNodes`, right to left, into the hash of the whole range. */
export function foldRange(p: Primitives, hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot(p)
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(p, left, right), hashes.at(-1)!)
}

/** The root of the first `size` leaves. */
export async function treeRoot(p: Primitives, size: number, read: ReadHashes): Promise<Uint8Array> {
  return rangeHash(p, { start: 0, end: size }, read)
}

/** Proof that leaf `index` is in the tree of `size` leaves. Throws RangeError: index not below size. */
export async function inclusionProof(
  p: Primitives,
  order: { readonly index: number; readonly size: number },
  read: ReadHashes,
): Promise<Uint8Array[]> {
  return proveRanges(p, inclusionRanges(order.index, 0, order.size), read)
}

/** Proof that the tree of `oldSize` leaves is the beginning of the tree of `size`. */
export async function consistencyProof(
  p: Primitives,
  order: { readonly oldSize: number; readonly size: number },
  read: ReadHashes,
): Promise<Uint8Array[]> {
  if (order.oldSize > order.size) throw new RangeError('the old tree is larger than the new one')
  if (order.oldSize === 0) return []
  return proveRanges(
    p,
    consistencyRanges({ start: 0, end: order.oldSize }, { start: 0, end: order.size }, true),
    read,
  )
}

/** Proof that the subtree [start, end) stands in the tree of `size`. */
export async function subtreeConsistencyProof(
  p: Primitives,
  order: { readonly start: number; readonly end: number; readonly size: number },
  read: ReadHashes,
): Promise<Uint8Array[]> {
  const subtree = { start: order.start, end: order.end }
  return proveRanges(p, consistencyRanges(subtree, { start: 0, end: order.size }, true), read)
}

/** Inclusion within the subtree [start, end): the ordinary proof, counted from `start`. */
export async function subtreeInclusionProof(
  p: Primitives,
  order: { readonly index: number; readonly start: number; readonly end: number },
  read: ReadHashes,
): Promise<Uint8Array[]> {
  return proveRanges(p, inclusionRanges(order.index, order.start, order.end), read)
}

interface Range {
  readonly start: number
  readonly end: number
}

/** Sibling ranges from the leaf to the root (RFC 6962 §2.1.1). */
function inclusionRanges(index: number, start: number, end: number): Range[] {
  if (!(index >= start && index < end)) throw new RangeError('the leaf is not in the tree')
  const siblings: Range[] = []
  let [from, to] = [start, end]
  while (to - from > 1) {
    const middle = from + splitPoint(to - from)
    if (index < middle) {
      siblings.push({ start: middle, end: to })
      to = middle
    } else {
      siblings.push({ start: from, end: middle })
      from = middle
    }
  }
  return siblings.reverse()
}

/** RFC 6962 §2.1.2, SUBPROOF, for any subtree; `whole` says that the verifier knows `part`'s hash. */
function consistencyRanges(part: Range, tree: Range, whole: boolean): Range[] {
  if (part.start === tree.start && part.end === tree.end) return whole ? [] : [tree]
  const middle = tree.start + splitPoint(tree.end - tree.start)
  const [left, right] = [
    { start: tree.start, end: middle },
    { start: middle, end: tree.end },
  ]
  if (part.end <= middle) return [...consistencyRanges(part, left, whole), right]
  if (part.start >= middle) return [...consistencyRanges(part, right, whole), left]
  return [...consistencyRanges({ start: middle, end: part.end }, right, false), left]
}

/** One read for the whole proof, so that a tile is fetched once. */
async function proveRanges(p: Primitives, ranges: readonly Range[], read: ReadHashes): Promise<Uint8Array[]> {
  const parts = ranges.map((range) => rangeNodes(range.start, range.end))
  const hashes = await read(parts.flat())
  let at = 0
  return parts.map((part) => foldRange(p, hashes.slice(at, (at += part.length))))
}

async function rangeHash(p: Primitives, range: Range, read: ReadHashes): Promise<Uint8Array> {
  return foldRange(p, await read(rangeNodes(range.start, range.end)))
}

export interface Inclusion {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** RFC 9162 §2.1.3.2. False for anything that is not exactly a proof, lengths included. */
export function verifyInclusion(p: Primitives, claim: Inclusion): boolean {
  if (!isSize(claim.index) || !isSize(claim.size) || claim.index >= claim.size) return false
  if (!areHashes([claim.leafHash, claim.root, ...claim.proof])) return false
  let [position, last] = [claim.index, claim.size - 1]
  let hash = claim.leafHash
  for (const sibling of claim.proof) {
    if (last === 0) return false
    if (isOdd(position) || position === last) {
      hash = nodeHash(p, sibling, hash)
      while (!isOdd(position) && position !== 0) [position, last] = [half(position), half(last)]
    } else hash = nodeHash(p, hash, sibling)
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && equalBytes(hash, claim.root)
}

export interface Consistency {
  readonly oldSize: number
  readonly size: number
  readonly oldRoot: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * RFC 9162 §2.1.4.2. An old size of 0 is accepted with an empty proof and the empty tree's root, as
 * C2SP tlog-witness requires; some libraries refuse it.
 */
export function verifyConsistency(p: Primitives, claim: Consistency): boolean {
  if (!isSize(claim.oldSize) || !areHashes([claim.oldRoot, claim.root])) return false
  if (claim.oldSize === 0) {
    const rootFits = claim.size > 0 || equalBytes(claim.root, emptyRoot(p))
    return isSize(claim.size) && rootFits && isEmptyClaim(p, claim.oldRoot, claim.proof)
  }
  return verifySubtreeConsistency(p, {
    start: 0,
    end: claim.oldSize,
    size: claim.size,
    subtreeRoot: claim.oldRoot,
    root: claim.root,
    proof: claim.proof,
  })
}

/** [start, end) is an RFC 6962 subtree: not empty, and start a multiple of the next power of two ≥ its length. */
export function isSubtree(start: number, end: number): boolean {
  if (!isSize(start) || !isSize(end) || start >= end) return false
  let width = 1
  while (width < end - start) width *= 2
  return start % width === 0
}

export interface SubtreeInclusion {
  readonly index: number
  readonly start: number
  readonly end: number
  readonly leafHash: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

export function verifySubtreeInclusion(p: Primitives, claim: SubtreeInclusion): boolean {
  if (!isSubtree(claim.start, claim.end) || !isSize(claim.index) || claim.index < claim.start) return false
  return verifyInclusion(p, { ...claim, index: claim.index - claim.start, size: claim.end - claim.start })
}

export interface SubtreeConsistency {
  readonly start: number
  readonly end: number
  readonly size: number
  readonly subtreeRoot: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * The leaves [start, end) with this root stand at that place in the tree of `size`.
 * The empty subtree stands anywhere, with an empty proof.
 * Source: draft-ietf-plants-merkle-tree-certs §4.4.3; with start 0 it is RFC 9162's consistency proof.
 */
export function verifySubtreeConsistency(p: Primitives, claim: SubtreeConsistency): boolean {
  if (!isSize(claim.size) || claim.end > claim.size) return false
  if (!areHashes([claim.subtreeRoot, claim.root, ...claim.proof])) return false
  if (claim.start === claim.end) return isSize(claim.start) && isEmptyClaim(p, claim.subtreeRoot, claim.proof)
  if (!isSubtree(claim.start, claim.end)) return false
  let [first, end, last] = [claim.start, claim.end - 1, claim.size - 1]
  const toTheEnd = end === last
  while (first !== end && (toTheEnd || isOdd(end))) [first, end, last] = [half(first), half(end), half(last)]
  const proof = [...claim.proof]
  const seed = first === end ? claim.subtreeRoot : proof.shift()
  if (seed === undefined) return false
  let [inner, outer] = [seed, seed]
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(end) || end === last) {
      if (first < end) inner = nodeHash(p, sibling, inner)
      outer = nodeHash(p, sibling, outer)
      while (!isOdd(end) && end !== 0) [first, end, last] = [half(first), half(end), half(last)]
    } else outer = nodeHash(p, outer, sibling)
    ;[first, end, last] = [half(first), half(end), half(last)]
  }
  return last === 0 && equalBytes(inner, claim.subtreeRoot) && equalBytes(outer, claim.root)
}

function isEmptyClaim(p: Primitives, root: Uint8Array, proof: readonly Uint8Array[]): boolean {
  return proof.length === 0 && equalBytes(root, emptyRoot(p))
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0 && size < MAX_TREE_SIZE
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.length <= MAX_PROOF + 2 && hashes.every((hash) => hash.length === HASH_BYTES)
}

function isOdd(value: number): boolean {
  return value % 2 === 1
}

function half(value: number): number {
  return Math.floor(value / 2)
}
