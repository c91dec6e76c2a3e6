/**
 * What a browser loads before the desk is usable: the page, its scripts with all they import at once, one
 * catalogue, the style sheet. `node scripts/first-load.ts` prints it and fails above the bar (docs/design.md).
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
  readonly css?: readonly string[]
}

/** Bytes of compressed JavaScript; the bar counts nothing else. */
export const FIRST_LOAD_BAR_BYTES = 200 * 1024

export interface FirstLoad {
  readonly scriptBytes: number
  readonly styleBytes: number
  readonly files: readonly (readonly [file: string, gzipBytes: number])[]
}

/** Reads a built desk (`dist/desk`) and counts each file once, compressed as the server sends it to everybody. */
export function measureFirstLoad(built: string): FirstLoad {
  const manifest = JSON.parse(readFileSync(path.join(built, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >
  const wanted = new Set<string>()
  const take = (name: string): void => {
    const chunk = manifest[name]
    if (!chunk) throw new Error(`the build has no ${name}`)
    if (wanted.has(chunk.file)) return
    wanted.add(chunk.file)
    for (const style of chunk.css ?? []) wanted.add(style)
    for (const next of chunk.imports ?? []) take(next)
  }
  take('index.html')
  for (const name of Object.keys(manifest)) if (name.includes('virtual:messages/prs')) take(name)
  wanted.add('before-first-paint.js')
  const files = [...wanted].map(
    (file) => [file, gzipSync(readFileSync(path.join(built, file)), { level: 9 }).length] as const,
  )
  const sum = (ending: string): number =>
    files.filter(([file]) => file.endsWith(ending)).reduce((all, [, bytes]) => all + bytes, 0)
  return { scriptBytes: sum('.js'), styleBytes: sum('.css'), files }
}

if (import.meta.main) {
  const built = path.join(import.meta.dirname, '../dist/desk')
  const load = measureFirstLoad(built)
  for (const [file, bytes] of load.files)
    process.stdout.write(`${(bytes / 1024).toFixed(1).padStart(8)} KiB  ${file}\n`)
  const met = load.scriptBytes <= FIRST_LOAD_BAR_BYTES
  const line = `first load: ${(load.scriptBytes / 1024).toFixed(1)} KiB of JavaScript, compressed; bar ${FIRST_LOAD_BAR_BYTES / 1024} KiB`
  process.stdout.write(`${line}: ${met ? 'met' : 'MISSED'}\n`)
  process.exitCode = met ? 0 : 1
}
