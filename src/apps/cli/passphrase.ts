import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Refusal } from '../../base/refusal.ts'

/** The passphrase out of the file that AMANAT_PASSPHRASE_FILE names (its first line), or undefined. */
export function passphraseFromFile(environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment['AMANAT_PASSPHRASE_FILE']
  if (!file) return undefined
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0]
  } catch (error) {
    throw new Refusal(
      'config_invalid',
      `AMANAT_PASSPHRASE_FILE names ${file}, which cannot be read: ${(error as Error).message}`,
    )
  }
}

/** Asks on the terminal without showing what is typed. Refuses: invalid_input where there is no terminal. */
export async function askSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Refusal(
      'invalid_input',
      `${question} There is no terminal to ask on: name a file in AMANAT_PASSPHRASE_FILE.`,
    )
  process.stderr.write(`${question} `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const asking = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await asking.question('')
  } finally {
    asking.close()
    process.stderr.write('\n')
  }
}
