import type { Command } from 'commander'
import { runAudit, runBackup, runCertify, runCheck, runErase, runLog } from './integrity.ts'
import { deskVerb, loadedVerb } from './verb.ts'

/** Verbs that show the evidence unchanged, keep it safe, and erase it lawfully. */
export function addIntegrityVerbs(program: Command): void {
  program
    .command('check <item>')
    .description('recompute everything about one item from vault and log')
    .action(deskVerb(runCheck))
  program
    .command('certify <item>')
    .description('write an item’s integrity certificate: unchanged since registration')
    .requiredOption('-o, --output <file>', 'where to')
    .action(deskVerb(runCertify))
  program
    .command('audit')
    .description(
      'reread every blob, tile, checkpoint and entry; names whatever is missing, changed, added or reordered',
    )
    .action(deskVerb(runAudit))
  program
    .command('log')
    .description('where the log stands, and the key to verify it with')
    .action(deskVerb(runLog))
  program
    .command('backup <folder>')
    .description('back up into a folder while the desk runs; the same folder again copies only what is new')
    .action(deskVerb(runBackup))
  program
    .command('restore <folder>')
    .description('restore a backup into this desk’s folder; the desk must be stopped')
    .option('--keys <folder>', 'the key backup, where this folder has no keys of the desk')
    .option('--incomplete', 'restore what is whole even where sealed files are lost; they are named')
    .action(loadedVerb(async () => (await import('./restore.ts')).runRestore))
  program
    .command('continue-log')
    .description('after restoring an older state: continue the log openly, signed by two people')
    .requiredOption('--first <name>', 'the first person, by sign-in name')
    .requiredOption('--second <name>', 'the second person')
    .requiredOption('--reason <text>', 'why the newer state is lost; stands in the log')
    .action(loadedVerb(async () => (await import('./restore.ts')).runContinue))
  program
    .command('erase [items...]')
    .description('propose to erase items; list erasures; approve another person’s')
    .option('--basis <text>', 'the legal basis: order, number, date')
    .option('--approve <id>', 'approve and carry out')
    .option('--confirm <id>', 'say that every copy from before it (backups, keys) is destroyed or replaced')
    .action(deskVerb(runErase))
}
