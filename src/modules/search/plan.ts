import { analyse, type Sequence } from '../../text/analyse.ts'
import { allowedEdits } from '../../text/edit-distance.ts'
import { foldWord } from '../../text/normalise.ts'
import type { Query } from '../../text/query.ts'
import type { TextFacet } from './columns.ts'

/** Terms of a subject's name carry this before them, so that names are asked apart from text. */
export const NAME_MARK = '\u0001'

/** What the lists of a segment answer. */
export type Leaf =
  | { readonly kind: 'sequences'; readonly sequences: readonly Sequence[]; readonly scores: boolean }
  | { readonly kind: 'prefix'; readonly term: string; readonly scores: boolean }
  | { readonly kind: 'fuzzy'; readonly term: string; readonly distance: number; readonly scores: boolean }

/** How the leaves and the columns are put together; `leaf` is a place in `Plan.leaves`. */
export type Node =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Node[] }
  | { readonly kind: 'not'; readonly part: Node }
  | { readonly kind: 'leaf'; readonly leaf: number }
  | { readonly kind: 'facet'; readonly facet: TextFacet; readonly accepts: (value: string) => boolean }
  | { readonly kind: 'days'; readonly firstDay: number; readonly lastDay: number }

export interface Plan {
  readonly root: Node
  readonly leaves: readonly Leaf[]
}

/** Turns a query into what is asked of each segment. Words under NOT exclude and do not count for the order. */
export function planQuery(query: Query): Plan {
  const leaves: Leaf[] = []
  const leaf = (one: Leaf): Node => ({ kind: 'leaf', leaf: leaves.push(one) - 1 })
  const plan = (part: Query, scores: boolean, mark: string): Node => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return { kind: part.kind, parts: part.parts.map((inner) => plan(inner, scores, mark)) }
      case 'not':
        return { kind: 'not', part: plan(part.part, false, mark) }
      case 'word':
      case 'phrase':
        return leaf({ kind: 'sequences', sequences: markSequences(analyse(part.text), mark), scores })
      case 'prefix':
        return leaf({ kind: 'prefix', term: mark + singleTerm(part.text), scores })
      case 'fuzzy':
        return leaf({ kind: 'fuzzy', ...fuzzyTerm(part.text, part.distance, mark), scores })
      case 'name':
        return plan(part.part, scores, NAME_MARK)
      case 'field':
        return { kind: 'facet', facet: part.field, accepts: acceptsValue(part.value) }
      case 'date':
        return { kind: 'days', firstDay: part.firstDay ?? -Infinity, lastDay: part.lastDay ?? Infinity }
    }
  }
  return { root: plan(query, true, ''), leaves }
}

function markSequences(sequences: readonly Sequence[], mark: string): readonly Sequence[] {
  if (mark === '') return sequences
  return sequences.map((sequence) => sequence.map((slot) => ({ term: mark + slot.term, at: slot.at })))
}

function singleTerm(text: string): string {
  return analyse(text)[0]?.[0]?.term ?? ''
}

function fuzzyTerm(text: string, distance: 1 | 2, mark: string): { term: string; distance: number } {
  const term = singleTerm(text)
  return { term: mark + term, distance: allowedEdits(term, distance) }
}

/** Values are compared folded; a * at the end asks for a beginning. */
function acceptsValue(asked: string): (value: string) => boolean {
  const folded = foldWord(asked.replace(/\*$/, ''))
  if (asked.endsWith('*')) return (value) => foldWord(value).startsWith(folded)
  return (value) => foldWord(value) === folded
}
