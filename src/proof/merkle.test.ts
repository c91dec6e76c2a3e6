import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nativePrimitives as p } from '../platform/primitives-native.ts'
import { noblePrimitives } from './primitives-noble.ts'
import {
  consistencyProof,
  emptyRoot,
  foldRange,
  inclusionProof,
  isSubtree,
  leafHash,
  nodeHash,
  splitPoint,
  subtreeConsistencyProof,
  subtreeInclusionProof,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
  type ReadHashes,
} from './merkle.ts'

const leaves = Array.from({ length: 70 }, (_, at) => Uint8Array.of(at, 1, 2))
const hashes = leaves.map((leaf) => leafHash(p, leaf))

/** RFC 6962 §2.1 word for word, as the second opinion. */
function plainRoot(part: readonly Uint8Array[]): Uint8Array {
  if (part.length === 0) return emptyRoot(p)
  if (part.length === 1) return part[0]!
  const middle = splitPoint(part.length)
  return nodeHash(p, plainRoot(part.slice(0, middle)), plainRoot(part.slice(middle)))
}

const read: ReadHashes = async (nodes) =>
  nodes.map(({ level, index }) => plainRoot(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level)))

test('roots agree with the definition for every size', async () => {
  for (let size = 0; size <= leaves.length; size++)
    assert.deepEqual(await treeRoot(p, size, read), plainRoot(hashes.slice(0, size)))
})

test('every leaf of every tree has a proof, and only that proof', async () => {
  for (let size = 1; size <= leaves.length; size += 3)
    for (let index = 0; index < size; index++) {
      const proof = await inclusionProof(p, { index, size }, read)
      const claim = { index, size, leafHash: hashes[index]!, root: plainRoot(hashes.slice(0, size)), proof }
      assert.ok(verifyInclusion(p, claim), `${index} of ${size}`)
      assert.ok(verifyInclusion(noblePrimitives, claim))
      assert.ok(!verifyInclusion(p, { ...claim, index: index + 1 }))
      assert.ok(!verifyInclusion(p, { ...claim, proof: [...proof, hashes[0]!] }))
      if (proof.length > 0) assert.ok(!verifyInclusion(p, { ...claim, proof: proof.slice(1) }))
    }
})

test('every smaller tree is proved to be the beginning', async () => {
  for (let size = 0; size <= leaves.length; size += 5)
    for (let oldSize = 0; oldSize <= size; oldSize++) {
      const proof = await consistencyProof(p, { oldSize, size }, read)
      const [oldRoot, root] = [plainRoot(hashes.slice(0, oldSize)), plainRoot(hashes.slice(0, size))]
      const claim = { oldSize, size, oldRoot, root, proof }
      assert.ok(verifyConsistency(p, claim), `${oldSize} in ${size}`)
      if (oldSize < size && oldSize > 0) {
        assert.ok(!verifyConsistency(p, { ...claim, oldRoot: hashes[1]! }))
        assert.ok(!verifyConsistency(p, { ...claim, proof: proof.slice(0, -1) }))
      }
    }
})

test('a proof with any byte changed is refused', async () => {
  const proof = await inclusionProof(p, { index: 37, size: 70 }, read)
  const root = plainRoot(hashes)
  fc.assert(
    fc.property(fc.nat(proof.length - 1), fc.nat(31), fc.integer({ min: 1, max: 255 }), (which, at, flip) => {
      const changed = proof.map((hash) => hash.slice())
      changed[which]![at]! ^= flip
      return !verifyInclusion(p, { index: 37, size: 70, leafHash: hashes[37]!, root, proof: changed })
    }),
  )
})

test('subtrees prove their leaves and their place', async () => {
  for (const size of [1, 7, 14, 33, 64, 70])
    for (let start = 0; start < size; start++)
      for (let end = start + 1; end <= size; end++) {
        if (!isSubtree(start, end)) continue
        const subtreeRoot = plainRoot(hashes.slice(start, end))
        const proof = await subtreeConsistencyProof(p, { start, end, size }, read)
        const claim = { start, end, size, subtreeRoot, root: plainRoot(hashes.slice(0, size)), proof }
        assert.ok(verifySubtreeConsistency(p, claim), `[${start}, ${end}) in ${size}`)
        if (end - start < size && start !== 69)
          assert.ok(!verifySubtreeConsistency(p, { ...claim, subtreeRoot: hashes[69]! }))
        const index = end - 1
        const inside = await subtreeInclusionProof(p, { index, start, end }, read)
        assert.ok(
          verifySubtreeInclusion(p, {
            index,
            start,
            end,
            leafHash: hashes[index]!,
            root: subtreeRoot,
            proof: inside,
          }),
        )
      }
})

test('sizes that are no sizes are refused', () => {
  const root = plainRoot(hashes)
  for (const size of [-1, 1.5, Number.NaN, 2 ** 48, Number.MAX_VALUE])
    assert.ok(!verifyInclusion(p, { index: 0, size, leafHash: root, root, proof: [] }))
  assert.deepEqual(foldRange(p, []), emptyRoot(p))
})
