// Checks the three projects: pure, node, desk. Each on its own, so that a pure file cannot lean on Node.
import path from 'node:path'
import { runNode } from './node24.mjs'

const root = path.join(import.meta.dirname, '..')
const compiler = path.join(root, 'node_modules/typescript7/bin/tsc')
let failed = 0
for (const project of ['pure', 'node', 'desk']) {
  const code = await runNode([compiler, '-p', path.join(root, `tsconfig.${project}.json`)])
  if (code !== 0) failed++
}
process.exitCode = failed === 0 ? 0 : 1
