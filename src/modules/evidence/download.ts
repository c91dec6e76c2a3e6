import { Refusal } from '../../base/refusal.ts'
import { rolesGive } from '../../contract/verbs.ts'
import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { grantedOriginal } from '../identity/policy.ts'
import { openBlob } from '../vault/open.ts'
import { openItem, type ItemRecord } from './policy.ts'

export interface Download {
  /** Safe as a file name; working copies carry the registration number. */
  readonly name: string
  readonly mediaType: string
  readonly sizeBytes: number
  /** Plaintext bytes `start` to `end` (exclusive), whole unless asked otherwise. */
  readonly start: number
  readonly end: number
  readonly bytes: AsyncIterable<Uint8Array>
}

export interface DownloadOrder {
  readonly id: string
  readonly copy: 'working' | 'original'
  readonly reason?: string | undefined
  readonly range?: { readonly start: number; readonly end: number | null } | null
}

/**
 * Opens an item's bytes. The entry of the read is committed when this returns, before the first byte; the first
 * piece was read, so that a missing or erased file is refused and not half sent.
 *
 * Refuses: not_permitted, not_found, range_not_satisfiable, and what the vault refuses (blob_erased, blob_missing…).
 */
export async function openDownload(desk: Desk, actor: Actor, order: DownloadOrder): Promise<Download> {
  const item = await inTransaction(desk, actor, (tx) => allow(tx, order))
  const sizeBytes = item.size_bytes ?? 0
  const start = order.range?.start ?? 0
  const end = Math.min(sizeBytes, order.range?.end ?? sizeBytes)
  const source = openBlob(desk, item.address ?? '', { start, end })
  const first = await source.next()
  return {
    name: fileName(item, order.copy),
    mediaType: item.media_type,
    sizeBytes,
    start,
    end,
    bytes: (async function* () {
      if (first.done === true) return
      yield first.value
      yield* source
    })(),
  }
}

async function allow(tx: Tx, order: DownloadOrder): Promise<ItemRecord> {
  const item = await openItem(tx, order.id, 'item.download')
  if (item.address === null) throw new Refusal('not_found', 'A physical item has no file.', { id: item.id })
  if (order.copy === 'original') await mayOriginal(tx, item)
  const size = item.size_bytes ?? 0
  const { range } = order
  if (range && (range.start >= size || (range.end !== null && range.end <= range.start)))
    throw new Refusal(
      'range_not_satisfiable',
      `The file has ${size} bytes; the range asked for lies outside.`,
      { size },
    )
  await append(tx, {
    kind: order.copy === 'original' ? 'evidence.item.original_downloaded' : 'evidence.item.downloaded',
    subjects: [{ type: 'item', id: item.id }],
    ...(order.reason === undefined ? {} : { why: order.reason }),
    ...(range ? { detail: { start: range.start, end: range.end ?? size } } : {}),
  })
  return item
}

async function mayOriginal(tx: Tx, item: ItemRecord): Promise<void> {
  if (tx.actor.kind === 'system' || rolesGive(tx.actor.roles, 'item.original')) return
  const subject = { id: item.id, compartmentId: item.compartment_id, collectionId: item.collection_id }
  if (await grantedOriginal(tx, subject)) return
  throw new Refusal(
    'not_permitted',
    'The original needs a grant; the working copy is there. An evidence officer gives grants.',
  )
}

function fileName(item: ItemRecord, copy: DownloadOrder['copy']): string {
  const name = item.name.replaceAll(/[\p{Cc}/\\:*?"<>|]/gu, '_').slice(-180)
  return copy === 'original' || item.registration_number === null
    ? name
    : `${item.registration_number}_${name}`
}
