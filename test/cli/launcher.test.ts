import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { beginNode } from './process.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const built = existsSync(path.join(ROOT, 'dist/apps/cli/main.js'))
const skip = built ? false : 'dist is missing: npm run build makes it'
const environment = { PATH: process.env['PATH'] ?? '' }

test('the programs of the package answer, from what was built', { skip }, async () => {
  const help = await beginNode([path.join(ROOT, 'bin/amanat.mjs'), '--help'], environment).ended
  assert.equal(help.code, 0, help.err)
  assert.match(help.out, /^Usage: amanat /)
  const wrong = await beginNode([path.join(ROOT, 'bin/amanat.mjs'), 'nothing'], environment).ended
  assert.equal(wrong.code, 2, 'exit codes pass through the launcher')
  const verifier = await beginNode([path.join(ROOT, 'bin/amanat-verify.mjs'), '--help'], environment).ended
  assert.equal(verifier.code, 0, verifier.err)
  assert.match(verifier.out, /amanat-verify/)
})
