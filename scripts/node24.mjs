// Finds a Node of version 24 or newer: this one, or the one npm brought for this platform.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const major = Number(process.versions.node.split('.')[0])

/** Path of a Node ≥ 24. Throws with the remedy where there is none. */
export function findNode() {
  if (major >= 24) return process.execPath
  const require = createRequire(import.meta.url)
  try {
    const folder = path.dirname(require.resolve(`node-${process.platform}-${process.arch}/package.json`))
    const found = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    if (existsSync(found)) return found
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
  }
  throw new Error(
    `Amanat needs Node.js 24 or newer; this is ${process.version} and npm brought none for ` +
      `${process.platform}-${process.arch}. Install Node.js 24, then run the same command again.`,
  )
}

/** Runs `node args…` on a Node ≥ 24; resolves with its exit code. */
export function runNode(args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(findNode(), args, { stdio: 'inherit', ...options })
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}
