import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { FIRST_LOAD_BAR_BYTES, measureFirstLoad } from '../scripts/first-load.ts'
import type { Bench } from './table.ts'

const ROOT = path.join(import.meta.dirname, '..')

/** What a browser loads before the desk is usable, beside React and its renderer alone, bundled in the same run. */
export const bench: Bench = async () => {
  const built = path.join(ROOT, 'dist/desk')
  if (!existsSync(path.join(built, '.vite/manifest.json')))
    throw new Error('dist/desk is not built: run "npm run build" first')
  const load = measureFirstLoad(built)
  const react = await build({
    stdin: {
      contents: "import { createRoot } from 'react-dom/client'; createRoot(document.body).render(null)",
      resolveDir: ROOT,
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const reactBytes = gzipSync(react.outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length
  const style = { name: 'style sheet, compressed', value: load.styleBytes / 1024, unit: 'KiB' }
  const page = gzipSync(readFileSync(path.join(built, 'index.html'))).length / 1024
  return [
    {
      title: 'First load of the desk',
      rows: [
        {
          name: 'JavaScript, compressed',
          value: load.scriptBytes / 1024,
          unit: 'KiB',
          baseline: { name: 'React and its renderer alone', value: reactBytes / 1024 },
          bar: `≤ ${FIRST_LOAD_BAR_BYTES / 1024} KiB`,
          met: load.scriptBytes <= FIRST_LOAD_BAR_BYTES,
        },
        style,
        { name: 'page, compressed', value: page, unit: 'KiB' },
      ],
    },
  ]
}
