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
  await indexSubjects(tx, [order])
}

/** As `indexSubject`, for many in one segment; each subject once. All their text is held in memory meanwhile. */
export async function indexSubjects(tx: Tx, orders: readonly IndexOrder[]): Promise<void> {
  if (orders.length === 0) return
  const subjects = orders.map((order) => ({ ...order, name: storable(order.name) }))
  const texts = orders.flatMap((order, of) =>
    [{ label: NAME_LABEL, start: 0, end: 0, text: order.name }, ...order.passages].map((one) => ({
      one,
      of,
    })),
  )
  const nos = await store.takePassageNos(tx.sql, texts.length)
  const writer = new SegmentWriter()
  const rows = texts.map(({ one: { label, start, end, text }, of }, at) => {
    const subject = subjects[of]
    const passageNo = nos[at]
    if (subject === undefined || passageNo === undefined)
      throw new Error('a passage lacks its subject or number')
    const body = storable(text)
    writer.add(makeDoc({ ...subject, passageNo }, body))
    return { subjectId: subject.subjectId, passageNo, label, start, end, body }
  })
  await store.putSubjects(tx.sql, subjects, rows)
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
