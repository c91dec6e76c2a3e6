// Builds what the package's programs run: dist/ from src/, the offline verifier, the web desk.
// Types are checked by `npm run check`, not here, so that an install stays quick.
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runNode } from './node24.mjs'

const root = path.join(import.meta.dirname, '..')
const at = (...parts) => path.join(root, ...parts)

if (!existsSync(at('tsconfig.build.json')) || !existsSync(at('node_modules/typescript7'))) {
  // Installed from a package: dist came with it.
  process.exit(existsSync(at('dist')) ? 0 : 1)
}

const steps = [
  [
    'server and command line',
    [at('node_modules/typescript7/bin/tsc'), '-p', at('tsconfig.build.json'), '--noCheck'],
  ],
  ['offline verifier', [at('scripts/build-verifier.mjs')]],
  ['web desk', [at('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn']],
]
rmSync(at('dist'), { recursive: true, force: true })
for (const [name, args] of steps) {
  const code = await runNode(args, { cwd: root })
  if (code === 0) continue
  process.stderr.write(`building the ${name} failed (exit code ${code})\n`)
  process.exit(1)
}
