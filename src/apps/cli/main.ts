import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Command, CommanderError } from 'commander'
import { addDeskVerbs } from './verbs-desk.ts'
import { addEvidenceVerbs } from './verbs-evidence.ts'
import { addIntegrityVerbs } from './verbs-integrity.ts'

const EXIT_CODES = `
Exit codes: 0 done; 1 a fault of Amanat; 2 wrong use; 3 refused; 4 done in part (the receipt names what is not);
5 integrity failed; 6 not signed in; 7 the desk could not be reached or started.

Environment: AMANAT_HOME the desk's folder; AMANAT_DESK, AMANAT_TOKEN another desk and a token for it;
AMANAT_PASSPHRASE_FILE the file with the passphrase of sealed keys. docs/operations/configuration.md has all settings.`

/** The version of the package this program belongs to. */
function readVersion(): string {
  const file = path.join(import.meta.dirname, '../../../package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** The whole command line; `main` runs it. */
function createProgram(): Command {
  const program = new Command('amanat')
    .description('Takes evidence in, keeps it, finds it, and shows that it is unchanged.')
    .version(readVersion())
    .option('--home <folder>', 'the desk’s folder (default: .amanat in a checkout, else your data folder)')
    .option('--desk <url>', 'another desk, reached over the network')
    .option('--token <token>', 'a token for --desk; better kept in AMANAT_TOKEN')
    .option('--json', 'results as JSON on standard output')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    .enablePositionalOptions(false)
    .exitOverride()
  addDeskVerbs(program)
  addEvidenceVerbs(program)
  addIntegrityVerbs(program)
  return program
}

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  // Commander has said it already: help and version end with 0, wrong use with 2.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
