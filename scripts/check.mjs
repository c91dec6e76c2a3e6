// `npm run check`: everything but the slow tests, cheapest first.
import path from 'node:path'
import { runNode } from './node24.mjs'

const root = path.join(import.meta.dirname, '..')
const at = (...parts) => path.join(root, ...parts)
const quick = process.argv.includes('--no-tests')
const steps = [
  ['types', [at('scripts/typecheck.mjs')]],
  [
    'lint',
    [at('node_modules/oxlint/bin/oxlint'), '--deny-warnings', 'src', 'test', 'scripts', 'bench', 'bin'],
  ],
  ['format', [at('node_modules/oxfmt/bin/oxfmt'), '--check', 'src', 'test', 'scripts', 'bench', 'bin']],
  ['dead code', [at('node_modules/knip/bin/knip.js')]],
  ['row types', [at('scripts/db-types.ts'), '--check']],
  ...(quick ? [] : [['tests', [at('scripts/test.mjs'), '--fast']]]),
]
const failed = []
for (const [name, args] of steps) {
  process.stdout.write(`— ${name}\n`)
  if ((await runNode(args, { cwd: root })) !== 0) failed.push(name)
}
if (failed.length > 0) process.stdout.write(`\nfailed: ${failed.join(', ')}\n`)
process.exit(failed.length === 0 ? 0 : 1)
