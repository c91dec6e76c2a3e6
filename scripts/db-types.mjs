// Writes src/platform/database.ts from the migrated database, so that no row is declared twice.
import path from 'node:path'
import { runNode } from './node24.mjs'

const root = path.join(import.meta.dirname, '..')
process.exitCode = await runNode([path.join(root, 'scripts/db-types.ts'), ...process.argv.slice(2)])
