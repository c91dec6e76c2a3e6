import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fromBase64, fromHex, toHex } from '../../src/base/bytes.ts'
import { nativePrimitives } from '../../src/platform/primitives-native.ts'
import { makeLeaf } from '../../src/proof/leaf.ts'
import { leafHash } from '../../src/proof/merkle.ts'
import { parsePolicy, policyOfKey } from '../../src/proof/policy.ts'
import { noblePrimitives } from '../../src/proof/primitives-noble.ts'
import { toUtf8 } from '../../src/proof/utf8.ts'
import { verifyCertificate } from '../../src/proof/verify.ts'
import { makeVectors } from './own-vectors.ts'

const folder = path.join(import.meta.dirname, 'own')
const load = <T>(name: string): T[] => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as T[]

test('the vectors in the files are the ones the format gives today', async () => {
  const made = await makeVectors()
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(made).sort())
  for (const [name, value] of Object.entries(made)) assert.deepEqual(load(name), value, name)
})

test('leaves', () => {
  for (const p of [nativePrimitives, noblePrimitives])
    for (const one of load<{ salt: string; signedEntry: string; leaf: string; leafHash: string }>(
      'leaf.json',
    )) {
      const leaf = makeLeaf(p, fromBase64(one.salt)!, toUtf8(one.signedEntry))
      assert.equal(toHex(leaf), one.leaf)
      assert.equal(toHex(leafHash(p, leaf)), one.leafHash)
    }
})

test('signatures on which libraries differ', () => {
  const all = load<{ name: string; publicKey: string; message: string; signature: string; accept: boolean }>(
    'ed25519.json',
  )
  assert.ok(all.some((one) => one.accept) && all.some((one) => !one.accept))
  for (const p of [nativePrimitives, noblePrimitives])
    for (const { name, publicKey, message, signature, accept } of all)
      assert.equal(p.ed25519Verify(fromHex(publicKey)!, fromHex(message)!, fromHex(signature)!), accept, name)
})

interface Case {
  readonly name: string
  readonly certificate: string
  readonly original: string | null
  readonly key: string | null
  readonly policy: string | null
  readonly verdict: string
  readonly failures: readonly string[]
}

test('certificates', async () => {
  for (const p of [nativePrimitives, noblePrimitives])
    for (const one of load<Case>('certificate.json')) {
      const original = one.original === null ? null : fromBase64(one.original)!
      async function* read(): AsyncGenerator<Uint8Array> {
        yield original!
      }
      const policy =
        one.policy === null
          ? one.key === null
            ? null
            : policyOfKey(p, one.key)
          : parsePolicy(p, toUtf8(one.policy))
      const given = {
        certificate: toUtf8(one.certificate),
        original: original === null ? null : read(),
        policy,
      }
      const report = await verifyCertificate(p, given)
      const failures = report.findings.filter(({ severity }) => severity === 'fail').map(({ code }) => code)
      assert.deepEqual([report.verdict, [...new Set(failures)]], [one.verdict, one.failures], one.name)
    }
})

test('a second verifier, in another language, says the same of every vector', (t) => {
  const probe = spawnSync('python3', ['-c', 'import cryptography'])
  if (probe.error !== undefined || probe.status !== 0)
    return t.skip('python3 with its cryptography package is not installed')
  const done = spawnSync('python3', [path.join(import.meta.dirname, 'second-verifier.py'), folder], {
    encoding: 'utf8',
  })
  assert.equal(done.status, 0, done.stdout + done.stderr)
  const all = load<Case>('certificate.json').length + load('leaf.json').length + load('ed25519.json').length
  assert.match(done.stdout, new RegExp(`^${all} vectors, 0 differ`, 'm'))
})
