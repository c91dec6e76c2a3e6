import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { evidenceRoutes } from '../../contract/evidence.ts'
import type { Received, RouteSpec } from '../../contract/route.ts'
import type { DeskClient } from './call.ts'
import { findItem } from './lookup.ts'
import { formatBytes, formatTable, isolate } from './print.ts'
import type { Call } from './verb.ts'

type Detail = Received<typeof evidenceRoutes.readItem>
type Custody = Received<typeof evidenceRoutes.readCustody>

/** Prints what is known of one item: the page of the desk as text. */
export async function runShow({ desk, print, args }: Call<object>): Promise<void> {
  const { id } = await findItem(desk, args[0] ?? '')
  const item = await desk.call(evidenceRoutes.readItem, { params: { id } })
  const custody = await desk.call(evidenceRoutes.readCustody, { params: { id } })
  print.result({ ...item, custody: custody.events }, () => describeItem(item, custody))
}

/** The item as text: found and asserted kept apart. */
export function describeItem(item: Detail, custody: Custody): string {
  const head = [
    `${item.registrationNumber ?? 'not registered'}  ${isolate(item.name)}`,
    `  ${item.state}, ${item.classification}${item.legalHold ? ', under legal hold' : ''}${item.flags.length > 0 ? `, flags ${item.flags.join(' ')}` : ''}`,
    `  ${item.mediaType} (${item.format}), ${item.sizeBytes === null ? 'no bytes' : formatBytes(item.sizeBytes)}, language ${item.language ?? 'unknown'}`,
    `  collection ${isolate(item.collection.name)}, compartment ${isolate(item.compartment.name)}, ${item.readers.people} people and ${item.readers.grants} grants see it`,
    `  source ${item.source ? `${item.source.code}${item.source.provider ? ` (${isolate(item.source.provider)})` : ''}` : 'not stated'}; permission ${item.permission.status}${item.permission.terms ? `: ${isolate(item.permission.terms)}` : ''}`,
    `  path ${isolate(item.path)}`,
    `  SHA-256 ${item.digests.sha256 ?? '–'}`,
    `  received ${item.receivedAt}, ${sealedWords(item.received.sealed)}${item.registered && item.registeredAt ? `; registered ${item.registeredAt}, ${sealedWords(item.registered.sealed)}` : ''}`,
  ]
  const found = item.found.map((one) => [`  ${one.name}`, isolate(String(one.value)), one.saidBy])
  const asserted = item.asserted.map((one) => [
    `  ${one.name}`,
    isolate(one.value),
    `${isolate(one.saidBy)}${one.superseded ? ' (superseded)' : ''}`,
  ])
  const timeline = custody.events.map((event) => [
    `  ${event.at}`,
    event.words,
    isolate(event.who),
    sealedWords(event.sealed),
  ])
  return [
    head.join('\n'),
    ...section('Found in it', found),
    ...section('Asserted about it', asserted),
    ...section(
      'Could not be read',
      item.notices.map((one) => [`  ${one.step}`, one.words]),
    ),
    ...section(
      'Came out of',
      item.parents.map((one) => [`  ${one.id}`, isolate(one.name)]),
    ),
    ...section(
      'Arrivals',
      item.acquisitions.map((one) => [
        `  ${one.receivedAt}`,
        isolate(one.path),
        one.first ? 'first' : 'again, same bytes',
      ]),
    ),
    ...section('Chain of custody', timeline),
  ].join('\n')
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : ['', `${title}:`, formatTable(rows)]
}

function sealedWords(index: number | null): string {
  return index === null ? 'not sealed yet' : `sealed #${index}`
}

/** Writes a working copy, or the original where that is granted. The desk logs it before the first byte. */
export async function runDownload({
  desk,
  print,
  options,
  args,
}: Call<{ output: string; original?: boolean; reason?: string }>): Promise<void> {
  const { id, number } = await findItem(desk, args[0] ?? '')
  if (options.original)
    await writeStream(
      desk,
      evidenceRoutes.downloadOriginal,
      { params: { id }, query: { reason: options.reason ?? '' } },
      options.output,
    )
  else await writeStream(desk, evidenceRoutes.downloadWorkingCopy, { params: { id } }, options.output)
  const what = options.original ? 'original' : 'working copy'
  print.result(
    { item: id, file: options.output, what },
    () => `The ${what} of ${number} is in ${options.output}.`,
  )
}

/** Streams an answer into a file that appears only when it is whole. */
export async function writeStream(
  desk: DeskClient,
  spec: RouteSpec,
  order: object,
  file: string,
): Promise<void> {
  const draft = `${file}.part`
  try {
    await pipeline(await desk.stream(spec, order), createWriteStream(draft, { flags: 'w', mode: 0o600 }))
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Registers items by id, or a whole batch; prints their numbers. Exit code 4 where some were refused. */
export async function runRegister({
  desk,
  print,
  options,
  args,
}: Call<{ batch?: string; note?: string }>): Promise<number> {
  const chosen = options.batch ? { batch: options.batch } : { items: [...args] }
  const answer = await desk.call(evidenceRoutes.registerItems, {
    body: { ...chosen, ...(options.note ? { note: options.note } : {}) },
  })
  print.result(
    answer,
    () =>
      [
        ...answer.changed.map((one) => `${one.registrationNumber ?? '–'}  ${one.id}`),
        ...answer.refused.map((one) => `refused ${one.id}: ${one.words}`),
      ].join('\n') || 'Nothing to register.',
  )
  return answer.refused.length > 0 ? 4 : 0
}

/** Lists what stands in quarantine, or decides about it. */
export async function runQuarantine({
  desk,
  print,
  options,
  args,
}: Call<{ release?: boolean; return?: boolean; reason?: string }>): Promise<number | void> {
  if (args.length > 0) {
    const decision = options.release ? 'release' : 'return'
    const answer = await desk.call(evidenceRoutes.decideQuarantine, {
      body: { items: [...args], decision, reason: options.reason ?? '' },
    })
    print.result(answer, () =>
      [
        ...answer.changed.map((one) => `${one.id}: ${one.state}`),
        ...answer.refused.map((one) => `refused ${one.id}: ${one.words}`),
      ].join('\n'),
    )
    return answer.refused.length > 0 ? 4 : 0
  }
  const rows: Received<typeof evidenceRoutes.listQuarantine>['items'] = []
  let after: string | undefined
  do {
    const page = await desk.call(evidenceRoutes.listQuarantine, {
      query: { limit: 200, ...(after ? { after } : {}) },
    })
    rows.push(...page.items)
    after = page.next ?? undefined
  } while (after)
  print.result(
    { items: rows },
    () =>
      formatTable(rows.map((row) => [row.id, row.quarantineReason ?? '', isolate(row.name), row.words])) ||
      'Nothing stands in quarantine.',
  )
}
