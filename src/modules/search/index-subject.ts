import type { Passage } from '../../text/passages.ts'
import type { Tx } from '../../platform/tx.ts'
import { makeDoc, type Facets } from './document.ts'
import { requestMerge } from './jobs.ts'
import { SegmentWriter } from './segment-writer.ts'
import * as store from './store.ts'

export interface IndexOrder {
  /** `item`, `claim`…: search knows no more of it than this word. */
  readonly subjectType: string
  readonly subjectId: string
  readonly compartmentId: string
  readonly collectionId: string | null
  /** Found as text and by `name:`; shown with each hit. */
  readonly name: string
  readonly facets: Facets
  /** Days since 1970-01-01 between which the subject's date lies; null where unknown. */
  readonly firstDay: number | null
  readonly lastDay: number | null
  readonly passages: readonly Passage[]
}

/** How the passage that holds a subject's name is labelled. */
export const NAME_LABEL = 'name'

/**
 * Makes a subject findable, in the place of what it was before: text, words and filters commit with `tx`, and are
 * found from that moment. Whoever calls has decided that the subject lies in this compartment.
 */
export async function indexSubject(tx: Tx, order: IndexOrder): Promise<void> {
  const texts = [{ label: NAME_LABEL, start: 0, end: 0, text: order.name }, ...order.passages]
  const nos = await store.takePassageNos(tx.sql, texts.length)
  const { passages: _texts, ...subject } = order
  const rows = texts.map(({ label, start, end, text }, i) => ({
    passageNo: nos[i] ?? 0,
    label,
    start,
    end,
    body: storable(text),
  }))
  await store.putSubject(tx.sql, { ...subject, name: storable(order.name) }, rows)
  const writer = new SegmentWriter()
  for (const row of rows) writer.add(makeDoc({ ...subject, passageNo: row.passageNo }, row.body))
  await store.addSegment(tx.sql, writer.finish())
  tx.afterCommit(() => requestMerge(tx.desk))
}

/** Takes subjects out of search; the text goes with `tx`, its traces on disk with the next erasure or merge. */
export async function removeSubjects(tx: Tx, subjectIds: readonly string[]): Promise<void> {
  await store.removeSubjects(tx.sql, subjectIds)
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair; same length, so that offsets still hold. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
