import { constants } from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'

const require = createRequire(import.meta.url)

const DOORS: readonly (readonly [module: string, names: readonly string[]])[] = [
  ['node:net', ['connect', 'createConnection', 'createServer']],
  ['node:tls', ['connect', 'createServer']],
  ['node:http', ['request', 'get', 'createServer']],
  ['node:https', ['request', 'get', 'createServer']],
  ['node:http2', ['connect', 'createServer', 'createSecureServer']],
  ['node:dgram', ['createSocket']],
  ['node:dns', ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'reverse']],
  ['node:dns/promises', ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'reverse']],
  ['node:child_process', ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']],
]

/**
 * Closes the network and child processes to everything loaded afterwards in this process. Node's own
 * permission model (see `worker.ts`) keeps files and processes in; this keeps the network out.
 */
export function sealOff(): void {
  const closed = () => {
    throw new Error('closed to extractors: network and processes')
  }
  for (const [name, doors] of DOORS) {
    const module = require(name) as Record<string, unknown>
    for (const door of doors) if (door in module) module[door] = closed
  }
  const { Socket } = require('node:net') as typeof import('node:net')
  Socket.prototype.connect = closed
  for (const name of ['fetch', 'WebSocket', 'EventSource']) Reflect.deleteProperty(globalThis, name)
  Reflect.set(process, 'binding', constantsOnly)
  syncBuiltinESMExports()
}

/** Older WASM builds ask Node's inner bindings for file constants; they get those and nothing else. */
function constantsOnly(name: string): unknown {
  if (name === 'constants') return { fs: constants }
  throw new Error('closed to extractors: inner bindings')
}
