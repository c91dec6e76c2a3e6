import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { SevenZipModule, SevenZipModuleFactory } from '7z-wasm'

/** What 7-Zip's file system layer (Emscripten) offers beyond its published types. */
export interface MemoryNode {
  node_ops: Record<string, unknown>
  stream_ops: Record<string, unknown>
  usedBytes?: number
}

export interface SevenZip {
  readonly module: SevenZipModule
  readonly lines: string[]
  /** Runs one command line; 7-Zip's exit code: 0 good, 1 warning, 2 error. */
  run(args: readonly string[]): number
}

/** The part of the WebAssembly interface used here; Node's types leave it to the DOM's. */
interface WebAssemblyInterface {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: object }
}
const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: WebAssemblyInterface }
const MOST_LINES = 2_000_000
const load = createRequire(import.meta.url)
let compiled: object | undefined

/** A fresh 7-Zip with `folder` readable at /in. Each is used for one command: its memory does not survive errors. */
export async function startSevenZip(folder: string): Promise<SevenZip> {
  compiled ??= new wasm.Module(readFileSync(load.resolve('7z-wasm/7zz.wasm')))
  const program = compiled
  const lines: string[] = []
  const keep = (line: string): void => {
    if (lines.length < MOST_LINES) lines.push(line)
  }
  let exitCode = 0
  const options = {
    print: keep,
    printErr: keep,
    stdin: (): number => -1,
    quit: (code: number): void => {
      exitCode = code
    },
    instantiateWasm(imports: object, done: (instance: object) => void): object {
      const instance = new wasm.Instance(program, imports)
      done(instance)
      return instance.exports
    },
  }
  const make = load('7z-wasm') as SevenZipModuleFactory
  const module = await make(options as Parameters<SevenZipModuleFactory>[0])
  module.FS.mkdir('/in')
  module.FS.mount(module.NODEFS, { root: folder }, '/in')
  const run = (args: readonly string[]): number => {
    const before = process.exitCode
    try {
      const returned: unknown = module.callMain([...args])
      return typeof returned === 'number' && returned !== 0 ? returned : exitCode
    } catch (fault) {
      // A C++ exception reaches us as a number, a trap as a RuntimeError: both mean data it could not take.
      if (typeof fault !== 'number' && !(fault instanceof Error && fault.name === 'RuntimeError')) throw fault
      lines.push('ERROR: 7-Zip gave up on this data')
      return 2
    } finally {
      process.exitCode = before // Emscripten sets this process's own
    }
  }
  return { module, lines, run }
}
