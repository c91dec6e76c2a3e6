import { setTimeout as sleep } from 'node:timers/promises'
import path from 'node:path'
import {
  approveErasure,
  certifyItem,
  checkItem,
  confirmCopies,
  listErasures,
  proposeErasure,
  readAudit,
  readLogStatus,
  startAudit,
  startBackup,
  type Audit,
  type CheckReport,
  type Erasure,
} from '../../contract/integrity.ts'
import { findItem } from './lookup.ts'
import { formatBytes, formatTable } from './print.ts'
import { writeStream } from './show.ts'
import type { Call } from './verb.ts'

/** Recomputes one item from vault and log. Exit code 5 where it fails. */
export async function runCheck({ desk, print, args }: Call<object>): Promise<number> {
  const { id, number } = await findItem(desk, args[0] ?? '')
  const report = await desk.call(checkItem, { params: { id } })
  print.result(report, () => describeCheck(number, report))
  return report.verdict === 'FAIL' ? 5 : 0
}

function describeCheck(number: string, report: CheckReport): string {
  const steps = report.steps.map((step) => [`  ${step.holds ? 'holds' : 'FAILS'}`, step.step, step.words])
  return [`${number}: ${report.verdict}`, formatTable(steps)].join('\n')
}

/** Writes an item's integrity certificate. */
export async function runCertify({ desk, print, options, args }: Call<{ output: string }>): Promise<void> {
  const { id, number } = await findItem(desk, args[0] ?? '')
  await writeStream(desk, certifyItem, { params: { id } }, options.output)
  print.result(
    { item: id, certificate: options.output },
    () =>
      `The certificate of ${number} is in ${options.output}.\nCheck it anywhere, without network: npx --no-install amanat-verify ${options.output} ORIGINAL`,
  )
}

/** Rereads everything. Exit code 5 where something is missing, changed, added or reordered. */
export async function runAudit({ desk, print }: Call<object>): Promise<number> {
  let audit = await desk.call(startAudit)
  while (audit.state === 'running') {
    print.progress(
      `${audit.done.entries}/${audit.total.entries} entries, ${audit.done.blobs}/${audit.total.blobs} blobs, ${formatBytes(audit.done.bytes)} of ${formatBytes(audit.total.bytes)}`,
    )
    await sleep(250)
    audit = await desk.call(readAudit, { params: { id: audit.id } })
  }
  print.endProgress()
  print.result(audit, () => describeAudit(audit))
  return audit.state === 'intact' ? 0 : 5
}

function describeAudit(audit: Audit): string {
  const { done, treeSize } = audit
  const read = `Reread ${done.entries} entries, ${done.tiles} tiles, ${done.blobs} blobs (${formatBytes(done.bytes)}); the log holds ${treeSize} leaves.`
  if (audit.state === 'intact') return `${read}\nEverything is as it was sealed.`
  if (audit.state !== 'problems') return `${read}\nThe audit stopped before its end; run it again.`
  const problems = audit.problems.map((problem) => [
    `  ${problem.kind}`,
    problem.object,
    problem.name,
    problem.words,
  ])
  return [`${read}`, `${audit.problemCount} problems:`, formatTable(problems)].join('\n')
}

/** Writes a backup into a folder while the desk runs; a second one into the same folder copies only what is new. */
export async function runBackup({ desk, print, args }: Call<object>): Promise<void> {
  const done = await desk.call(startBackup, { body: { to: path.resolve(args[0] ?? '') } })
  print.result(
    done,
    () =>
      `Backed up to ${done.folder}: ${done.blobs} blobs, ${formatBytes(done.bytes)} (${done.copied} copied now), log of ${done.treeSize} leaves, ${(done.milliseconds / 1000).toFixed(1)} s.`,
  )
}

/** Where the log stands. */
export async function runLog({ desk, print }: Call<object>): Promise<void> {
  const status = await desk.call(readLogStatus)
  print.result(status, () =>
    [
      `${status.origin}`,
      `  ${status.treeSize} leaves, root ${status.root}`,
      `  last sealed ${status.sealedAt ?? 'never'}, ${status.waiting} entries waiting`,
      `  verifier key ${status.verifierKey}`,
    ].join('\n'),
  )
}

/** Proposes an erasure, approves another person's, confirms that its old copies are gone, or lists them. */
export async function runErase({
  desk,
  print,
  options,
  args,
}: Call<{ basis?: string; approve?: string; confirm?: string }>): Promise<void> {
  if (options.confirm) {
    const confirmed = await desk.call(confirmCopies, { params: { id: options.confirm } })
    return print.result(confirmed, () => describeErasure(confirmed))
  }
  if (options.approve) {
    const done = await desk.call(approveErasure, { params: { id: options.approve } })
    return print.result(done, () => describeErasure(done))
  }
  if (args.length > 0) {
    const itemIds: string[] = []
    for (const name of args) itemIds.push((await findItem(desk, name)).id)
    const proposed = await desk.call(proposeErasure, { body: { itemIds, legalBasis: options.basis ?? '' } })
    return print.result(
      proposed,
      () =>
        `${describeErasure(proposed)}\nA second person approves it with: amanat erase --approve ${proposed.id}`,
    )
  }
  const { erasures } = await desk.call(listErasures)
  print.result({ erasures }, () => erasures.map(describeErasure).join('\n') || 'No erasures.')
}

function describeErasure(erasure: Erasure): string {
  const copies =
    erasure.unconfirmedCopies.length > 0
      ? `; copies not confirmed as gone: ${erasure.unconfirmedCopies.join(', ')}`
      : ''
  return `${erasure.id}  ${erasure.state}  ${erasure.itemIds.length} items  proposed by ${erasure.proposedBy}${erasure.approvedBy ? `, approved by ${erasure.approvedBy}` : ''}${copies}`
}
