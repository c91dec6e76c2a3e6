// `npm run dev`: the desk from its sources, started again on each change, and the web desk rebuilt beside it.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { findNode } from './node24.mjs'

const root = path.join(import.meta.dirname, '..')
const node = findNode()
const at = (...parts) => path.join(root, ...parts)
const children = [
  spawn(
    node,
    [
      '--watch-path',
      at('src'),
      '--watch-path',
      at('db'),
      '--watch-preserve-output',
      at('src/apps/cli/main.ts'),
      'start',
      ...process.argv.slice(2),
    ],
    { stdio: 'inherit', cwd: root },
  ),
  spawn(node, [at('node_modules/vite/bin/vite.js'), 'build', '--watch', '--logLevel', 'warn'], {
    stdio: 'inherit',
    cwd: root,
  }),
]
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => children.forEach((child) => child.kill(signal)))
const codes = await Promise.all(
  children.map((child) => new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 0)))),
)
process.exit(Math.max(...codes))
