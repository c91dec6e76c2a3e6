#!/usr/bin/env node
// The offline verifier: one bundled file that needs nothing else. Runs on Node 20 and newer.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const bundle = path.join(import.meta.dirname, '..', 'dist', 'amanat-verify.mjs')
if (existsSync(bundle)) await import(pathToFileURL(bundle).href)
else {
  process.stderr.write('dist/amanat-verify.mjs is missing: run "npm run build" first.\n')
  process.exitCode = 2
}
