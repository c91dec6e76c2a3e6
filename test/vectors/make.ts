// Writes the project's own vectors: node test/vectors/make.ts. Only when a format changes, with a new version of it.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { makeVectors } from './own-vectors.ts'

const folder = path.join(import.meta.dirname, 'own')
mkdirSync(folder, { recursive: true })
for (const [name, value] of Object.entries(await makeVectors()))
  writeFileSync(path.join(folder, name), `${JSON.stringify(value, null, 1)}\n`)
