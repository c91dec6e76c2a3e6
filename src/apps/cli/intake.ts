import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import { intakeRoutes } from '../../contract/intake.ts'
import type { Received } from '../../contract/route.ts'
import type { DeskClient } from './call.ts'
import { findCollection, findSource } from './lookup.ts'
import { formatBytes, formatSeconds, isolate, type Printer } from './print.ts'
import { uploadAll } from './upload.ts'
import type { Call } from './verb.ts'

export interface IntakeOptions {
  readonly collection: string
  readonly source?: string
  readonly create?: boolean
  readonly manifest?: string
  readonly manifestFormat?: (typeof import('../../contract/intake.ts').MANIFEST_FORMATS)[number]
  readonly label?: string
  readonly collectedBy?: string
  readonly collectedAt?: string
  readonly place?: string
  readonly how?: string
  readonly tool?: string
  readonly toolVersion?: string
  readonly priorHolder?: string[]
}

type Batch = Received<typeof intakeRoutes.createBatch>
type Receipt = Received<typeof intakeRoutes.readReceipt>

/** Takes files and folders in and prints the receipt. Exit code 4 where something was not taken or not read. */
export async function runIntake({ desk, print, options, args }: Call<IntakeOptions>): Promise<number> {
  const paths = args.map((given) => path.resolve(given))
  for (const one of paths)
    if (!statSync(one, { throwIfNoEntry: false }))
      throw new Refusal('invalid_input', `There is no file or folder ${one}. Nothing was taken in.`)
  const collection = await findCollection(desk, options.collection, options.create === true)
  const source = options.source
    ? await findSource(desk, options.source, collection.compartment.id, options.create === true)
    : null
  const batch = await openBatch(desk, options, collection.id, source?.id ?? null, paths)
  print.say(
    `Batch ${batch.id} in ${isolate(collection.name)}. Ctrl-C interrupts; the same command goes on where it was.`,
  )
  // A closed one has received everything already; what is left is read.
  if (batch.state === 'open') await send(desk, batch, paths, options, print)
  await watch(desk, batch.id, print)
  const receipt = await desk.call(intakeRoutes.readReceipt, { params: { id: batch.id } })
  const reconciliation = options.manifest
    ? await desk.call(intakeRoutes.readReconciliation, { params: { id: batch.id } })
    : null
  print.result({ ...receipt, reconciliation }, () => describeReceipt(receipt, reconciliation))
  const bad = receipt.counts.failed + receipt.counts.quarantined + receipt.counts.unread
  return bad > 0 ? 4 : 0
}

/** Sends what the batch lacks, then closes it. */
async function send(
  desk: DeskClient,
  batch: Batch,
  paths: string[],
  options: IntakeOptions,
  print: Printer,
): Promise<void> {
  const { id } = batch
  try {
    if (options.manifest) await sendManifest(desk, batch, options, print)
    if (desk.address.socketPath)
      await desk.call(intakeRoutes.receiveLocal, { params: { id }, body: { paths, close: true } })
    else {
      await uploadAll(desk, id, paths, print)
      await desk.call(intakeRoutes.closeBatch, { params: { id } })
    }
  } catch (error) {
    // The desk went on by itself with what an interrupted command had asked for, and closed it just now.
    if (!(error instanceof Refusal) || error.code !== 'batch_closed') throw error
  }
}

/** The same paths into the same collection name the same batch while it is unfinished. */
async function openBatch(
  desk: DeskClient,
  options: IntakeOptions,
  collectionId: string,
  sourceId: string | null,
  paths: string[],
): Promise<Batch> {
  const digest = createHash('sha256')
    .update(JSON.stringify([collectionId, sourceId, paths]))
    .digest('hex')
    .slice(0, 32)
  const label =
    options.label ??
    paths
      .map((one) => path.basename(one))
      .join(', ')
      .slice(0, 300)
  const { collectedBy, collectedAt, place, how, tool, toolVersion } = options
  const stated = {
    collectedBy,
    collectedAt,
    place,
    how,
    tool,
    toolVersion,
    priorHolders: options.priorHolder,
  }
  const custody = Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined))
  for (let round = 1; round <= 1000; round++) {
    const batch = await desk.call(intakeRoutes.createBatch, {
      body: { collectionId, sourceId, label, key: `${digest}-${round}`, custody },
    })
    if (batch.state === 'open' || batch.state === 'closed') return batch
  }
  throw new Refusal(
    'conflict',
    'These paths were taken in a thousand times. Give the batch a --label of its own and other paths.',
  )
}

