import type { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import type { evidenceRoutes } from '../../contract/evidence.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { openItem } from './policy.ts'

export type ItemText = z.input<typeof evidenceRoutes.readItemText.answer>

/**
 * A stretch of one part of an item's text; offsets are UTF-16 units in the part. The read is logged in the same
 * transaction, which commits before the text leaves. Refuses: not_permitted, not_found (no such part).
 */
export async function readItemText(
  tx: Tx,
  id: string,
  range: { part: number; offset: number; characters: number },
): Promise<ItemText> {
  const item = await openItem(tx, id, 'item.read')
  const parts = await tx.sql
    .selectFrom('evidence.text_part')
    .select((at) => at.fn.countAll<number>().as('count'))
    .where('item_id', '=', id)
    .executeTakeFirstOrThrow()
  const part = await tx.sql
    .selectFrom('evidence.text_part')
    .select(['label', 'language', 'text'])
    .where('item_id', '=', id)
    .where('part', '=', range.part)
    .executeTakeFirst()
  if (!part) throw new Refusal('not_found', 'This item has no such part of text.', { id, part: range.part })
  await append(tx, {
    kind: 'evidence.item.text_read',
    subjects: [{ type: 'item', id }],
    detail: { part: range.part },
  })
  const offset = startOf(part.text, range.offset)
  const end = startOf(part.text, offset + range.characters)
  const text = part.text.slice(offset, end)
  return {
    part: range.part,
    label: part.label,
    offset,
    text,
    language: part.language ?? item.language,
    dir: isRightToLeft(text) ? 'rtl' : 'ltr',
    nextOffset: end < part.text.length ? end : null,
    parts: parts.count,
  }
}

/** Never inside a surrogate pair. */
function startOf(text: string, offset: number): number {
  const at = Math.min(offset, text.length)
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at
}

/** By the first letter that has a direction. */
export function isRightToLeft(text: string): boolean {
  const letter = /\p{L}/u.exec(text)?.[0]
  return (
    letter !== undefined &&
    /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u.test(letter)
  )
}
