import type { Command } from 'commander'
import { runJobs } from './jobs.ts'
import { runKeysBackup, runKeysRecover, runKeysSeal } from './keys.ts'
import { runCompartments, runGrant, runInvite, runPeople } from './people.ts'
import { runServe, runStart, runStatus, runStop } from './start.ts'
import { deskVerb, localVerb } from './verb.ts'

function several(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** Verbs about the desk itself: run it, let people in, guard its keys. */
export function addDeskVerbs(program: Command): void {
  program
    .command('start')
    .description('start the desk and keep it running; Ctrl-C stops it')
    .action(localVerb(runStart))
  program.command('stop').description('stop the desk of this folder').action(localVerb(runStop))
  program
    .command('status')
    .description('say whether the desk of this folder runs, and where')
    .action(localVerb(runStatus))
  program
    .command('serve', { hidden: true })
    .option('--on-demand', 'stop after the last client')
    .action(localVerb(runServe))
  program.command('people').description('list everyone on the desk').action(deskVerb(runPeople))
  program
    .command('invite <name>')
    .description('invite a person; prints a link that works once')
    .requiredOption('--role <role>', 'may be repeated', several)
    .option('--compartment <name>', 'may be repeated', several)
    .option('--days <n>', 'how long the link works')
    .action(deskVerb(runInvite))
  program
    .command('compartments [name]')
    .description('list compartments, make one, or change who is in it')
    .option('--kind <kind>', 'ordinary, source-identity or named-reader')
    .option('--add <person>')
    .option('--remove <person>')
    .option('--reason <text>', 'why; stands in the log')
    .action(deskVerb(runCompartments))
  program
    .command('grant')
    .description('let a person see one item or collection, for a purpose, until a date')
    .requiredOption('--to <person>')
    .option('--item <item>')
    .option('--collection <name>')
    .requiredOption('--until <date>')
    .requiredOption('--purpose <text>')
    .option('--original', 'the original bytes, too')
    .action(deskVerb(runGrant))
  program
    .command('jobs')
    .description('list work that runs, failed or was set aside')
    .option('--retry <id>', 'try one again')
    .action(deskVerb(runJobs))
  addKeys(program)
}

function addKeys(program: Command): void {
  const keys = program.command('keys').description('the desk’s keys')
  keys
    .command('seal')
    .description('put the keys under a passphrase; prints recovery shares once')
    .action(localVerb(runKeysSeal))
  keys
    .command('recover')
    .description('open sealed keys with recovery shares and set a new passphrase')
    .option('--shares <file>', 'a file with the shares, one a line')
    .action(localVerb(runKeysRecover))
  keys
    .command('backup <folder>')
    .description('copy the keys that backups need; keep them apart from the backups')
    .action(localVerb(runKeysBackup))
}
