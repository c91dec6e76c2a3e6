// `npm run bench`, `npm run bench -- log search`: benchmarks by name, each a table with a baseline of the same run.
import path from 'node:path'
import { runNode } from '../scripts/node24.mjs'

process.exitCode = await runNode([path.join(import.meta.dirname, 'run.ts'), ...process.argv.slice(2)])
