// `npm test`: every test there is, on real PostgreSQL and, where it is installed, in real Chromium.
// `npm test -- PATH…` runs only those files. Ends with the plain count of tests.
import { globSync, existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { findNode, runNode } from './node24.mjs'

if (!process.argv.includes('--inner')) {
  process.exit(await runNode([import.meta.filename, '--inner', ...process.argv.slice(2)]))
}

const root = path.join(import.meta.dirname, '..')
process.chdir(root)
const named = process.argv.slice(2).filter((arg) => arg !== '--inner')
const fast = named.includes('--fast')
const paths = named.filter((arg) => !arg.startsWith('--'))
const files = (paths.length > 0 ? paths : globSync(['src/**/*.test.ts', 'test/**/*.test.ts']))
  .filter((file) => !fast || !/^test\/(journeys|extract|load|attack)\//.test(file))
  .sort()
if (files.length === 0) throw new Error('no test files found')
if (!existsSync('dist/apps/cli/main.js')) {
  process.stderr.write('dist is missing: run "npm run build" first\n')
  process.exit(1)
}
process.env.PATH = `${path.dirname(findNode())}${path.delimiter}${process.env.PATH}`

const { run } = await import('node:test')
const { spec } = await import('node:test/reporters')
const counts = { passed: 0, failed: 0, skipped: 0 }
const failures = []
// A file whose tests have ended ends, whatever its connections still do: a hang would cost the whole run.
const stream = run({ files, concurrency: 2, timeout: 600_000, forceExit: true })
stream.on('test:pass', (event) => {
  if (event.details.type === 'suite') return
  if (event.skip !== undefined || event.todo !== undefined) counts.skipped++
  else counts.passed++
})
stream.on('test:fail', (event) => {
  if (event.details.type === 'suite') return
  counts.failed++
  failures.push(`${event.file ?? ''} › ${event.name}`)
})
stream.compose(spec).pipe(process.stdout)
await new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject))

if (paths.length === 0) {
  const { stopTestServer } = await import('../test/support/cluster.ts')
  await stopTestServer()
  rmSync('.tmp/test-postgres', { recursive: true, force: true })
}
for (const failure of failures) process.stdout.write(`failed: ${failure}\n`)
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exit(counts.failed === 0 ? 0 : 1)
