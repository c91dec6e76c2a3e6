#!/usr/bin/env node
// Starts the command line on a Node of version 24 or newer, which npm brought where the machine has an older one.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { findNode } from '../scripts/node24.mjs'

const main = path.join(
  import.meta.dirname,
  '..',
  process.env.AMANAT_SOURCE ? 'src/apps/cli/main.ts' : 'dist/apps/cli/main.js',
)

let node
try {
  node = findNode()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(7)
}
if (node === process.execPath) await import(main)
else {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches the child by itself (same terminal); this process only waits for it.
  process.on('SIGINT', () => undefined)
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    process.stderr.write(`${node} could not be started: ${error.message}\n`)
    process.exit(7)
  })
  child.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
