import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import type { Place, Sort, Statistics } from './rank.ts'

/** Where a page ended. Holds numbers about what the asker may see, and nothing else. */
export interface Cursor extends Place {
  readonly statistics: Statistics
}

const shape = z.tuple([
  z.enum(['relevance', 'newest', 'oldest']),
  z.number(),
  z.number().int(),
  z.number().int().nonnegative(),
  z.number().nonnegative(),
  z.array(z.number().int().nonnegative()).max(4_000),
])

export function writeCursor(sort: Sort, { key, passageNo, statistics }: Cursor): string {
  const { docs, words, leafDocs } = statistics
  return Buffer.from(JSON.stringify([sort, key, passageNo, docs, words, leafDocs])).toString('base64url')
}

/** Refuses: invalid_input, where the cursor is not one of this query's. */
export function readCursor(text: string, sort: Sort, leaves: number): Cursor {
  const [read, key, passageNo, docs, words, leafDocs] = parse(text) ?? []
  if (read !== sort || leafDocs?.length !== leaves || key === undefined || passageNo === undefined)
    throw new Refusal(
      'invalid_input',
      'The next page was asked of another search. Search again from the first page.',
    )
  return { key, passageNo, statistics: { docs: docs ?? 0, words: words ?? 0, leafDocs } }
}

function parse(text: string): z.output<typeof shape> | null {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return null
  }
  return shape.safeParse(json).data ?? null
}