async function sendManifest(
  desk: DeskClient,
  batch: Batch,
  options: IntakeOptions,
  print: Printer,
): Promise<void> {
  const file = path.resolve(options.manifest ?? '')
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new Refusal('invalid_input', `There is no manifest file ${file}.`)
  const query = {
    name: path.basename(file),
    ...(options.manifestFormat ? { format: options.manifestFormat } : {}),
  }
  const read = await desk.upload(
    intakeRoutes.uploadManifest,
    { params: { id: batch.id }, query },
    createReadStream(file),
    {
      'content-length': String(statSync(file).size),
    },
  )
  print.say(`Manifest ${isolate(query.name)}: ${read.counts.rows} rows (${read.format}).`)
  for (const problem of read.problems) print.say(`  row ${problem.row}: ${problem.words}`)
}

async function watch(desk: DeskClient, id: string, print: Printer): Promise<void> {
  for (;;) {
    for await (const { data } of desk.events(intakeRoutes.watchBatch, { params: { id } })) {
      const now = data as Received<typeof intakeRoutes.watchBatch>
      print.progress(describeProgress(now))
      if (now.done) {
        print.endProgress()
        return
      }
    }
    const batch = await desk.call(intakeRoutes.readBatch, { params: { id } })
    if (batch.state === 'done' || batch.state === 'cancelled') return
  }
}

/** One line: a bar, how much, how fast, how long. */
export function describeProgress(now: Received<typeof intakeRoutes.watchBatch>): string {
  const { counts } = now
  const ended = counts.taken + counts.alreadyHeld + counts.quarantined + counts.failed
  const all = Math.max(1, counts.files + counts.children)
  const share = Math.min(
    1,
    Math.max(0, (Math.min(ended, counts.files) + counts.children - counts.waiting) / all),
  )
  const bar = '█'.repeat(Math.floor(share * 20)).padEnd(20, '░')
  const rate = `${now.filesPerSecond.toFixed(0)} files/s, ${formatBytes(now.bytesPerSecond)}/s`
  const left = now.secondsLeft === null ? 'time left unknown' : `${formatSeconds(now.secondsLeft)} left`
  return `${bar} ${ended}/${counts.files} files, ${formatBytes(counts.bytesReceived)}, ${counts.waiting} to read, ${rate}, ${left}`
}

/** The receipt for people: counts, then each file that needs somebody's eye. */
export function describeReceipt(
  receipt: Receipt,
  reconciliation: Received<typeof intakeRoutes.readReconciliation> | null,
): string {
  const { counts } = receipt
  const lines = [
    `Receipt for ${isolate(receipt.label)} in ${isolate(receipt.collection.name)}${receipt.source ? `, source ${isolate(receipt.source)}` : ''}`,
    `  taken ${counts.taken}   already held ${counts.alreadyHeld}   quarantined ${counts.quarantined}   failed ${counts.failed}`,
    `  out of containers ${counts.children}   kept but not wholly read ${counts.unread}   ${formatBytes(counts.bytesReceived)}`,
  ]
  const sections = [
    ['Quarantined', receipt.quarantined],
    ['Failed', receipt.failed],
    ['Kept, not wholly read', receipt.unread],
  ] as const
  for (const [title, files] of sections) {
    if (files.length > 0) lines.push('', `${title}:`)
    for (const file of files)
      lines.push(
        `  ${isolate(file.path)}: ${file.step}: ${file.reason}${file.retryable ? ' (can be retried)' : ''}`,
      )
  }
  if (receipt.cut) lines.push('', 'The lists above were cut; the batch’s files in the desk have them all.')
  if (reconciliation) {
    const { matched, unhashed, missing, extra, mismatch } = reconciliation.counts
    lines.push(
      '',
      `Manifest: matched ${matched}, matched without a stated hash ${unhashed}, missing ${missing}, extra ${extra}, hash mismatch ${mismatch}`,
    )
    for (const row of reconciliation.mismatch)
      lines.push(
        `  row ${row.row} ${isolate(row.path)}: ${row.algorithm} stated ${row.stated}, computed ${row.computed}`,
      )
    for (const row of reconciliation.missing) lines.push(`  row ${row.row} ${isolate(row.path)}: missing`)
    for (const file of reconciliation.extra) lines.push(`  ${isolate(file.path)}: not in the manifest`)
  }
  return lines.join('\n')
}

/** Reads again what failed in a batch; passwords from a file, one a line, so that none stands in the shell's history. */
export async function runRetry({
  desk,
  print,
  options,
  args,
}: Call<{ passwords?: string }>): Promise<number> {
  const id = args[0] ?? ''
  const passwords = options.passwords
    ? readFileSync(options.passwords, 'utf8')
        .split(/\r?\n/)
        .filter((line) => line !== '')
    : []
  const { retried } = await desk.call(intakeRoutes.retryFiles, { params: { id }, body: { passwords } })
  print.say(`${retried} to read again.`)
  if (retried > 0) await watch(desk, id, print)
  const receipt = await desk.call(intakeRoutes.readReceipt, { params: { id } })
  print.result(receipt, () => describeReceipt(receipt, null))
  return receipt.counts.failed + receipt.counts.quarantined + receipt.counts.unread > 0 ? 4 : 0
}
