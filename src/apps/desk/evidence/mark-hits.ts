import { highlight } from '../../../text/highlight.ts'
import { readQuery } from '../../../text/read-query.ts'

export interface Piece {
  readonly at: number
  readonly text: string
  readonly hit: boolean
}

/** Cuts a text into what answers a query and what does not, in order; a query that cannot be read marks nothing. */
export function markHits(text: string, query: string): Piece[] {
  const reading = query.trim() === '' ? null : readQuery(query)
  if (!reading?.ok) return [{ at: 0, text, hit: false }]
  return cutAt(text, highlight(text, reading.query))
}

/** Cuts a text at stretches that are in order and do not overlap. */
export function cutAt(text: string, stretches: readonly (readonly [start: number, end: number])[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const [start, end] of stretches) {
    if (start > at) pieces.push({ at, text: text.slice(at, start), hit: false })
    pieces.push({ at: start, text: text.slice(start, end), hit: true })
    at = end
  }
  if (at < text.length) pieces.push({ at, text: text.slice(at), hit: false })
  return pieces
}
