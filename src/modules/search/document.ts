import { tokenise } from '../../text/tokenise.ts'
import { eachFacet, type DocRow, type TextFacet } from './columns.ts'
import { NAME_MARK } from './plan.ts'
import type { IndexDoc } from './segment-writer.ts'

/** What can be counted and filtered; an empty text where a subject has none. */
export type Facets = Readonly<Partial<Record<TextFacet, string>>>

/** Everything of a document but its words. */
export type DocFrame = Omit<DocRow, 'length' | 'facets'> & { readonly facets: Facets; readonly name: string }

/** Makes of a passage what a segment takes: its words, and its subject's name's words apart from them. */
export function makeDoc(frame: DocFrame, text: string): IndexDoc {
  const { passageNo, subjectId, compartmentId, collectionId, firstDay, lastDay } = frame
  const words = tokenise(text)
  const names = tokenise(frame.name)
  return {
    passageNo,
    subjectId,
    compartmentId,
    collectionId,
    firstDay,
    lastDay,
    facets: eachFacet((facet) => frame.facets[facet] ?? ''),
    length: words.length,
    terms: [...words.terms, ...names.terms.map((term) => NAME_MARK + term)],
    positions: [...words.positions, ...names.positions],
  }
}
