import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { proveConsistency, proveInclusion } from '../src/modules/ledger/read.ts'
import { nativePrimitives as p } from '../src/platform/primitives-native.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '../src/proof/merkle.ts'
import { EMPTY_EDGE, appendLeaves, edgeRoot, type Edge } from '../src/proof/tiles.ts'
import { percentile, type Bench } from './table.ts'

const AT_ONCE = 65_536

/** Proofs out of the files of a large log: inclusion and consistency, made and checked. */
export const bench: Bench = async ({ small, say }) => {
  const size = small ? 1_000_000 : 10_000_000
  const root = path.join(import.meta.dirname, '../.tmp')
  mkdirSync(root, { recursive: true })
  const home = mkdtempSync(path.join(root, 'bench-proofs-'))
  try {
    const built = build(home, size, say)
    const rounds = small ? 200 : 500
    const inclusion = await timed(rounds, () => proveOne(home, built))
    const consistency = await timed(rounds, () => proveGrowth(home, built))
    const rows = [
      {
        name: 'adding leaves to tiles (computing and writing, without fsync)',
        value: built.leavesPerSecond,
        unit: 'leaves/s',
      },
      {
        name: 'inclusion proof, made from files and checked, p50',
        value: percentile(inclusion, 0.5),
        unit: 'ms',
      },
      {
        name: 'the same, p99',
        value: percentile(inclusion, 0.99),
        unit: 'ms',
        bar: '< 5 ms',
        met: percentile(inclusion, 0.99) < 5,
      },
      {
        name: 'consistency proof, made from files and checked, p99',
        value: percentile(consistency, 0.99),
        unit: 'ms',
        bar: '< 5 ms',
        met: percentile(consistency, 0.99) < 5,
      },
    ]
    return [{ title: `Proofs in a log of ${size.toLocaleString('en')} entries`, rows }]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

interface Built {
  readonly size: number
  readonly root: Uint8Array
  readonly halfSize: number
  readonly halfRoot: Uint8Array
  readonly leavesPerSecond: number
}

function build(home: string, size: number, say: (line: string) => void): Built {
  let edge: Edge = EMPTY_EDGE
  let half: Edge = EMPTY_EDGE
  const start = performance.now()
  while (edge.size < size) {
    const count = Math.min(AT_ONCE, size - edge.size)
    const from = edge.size
    const grown = appendLeaves(
      p,
      edge,
      Array.from({ length: count }, (_, at) => leafAt(from + at)),
    )
    edge = grown.edge
    for (const { path: file, bytes } of grown.writes) {
      mkdirSync(path.dirname(path.join(home, 'log', file)), { recursive: true })
      writeFileSync(path.join(home, 'log', file), bytes)
    }
    if (half.size === 0 && edge.size >= size / 2) half = edge
  }
  const leavesPerSecond = (size * 1000) / (performance.now() - start)
  say(`${size.toLocaleString('en')} leaves built, ${Math.round(leavesPerSecond).toLocaleString('en')}/s`)
  return { size, root: edgeRoot(p, edge), halfSize: half.size, halfRoot: edgeRoot(p, half), leavesPerSecond }
}

function leafAt(index: number): Uint8Array {
  const leaf = new Uint8Array(33)
  leaf[0] = 1
  new DataView(leaf.buffer).setFloat64(1, index)
  return leaf
}

async function proveOne(home: string, built: Built): Promise<boolean> {
  const { size, root } = built
  const index = Math.floor(Math.random() * size)
  const proof = await proveInclusion({ home }, { index, size })
  return verifyInclusion(p, { index, size, root, leafHash: leafHash(p, leafAt(index)), proof })
}

async function proveGrowth(home: string, built: Built): Promise<boolean> {
  const { size, root, halfSize: oldSize, halfRoot: oldRoot } = built
  const proof = await proveConsistency({ home }, { oldSize, size })
  return verifyConsistency(p, { oldSize, oldRoot, size, root, proof })
}

async function timed(rounds: number, work: () => Promise<boolean>): Promise<number[]> {
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    if (!(await work())) throw new Error('a proof does not verify')
    took.push(performance.now() - start)
  }
  return took
}
