import assert from 'node:assert/strict'
import { createReadStream, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { nativePrimitives as p } from '../../src/platform/primitives-native.ts'
import type { BagSource } from '../../src/proof/bagit/source.ts'
import { validateBag } from '../../src/proof/bagit/validate.ts'
import { needs, sharedData } from './shared.ts'

const folder = sharedData('ledger', 'bagit-conformance')

/** A bag in a folder; records what was read, so that a path that escapes would show. */
function folderSource(home: string): BagSource & { readonly reads: string[] } {
  const reads: string[] = []
  return {
    reads,
    async list() {
      const names = readdirSync(home, { recursive: true, withFileTypes: true })
      return names
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((full) => ({ path: path.relative(home, full), sizeBytes: statSync(full).size }))
    },
    async *read(name) {
      reads.push(name)
      yield* createReadStream(path.join(home, name))
    },
  }
}

const EXPECTED = { valid: 27, invalid: 15, warning: 6, 'linux-only': 6, 'windows-only': 6 }

for (const [kind, count] of Object.entries(EXPECTED))
  test(`BagIt conformance: ${kind}`, needs(folder), async () => {
    const bags = readdirSync(folder!, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith('v'))
      .flatMap((version) => {
        const home = path.join(folder!, version.name, kind)
        return statSync(home, { throwIfNoEntry: false })
          ? readdirSync(home).map((bag) => path.join(home, bag))
          : []
      })
    assert.equal(bags.length, count)
    const wrong: string[] = []
    for (const home of bags) {
      const source = folderSource(home)
      const report = await validateBag(p, source)
      const warned = report.problems.some((problem) => problem.severity === 'warning')
      const isRight =
        kind === 'valid' ? report.isValid : kind === 'warning' ? report.isValid && warned : !report.isValid
      const words = report.problems.map((problem) => `${problem.code} ${problem.path}`).join(', ')
      if (!isRight) wrong.push(`${path.relative(folder!, home)}: ${words}`)
      for (const name of source.reads)
        assert.ok(!path.relative(home, path.join(home, name)).startsWith('..'), name)
      if (kind === 'invalid' || kind.endsWith('-only')) assert.ok(report.problems.length > 0)
    }
    assert.deepEqual(wrong, [])
  })
