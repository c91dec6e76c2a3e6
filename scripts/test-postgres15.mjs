// The contract tests once more, on Debian's PostgreSQL 15 instead of the embedded one: a server of its own in a
// temporary folder, reached through a socket, ended with this program.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runNode } from './node24.mjs'

const root = path.join(import.meta.dirname, '..')
const binaries = '/usr/lib/postgresql/15/bin'
if (!existsSync(path.join(binaries, 'postgres'))) throw new Error('postgresql-15 is not installed')
const wanted = ['src/**/*.test.ts', 'test/{access,evidence,intake,search}/*.test.ts']
const given = process.argv.slice(2)
const files = given.length > 0 ? given : globSync(wanted, { cwd: root }).filter(usesDatabase)

/** Only those whose outcome may depend on the server. */
function usesDatabase(file) {
  return !/^src\/(base|proof|text|contract|apps\/(desk|verifier)|modules\/intake\/extract)\//.test(file)
}

const folder = mkdtempSync(path.join(tmpdir(), 'amanat-postgres15-'))
const id = (flag) => Number(execFileSync('id', [flag, 'postgres']))
const who = process.getuid() === 0 ? { uid: id('-u'), gid: id('-g') } : {}
if (who.uid !== undefined) chownSync(folder, who.uid, who.gid)
chmodSync(folder, 0o755)
const data = path.join(folder, 'data')
const flags = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off', 'max_connections=300']
execFileSync(
  path.join(binaries, 'initdb'),
  ['-D', data, '-U', 'amanat_owner', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
  { ...who, cwd: '/', stdio: 'ignore' },
)
const server = spawn(
  path.join(binaries, 'postgres'),
  ['-D', data, ...flags.flatMap((flag) => ['-c', flag])],
  { ...who, cwd: '/', stdio: 'ignore' },
)
const ready = () => {
  try {
    execFileSync(path.join(binaries, 'pg_isready'), ['-h', folder, '-q'])
    return true
  } catch {
    return false // it says so by its exit code
  }
}
for (let tries = 0; tries < 200 && !ready(); tries++) await sleep(50)
try {
  const url = `postgresql://amanat_owner@localhost:5432/postgres?host=${encodeURIComponent(folder)}`
  process.exitCode = await runNode([path.join(root, 'scripts/test.mjs'), ...files], {
    cwd: root,
    env: { ...process.env, AMANAT_TEST_DATABASE_URL: url },
  })
} finally {
  const gone = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGQUIT')
  await gone
  rmSync(folder, { recursive: true, force: true })
}
