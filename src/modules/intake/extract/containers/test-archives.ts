import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { SevenZipModuleFactory } from '7z-wasm'

/** For tests: packs files with 7-Zip itself. `type`: its name of the format. */
export async function packed(
  t: TestContext,
  type: string,
  files: Readonly<Record<string, Uint8Array>>,
  switches: readonly string[] = [],
): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'pack-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  const lines: string[] = []
  const make = createRequire(import.meta.url)('7z-wasm') as SevenZipModuleFactory
  const seven = await make({ print: (line) => lines.push(line), printErr: (line) => lines.push(line) })
  seven.FS.mkdir('/work')
  seven.FS.mount(seven.NODEFS, { root: folder }, '/work')
  seven.FS.chdir('/work')
  seven.callMain(['a', '-y', `-t${type}`, ...switches, 'packed.out', ...Object.keys(files)])
  if (!lines.some((line) => line.includes('Everything is Ok'))) throw new Error(lines.join('\n'))
  return readFileSync(join(folder, 'packed.out'))
}
