// Generates src/platform/database.ts; with --check it only says whether the file is current.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cloneDatabase, ROOT, testServer } from '../test/support/cluster.ts'

const target = path.join(ROOT, 'src/platform/database.ts')
const draft = `${target}.draft`
const database = await cloneDatabase(await testServer())
try {
  const { host, port, user, password, database: name } = database.owner
  const url = `postgres://${encodeURIComponent(user as string)}:${encodeURIComponent(password as string)}@localhost:${port}/${name}?host=${encodeURIComponent(host as string)}`
  execFileSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/kysely-codegen/dist/cli/bin.js'),
      '--dialect=postgres',
      `--out-file=${draft}`,
      '--type-only-imports',
      '--no-domains',
      '--exclude-pattern=(pgboss*|public|platform).*',
      '--overrides={}',
    ],
    { env: { ...process.env, DATABASE_URL: url }, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  // Kysely's tables are named `schema.table`; the generator writes the interface as `DB`.
  const text = readFileSync(draft, 'utf8')
    .replaceAll('export interface DB {', 'export interface Database {')
    .replaceAll(
      /Int8 = [^\n]+/g,
      'Int8 = ColumnType<number, bigint | number | string, bigint | number | string>;',
    )
  if (process.argv.includes('--check')) {
    if (readFileSync(target, 'utf8') !== text) {
      process.stderr.write('src/platform/database.ts is not what the migrations make: run npm run db:types\n')
      process.exitCode = 1
    }
  } else writeFileSync(target, text)
} finally {
  rmSync(draft, { force: true })
  await database.drop()
}
