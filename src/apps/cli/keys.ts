import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import { recoverKeys, sealKeys } from '../../platform/keys/seal.ts'
import { keyPaths } from '../../platform/keys/open.ts'
import { runFiles } from '../../platform/run-folder.ts'
import { answers, homeOf, type GlobalOptions } from './connect.ts'
import { askSecret, passphraseFromFile } from './passphrase.ts'
import type { Printer } from './print.ts'

interface Context<Options = object> {
  readonly options: Options & GlobalOptions
  readonly print: Printer
  readonly args: readonly string[]
}

/** Refuses: desk_running. What works on key files needs a desk that stands still. */
export async function requireStopped(home: string): Promise<void> {
  if (!existsSync(home) || !(await answers(runFiles(home).socket))) return
  throw new Refusal(
    'desk_running',
    'The desk of this folder runs. Stop it first: amanat stop. Nothing was changed.',
  )
}

async function newPassphrase(): Promise<string> {
  const given = passphraseFromFile(process.env)
  if (given !== undefined) return given
  const [first, second] = [
    await askSecret('New passphrase (12 characters or more):'),
    await askSecret('Again:'),
  ]
  if (first !== second) throw new Refusal('invalid_input', 'The two were different. Nothing was changed.')
  return first
}

/** Puts the keys under a passphrase and prints the recovery shares, once. */
export async function runKeysSeal({ options, print }: Context): Promise<void> {
  const home = homeOf(options)
  await requireStopped(home)
  const shares = await sealKeys(home, await newPassphrase())
  print.result({ shares }, () =>
    [
      'The keys are sealed. Any three of these five shares open them if the passphrase is lost.',
      'They are shown now and never again: give each to another person, on paper.',
      '',
      ...shares,
    ].join('\n'),
  )
}

/** Opens sealed keys with shares and sets a new passphrase. */
export async function runKeysRecover({ options, print }: Context<{ shares?: string }>): Promise<void> {
  const home = homeOf(options)
  await requireStopped(home)
  const shares: string[] = []
  if (options.shares)
    shares.push(
      ...readFileSync(options.shares, 'utf8')
        .split(/\s+/)
        .filter((line) => line !== ''),
    )
  else while (shares.length < 3) shares.push((await askSecret(`Share ${shares.length + 1} of 3:`)).trim())
  await recoverKeys(home, shares, await newPassphrase())
  print.result({ recovered: true }, () => 'The keys have the new passphrase.')
}

/**
 * Copies the key files that a backup cannot be read without. The signer's state and key are not among them: a copy
 * of them could sign a second history.
 */
export async function runKeysBackup({ options, print, args }: Context): Promise<void> {
  const [home, to] = [homeOf(options), path.resolve(args[0] ?? '')]
  const files = [keyPaths(home).desk, keyPaths(home).master].filter((file) => existsSync(file))
  if (files.length === 0)
    throw new Refusal('not_found', `There are no keys in ${home} yet. Start the desk once.`)
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const file of files) cpSync(file, path.join(to, path.basename(file)))
  const sealed = files.length === 2
  print.result(
    { folder: to, sealed },
    () =>
      `${files.length} key files are in ${to}. Keep them apart from the backups.${sealed ? '' : '\nThey are NOT sealed: whoever has them and a backup can read everything. Seal first: amanat keys seal.'}`,
  )
}
