import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { compileMessage } from '@lingui/message-utils/compileMessage'
import optimizeLocales from '@react-aria/optimize-locales-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const root = fileURLToPath(new URL('src/apps/desk', import.meta.url))
const built = fileURLToPath(new URL('dist/desk', import.meta.url))

/** `virtual:messages/prs`: the language's catalogue with its ICU messages compiled, so none is parsed in the browser. */
function messages(): Plugin {
  const prefix = 'virtual:messages/'
  return {
    name: 'amanat-messages',
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return null
      const file = `${root}/language/messages/${id.slice(prefix.length + 1)}.json`
      this.addWatchFile(file)
      const source = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
      const compiled = Object.entries(source).map(([key, text]) => [key, compileMessage(text)])
      return `export const messages = ${JSON.stringify(Object.fromEntries(compiled))}`
    },
  }
}

/** Writes `.br` and `.gz` beside each file that gains by it; the server sends them as they are. */
function compressed(): Plugin {
  return {
    name: 'amanat-compressed',
    apply: 'build',
    closeBundle() {
      for (const file of globSync(`${built}/**/*.{js,css,html,svg}`)) {
        const bytes = readFileSync(file)
        writeFileSync(`${file}.br`, brotliCompressSync(bytes))
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
      }
    },
  }
}

/** The desk is built to `dist/desk` and served by its own server; `AMANAT_DESK` names one while developing. */
export default defineConfig({
  root,
  plugins: [
    react(),
    messages(),
    compressed(),
    { ...optimizeLocales.vite({ locales: ['en-US', 'ar-AE'] }), enforce: 'pre' },
  ],
  build: {
    outDir: built,
    emptyOutDir: true,
    target: 'es2022',
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/api': process.env['AMANAT_DESK'] ?? 'http://127.0.0.1:8090' } },
})
