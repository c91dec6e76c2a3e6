// Bundles the offline verifier: dist/amanat-verify.mjs (Node) and dist/amanat-verify.html (any browser, from a
// USB stick). Reproducible: the same sources give the same bytes, wherever and whenever they are built.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.join(import.meta.dirname, '..')
const out = process.argv[2] ?? path.join(root, 'dist')
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const home = path.join(root, 'src/apps/verifier')
const NOTICE =
  'Amanat offline verifier. Apache-2.0. Contains @noble/hashes, @noble/curves, @noble/ciphers (MIT, Paul Miller) ' +
  'and canonicalize (Apache-2.0, Samuel Erdtman).'

async function bundle(entry, options) {
  const { outputFiles } = await build({
    entryPoints: [path.join(home, entry)],
    absWorkingDir: root, // paths in the output are relative to it, so no machine's folders show
    bundle: true,
    write: false,
    format: 'esm',
    charset: 'utf8',
    legalComments: 'none',
    define: { VERSION: JSON.stringify(version) },
    ...options,
  })
  return outputFiles[0].text
}

const digest = (text, encoding) => createHash('sha256').update(text).digest(encoding)

const program = await bundle('main.ts', {
  platform: 'node',
  target: 'node20',
  banner: { js: `#!/usr/bin/env node\n// ${NOTICE}` },
})
const script = (await bundle('page/page.ts', { target: 'es2023', minify: true }))
  .trim()
  .replaceAll('</script', '<\\/script')
const style = (await bundle('page/page.css', { minify: true })).trim()

// Only this script and this style may run, and nothing may be loaded or sent.
const policy = [
  "default-src 'none'",
  `script-src 'sha256-${digest(script, 'base64')}'`,
  `style-src 'sha256-${digest(style, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')
/** Whole elements are replaced: the policy's hashes cover every character between the tags. */
function put(text, place, content) {
  if (!place.test(text)) throw new Error(`page.html lacks ${place}`)
  return text.replace(place, () => content)
}

let page = readFileSync(path.join(home, 'page/page.html'), 'utf8')
page = put(page, /\{\{notice\}\}/, NOTICE)
page = put(page, /\{\{version\}\}/, version)
page = put(page, /\{\{policy\}\}/, policy)
page = put(page, /<style>[^<]*<\/style>/, `<style>${style}</style>`)
page = put(page, /<script type="module">[^<]*<\/script>/, `<script type="module">${script}</script>`)

mkdirSync(out, { recursive: true })
for (const [name, text] of [
  ['amanat-verify.mjs', program],
  ['amanat-verify.html', page],
]) {
  writeFileSync(path.join(out, name), text)
  process.stdout.write(`${name}  ${text.length} bytes  SHA-256 ${digest(text, 'hex')}\n`)
}
