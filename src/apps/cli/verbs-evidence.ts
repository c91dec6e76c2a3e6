import { type Command, Option } from 'commander'
import { MANIFEST_FORMATS } from '../../contract/intake.ts'
import { runIntake, runRetry, type IntakeOptions } from './intake.ts'
import { runCollections } from './people.ts'
import { runSearch, type SearchOptions } from './search.ts'
import { runDownload, runQuarantine, runRegister, runShow } from './show.ts'
import { deskVerb } from './verb.ts'

function several(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** Verbs about evidence: take in, register, find, look. */
export function addEvidenceVerbs(program: Command): void {
  addIntake(program)
  program
    .command('register [items...]')
    .description('register received items (ids), or a whole batch, and print their numbers')
    .option('--batch <id>', 'all that was received with this batch')
    .option('--note <text>', 'a note for the log')
    .action(deskVerb(runRegister))
  program
    .command('quarantine [items...]')
    .description('list what stands in quarantine, or decide about items')
    .option('--release', 'send them on to registration')
    .option('--return', 'return them to the provider')
    .option('--reason <text>', 'why; stands in the log')
    .action(deskVerb(runQuarantine))
  program
    .command('search <query>')
    .description('find passages: words, "phrases", AND OR NOT, prefix*, fuzzy~, field:value')
    .option('--sort <order>', 'relevance, newest or oldest', 'relevance')
    .option('--limit <n>', 'how many to print', '20')
    .option('--all', 'every hit, page after page')
    .option('--csv', 'every hit as CSV')
    .action(deskVerb<SearchOptions>(runSearch))
  program
    .command('show <item>')
    .description('print what is known of an item (registration number or id)')
    .action(deskVerb(runShow))
  program
    .command('download <item>')
    .description('write a working copy of an item, or its original where that is granted')
    .requiredOption('-o, --output <file>', 'where to')
    .option('--original', 'the original bytes')
    .option('--reason <text>', 'why the original is needed; stands in the log')
    .action(deskVerb(runDownload))
  program
    .command('collections [name]')
    .description('list collections, or make one')
    .option('--compartment <name>', 'the compartment it belongs to')
    .option('--description <text>')
    .option('--trust-intake', 'register what arrives without complaint at once')
    .action(deskVerb(runCollections))
}

function addIntake(program: Command): void {
  program
    .command('intake <paths...>')
    .description('take files and folders in; the same command goes on where it was interrupted')
    .requiredOption('--collection <name>', 'the collection they go into')
    .option('--source <name>', 'who they come from: code (S-0001) or provider’s name')
    .option('--create', 'make the collection and the source where they do not exist')
    .option('--manifest <file>', 'the provider’s list: CSV, BagIt manifest, Concordance DAT or OPT')
    .addOption(
      new Option('--manifest-format <format>', 'where it cannot be told from the file').choices([
        ...MANIFEST_FORMATS,
      ]),
    )
    .option('--label <text>', 'what to call the batch')
    .option('--collected-by <text>', 'custody: who collected them')
    .option('--collected-at <date>', 'custody: when')
    .option('--place <text>', 'custody: where')
    .option('--how <text>', 'custody: how')
    .option('--tool <name>', 'custody: with which tool')
    .option('--tool-version <version>', 'custody: and its version')
    .option('--prior-holder <text>', 'custody: who held them before; may be repeated', several)
    .addHelpText(
      'after',
      '\nExit code 4: the receipt names files that were quarantined, failed, or not wholly read.',
    )
    .action(deskVerb<IntakeOptions>(runIntake))
  program
    .command('retry <batch>')
    .description('read again what could not be read in a batch')
    .option('--passwords <file>', 'a file with passwords to try, one a line')
    .action(deskVerb(runRetry))
}
