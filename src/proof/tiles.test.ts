import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nativePrimitives as p } from '../platform/primitives-native.ts'
import { inclusionProof, leafHash, nodeHash, splitPoint, treeRoot, verifyInclusion } from './merkle.ts'
import {
  EMPTY_EDGE,
  appendLeaves,
  decodeBundle,
  edgeRoot,
  encodeBundle,
  hashesFromTiles,
  parseTilePath,
  readEdge,
  tilePath,
  tilesOfTree,
  type Edge,
  type TileAt,
} from './tiles.ts'

const leaf = (at: number): Uint8Array => Uint8Array.of(1, at & 255, (at >> 8) & 255, at >> 16)

function plainRoot(part: readonly Uint8Array[]): Uint8Array {
  if (part.length === 1) return part[0]!
  const middle = splitPoint(part.length)
  return nodeHash(p, plainRoot(part.slice(0, middle)), plainRoot(part.slice(middle)))
}

/** A log on a map from path to bytes, grown in the given steps. */
function grow(steps: readonly number[]): { edge: Edge; files: Map<string, Uint8Array>; size: number } {
  const files = new Map<string, Uint8Array>()
  let edge = EMPTY_EDGE
  for (const step of steps) {
    const leaves = Array.from({ length: step }, (_, at) => leaf(edge.size + at))
    const grown = appendLeaves(p, edge, leaves)
    for (const write of grown.writes) files.set(write.path, write.bytes)
    edge = grown.edge
  }
  return { edge, files, size: edge.size }
}

function reader(files: Map<string, Uint8Array>): (tile: TileAt) => Promise<Uint8Array> {
  return async (tile) => {
    const bytes = files.get(tilePath(tile))
    if (bytes === undefined) throw new Error(`${tilePath(tile)} was never written`)
    return bytes
  }
}

test('paths are those of tlog-tiles and read back', () => {
  assert.equal(tilePath({ level: 0, index: 1234067, width: 256 }), 'tile/0/x001/x234/067')
  assert.equal(tilePath({ level: 'entries', index: 5, width: 7 }), 'tile/entries/005.p/7')
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 5, 'entries' as const),
      fc.nat(2 ** 31),
      fc.integer({ min: 1, max: 256 }),
      (level, index, width) => {
        assert.deepEqual(parseTilePath(tilePath({ level, index, width })), { level, index, width })
      },
    ),
  )
  for (const bad of [
    'tile/0/1',
    'tile/0/x000/001',
    'tile/0/001.p/256',
    'tile/0/001.p/0',
    'tile/6/001',
    'tile/0/../001',
    'tile/00/001',
  ])
    assert.equal(parseTilePath(bad), null, bad)
})

test('any way of cutting the appends gives the same tree', async () => {
  const whole = grow([66_000])
  const leaves = Array.from({ length: 66_000 }, (_, at) => leafHash(p, leaf(at)))
  assert.deepEqual(edgeRoot(p, whole.edge), plainRoot(leaves))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(600), { minLength: 1, maxLength: 6 }), async (steps) => {
      const { edge, files, size } = grow(steps)
      if (size === 0) return
      const read = hashesFromTiles(p, size, reader(files))
      assert.deepEqual(edgeRoot(p, edge), plainRoot(leaves.slice(0, size)))
      assert.deepEqual(await treeRoot(p, size, read), edgeRoot(p, edge))
      assert.deepEqual(await readEdge(size, reader(files)), edge)
    }),
    { numRuns: 40 },
  )
})

test('a tile at a full path is always full (the tree of 65,537 inside one of 66,000)', async () => {
  const { files } = grow([65_537, 463])
  for (const [path, bytes] of files) {
    const tile = parseTilePath(path)!
    if (tile.level === 'entries') decodeBundle(bytes, tile.width)
    else assert.equal(bytes.length, tile.width * 32, path)
  }
  const [old, now] = [reader(files), reader(files)]
  const root = await treeRoot(p, 65_537, hashesFromTiles(p, 65_537, old))
  const proof = await inclusionProof(p, { index: 65_536, size: 65_537 }, hashesFromTiles(p, 65_537, old))
  assert.ok(
    verifyInclusion(p, { index: 65_536, size: 65_537, leafHash: leafHash(p, leaf(65_536)), root, proof }),
  )
  for (const tile of tilesOfTree(66_000)) assert.equal((await now(tile)).length, tile.width * 32)
})

test('a bundle that is cut anywhere is refused', () => {
  const bytes = encodeBundle([leaf(1), leaf(2), new Uint8Array(300)])
  assert.equal(decodeBundle(bytes, 3).length, 3)
  for (let end = 0; end < bytes.length; end++) assert.throws(() => decodeBundle(bytes.subarray(0, end), 3))
  assert.throws(() => decodeBundle(bytes, 2))
  assert.throws(() => encodeBundle([new Uint8Array(65_536)]))
})

test('a tile of the wrong length is refused and named', async () => {
  const { files, size } = grow([300])
  files.set('tile/0/000', new Uint8Array(31 * 256))
  const read = hashesFromTiles(p, size, reader(files))
  await assert.rejects(inclusionProof(p, { index: 0, size }, read), /tile\/0\/000/)
})
