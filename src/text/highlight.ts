import { analyse } from './analyse.ts'
import { allowedEdits, editDistance } from './edit-distance.ts'
import type { Query } from './query.ts'
import { tokenise, type Tokens } from './tokenise.ts'

/** A stretch of the original text, in UTF-16 offsets. */
export type Stretch = readonly [start: number, end: number]

/** Where a text answers a query: stretches in order, not overlapping. What stands under NOT or `name:` is not lit. */
export function highlight(text: string, query: Query): Stretch[] {
  const tokens = tokenise(text)
  const stretches: Stretch[] = []
  lightQuery(query, tokens, stretches)
  stretches.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const joined: Stretch[] = []
  for (const [start, end] of stretches) {
    const last = joined.at(-1)
    if (last && start <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], end)]
    else joined.push([start, end])
  }
  return joined
}

function lightQuery(query: Query, tokens: Tokens, stretches: Stretch[]): void {
  switch (query.kind) {
    case 'and':
    case 'or':
      for (const part of query.parts) lightQuery(part, tokens, stretches)
      return
    case 'word':
    case 'phrase':
      for (const sequence of analyse(query.text)) lightSequence(sequence, tokens, stretches)
      return
    case 'prefix': {
      const start = analyse(query.text)[0]?.[0]?.term ?? ''
      lightTerms((term) => term.startsWith(start), tokens, stretches)
      return
    }
    case 'fuzzy': {
      const asked = analyse(query.text)[0]?.[0]?.term ?? ''
      const most = allowedEdits(asked, query.distance)
      lightTerms((term) => editDistance(term, asked, most) <= most, tokens, stretches)
      return
    }
    default:
      return
  }
}

function lightTerms(matches: (term: string) => boolean, tokens: Tokens, stretches: Stretch[]): void {
  tokens.terms.forEach((term, i) => {
    if (matches(term)) stretches.push([tokens.starts[i]!, tokens.ends[i]!])
  })
}

function lightSequence(
  sequence: readonly { readonly term: string; readonly at: number }[],
  tokens: Tokens,
  stretches: Stretch[],
): void {
  const places = sequence.map((slot) => {
    const at = new Map<number, number>()
    tokens.terms.forEach((term, i) => {
      if (term === slot.term) at.set(tokens.positions[i]! - slot.at, i)
    })
    return at
  })
  for (const start of places[0]?.keys() ?? []) {
    const found = places.map((at) => at.get(start))
    if (found.every((token) => token !== undefined))
      for (const token of found) stretches.push([tokens.starts[token]!, tokens.ends[token]!])
  }
}
