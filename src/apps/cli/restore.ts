import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import { restore } from '../../modules/integrity/restore.ts'
import { loadConfig } from '../../platform/config.ts'
import { keyPaths, openKeys, type DeskKeys } from '../../platform/keys/open.ts'
import { readMigrations } from '../../platform/migrate.ts'
import { runFiles } from '../../platform/run-folder.ts'
import { continueStopped } from '../server/continue-stopped.ts'
import { lockFolder } from '../server/lock.ts'
import { openServer } from '../server/open-database.ts'
import { homeOf, type GlobalOptions } from './connect.ts'
import { requireStopped } from './keys.ts'
import { askSecret, passphraseFromFile } from './passphrase.ts'
import { formatTable, type Printer } from './print.ts'

const ROOT = path.join(import.meta.dirname, '../../..')

interface Context<Options> {
  readonly options: Options & GlobalOptions
  readonly print: Printer
  readonly args: readonly string[]
}

/** Runs `work` while no desk can start in the folder. Refuses: desk_running. */
async function withLockedFolder<T>(home: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  await requireStopped(home)
  const files = runFiles(home)
  mkdirSync(files.folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(files.lock)
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/** Puts a backup in place of this folder's desk. */
export async function runRestore({
  options,
  print,
  args,
}: Context<{ keys?: string; incomplete?: boolean }>): Promise<number> {
  const [home, from] = [homeOf(options), path.resolve(args[0] ?? '')]
  return withLockedFolder(home, async () => {
    const keys = await openOrCopyKeys(home, options.keys)
    const server = await openServer(home, loadConfig(home, process.env))
    try {
      const done = await restore({
        from,
        home,
        epochs: keys.epochs,
        owner: server.owner,
        now: new Date(),
        migrations: readMigrations(path.join(ROOT, 'db/migrations')),
        incomplete: options.incomplete === true,
        say: (line) => print.say(line),
      })
      print.result(done, () => describe(from, done))
      return done.missing.length > 0 ? 4 : 0
    } finally {
      await server.stop()
    }
  })
}

function describe(from: string, done: Awaited<ReturnType<typeof restore>>): string {
  const lines = [
    `Restored the backup of ${done.madeAt} from ${from}: ${done.rows} rows, ${done.blobs} sealed files copied, a log of ${done.treeSize} leaves.`,
  ]
  if (done.keptBefore.length > 0)
    lines.push(
      'What was there before is kept until you remove it:',
      ...done.keptBefore.map((one) => `  ${one}`),
    )
  if (done.missing.length > 0)
    lines.push(
      `${done.missing.length} sealed files are whole in neither backup nor vault; an audit names them.`,
    )
  return [
    ...lines,
    'Start the desk. If the signer has signed more than this backup holds, it will say so: amanat continue-log --help.',
  ].join('\n')
}

/** A folder without keys takes those of a key backup: making new ones would open nothing. */
async function openOrCopyKeys(home: string, backup: string | undefined): Promise<DeskKeys> {
  const paths = keyPaths(home)
  if (!existsSync(paths.desk)) {
    if (!backup)
      throw new Refusal(
        'keys_missing',
        `There are no keys in ${home}. Name the key backup with --keys. Nothing was restored.`,
      )
    mkdirSync(path.dirname(paths.desk), { recursive: true, mode: 0o700 })
    for (const target of [paths.desk, paths.master]) {
      const source = path.join(path.resolve(backup), path.basename(target))
      if (existsSync(source)) copyFileSync(source, target)
    }
    if (!existsSync(paths.desk))
      throw new Refusal(
        'keys_missing',
        `There is no ${path.basename(paths.desk)} in ${backup}. Nothing was restored.`,
      )
  }
  const sealed = existsSync(paths.master)
  const passphrase =
    passphraseFromFile(process.env) ??
    (sealed ? await askSecret('Passphrase of the desk’s keys:') : undefined)
  return openKeys(home, passphrase)
}

/** Continues the log openly after an older state was restored; both people give their passwords. */
export async function runContinue({
  options,
  print,
}: Context<{ first: string; second: string; reason: string }>): Promise<void> {
  const home = homeOf(options)
  await withLockedFolder(home, async () => {
    const people = []
    for (const name of [options.first, options.second])
      people.push({ signInName: name, password: await askSecret(`Password of ${name}:`) })
    const passphrase = passphraseFromFile(process.env)
    const done = await continueStopped({
      home,
      root: ROOT,
      environment: process.env,
      people,
      reason: options.reason,
      lastKnownCheckpoint: newestCheckpoint(home),
      ...(passphrase === undefined ? {} : { passphrase }),
    })
    print.result(done, () =>
      [
        'The log goes on under a new origin, signed by two people:',
        formatTable([
          ['  origin', done.origin],
          ['  from leaf', String(done.size)],
          [
            '  given up',
            done.lost === null
              ? 'unknown: the signer’s record of what it had signed is lost'
              : `${done.lost} leaves that were signed and are lost`,
          ],
          ['  verifier key', done.logKey],
        ]),
        'Give the new verifier key to whoever checks your certificates.',
      ].join('\n'),
    )
  })
}

/** The newest checkpoint of the state that was replaced, or the restored one. */
function newestCheckpoint(home: string): string {
  const kept = readdirSync(home)
    .filter((name) => name.startsWith('log.before-'))
    .sort()
  const files = [
    ...kept.reverse().map((name) => path.join(home, name, 'checkpoint')),
    path.join(home, 'log/checkpoint'),
  ]
  const file = files.find((one) => existsSync(one))
  if (!file) throw new Refusal('not_found', 'This folder has no log to continue.')
  return readFileSync(file, 'utf8')
}
