import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { nativePrimitives } from '../../src/platform/primitives-native.ts'
import {
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from '../../src/proof/merkle.ts'
import { noblePrimitives } from '../../src/proof/primitives-noble.ts'
import type { Primitives } from '../../src/proof/primitives.ts'
import { needs, sharedData } from './shared.ts'

interface Case {
  leafIdx: number
  treeSize: number
  start: number
  end: number
  size: number
  size1: number
  size2: number
  root: string
  root1: string
  root2: string
  leafHash: string
  proof: string[] | null
  wantErr: boolean
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text ?? '', 'base64'))

/** Where upstream does not look at a root it writes the text "don't care"; ours must have 32 bytes. */
function root(text: string): Uint8Array {
  const given = bytes(text)
  return Buffer.from(given).toString('latin1').startsWith("don't care")
    ? nativePrimitives.sha256(given)
    : given
}

const CHECKS: Record<string, (p: Primitives, given: Case, proof: Uint8Array[]) => boolean> = {
  inclusion: (p, c, proof) =>
    verifyInclusion(p, {
      index: c.leafIdx,
      size: c.treeSize,
      leafHash: bytes(c.leafHash),
      root: root(c.root),
      proof,
    }),
  consistency: (p, c, proof) =>
    verifyConsistency(p, {
      oldSize: c.size1,
      size: c.size2,
      oldRoot: root(c.root1),
      root: root(c.root2),
      proof,
    }),
  subtreeinclusion: (p, c, proof) =>
    verifySubtreeInclusion(p, {
      index: c.leafIdx,
      start: c.start,
      end: c.end,
      leafHash: bytes(c.leafHash),
      root: root(c.root),
      proof,
    }),
  subtreeconsistency: (p, c, proof) =>
    verifySubtreeConsistency(p, {
      start: c.start,
      end: c.end,
      size: c.size,
      subtreeRoot: root(c.root1),
      root: root(c.root2),
      proof,
    }),
}

/** Refused upstream, accepted here: C2SP tlog-witness wants size 0 accepted with an empty proof. */
const WITNESS_RULE = new Set(['consistency/additional/size1-is-zero-and-size2-is-not-zero.json'])

const folder = sharedData('ledger', 'merkle-rfc6962', 'testdata')
const COUNTS = { inclusion: 98, consistency: 98, subtreeinclusion: 204, subtreeconsistency: 118 }

for (const [kind, count] of Object.entries(COUNTS))
  test(`RFC 6962 vectors: ${kind}`, needs(folder), () => {
    const home = path.join(folder!, kind)
    const names = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    )
    assert.equal(names.length, count)
    const wrong: string[] = []
    for (const name of names) {
      const given = JSON.parse(readFileSync(path.join(home, name), 'utf8')) as Case
      const proof = (given.proof ?? []).map(bytes)
      const expected = !given.wantErr || WITNESS_RULE.has(`${kind}/${name}`)
      for (const p of [nativePrimitives, noblePrimitives])
        if (CHECKS[kind]!(p, given, proof) !== expected) wrong.push(`${kind}/${name}`)
    }
    assert.deepEqual(wrong, [])
  })
