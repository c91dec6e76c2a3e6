import { kindOf, SINGLE } from './letters.ts'
import { tokenise, type Tokens } from './tokenise.ts'

/** Terms at their distance from the first: what a text must hold, in order and side by side. */
export type Sequence = readonly { readonly term: string; readonly at: number }[]

/**
 * What a written word or phrase asks of the index: any one of these sequences. A compound is asked both in
 * parts and joined, because the other writer may have joined what this one set apart. Empty: no word in it.
 */
export function analyse(written: string): Sequence[] {
  const tokens = tokenise(written)
  if (tokens.length === 0) return []
  const apart = sequenceOf(tokens, false)
  const joined = sequenceOf(tokens, true)
  const same = apart.length === joined.length && apart.every((slot, i) => slot.term === joined[i]!.term)
  return same ? [apart] : [joined, apart]
}

/**
 * Walks the tokens once: of several terms at one place the longest stretch (`joined`) or the shortest is
 * taken. Han is always asked in pairs, which say more than single characters.
 */
function sequenceOf(tokens: Tokens, joined: boolean): { term: string; at: number }[] {
  const slots: { term: string; at: number }[] = []
  let place = 0
  let next = 0
  for (let position = 0; position < tokens.length; position++) {
    if (position < next) continue
    const { term, width, isSingle } = pick(tokens, position, joined)
    slots.push({ term, at: place })
    place += isSingle ? width : 1
    next = position + width
  }
  return slots
}

interface Picked {
  readonly term: string
  readonly width: number
  readonly isSingle: boolean
}

function pick(tokens: Tokens, position: number, joined: boolean): Picked {
  const here: number[] = []
  for (let token = 0; token < tokens.terms.length; token++)
    if (tokens.positions[token] === position) here.push(token)
  const span = (token: number): number => tokens.ends[token]! - tokens.starts[token]!
  const widths = here.map((token) => ({ token, width: positionsUnder(tokens, token, position) }))
  const longest = widths.reduce((best, one) => (span(one.token) > span(best.token) ? one : best))
  const shortest = widths.reduce((best, one) => (one.width < best.width ? one : best))
  const isSingle = kindOf(tokens.terms[shortest.token]!.charCodeAt(0)) === SINGLE
  const chosen = joined || isSingle ? longest : shortest
  return { term: tokens.terms[chosen.token]!, width: chosen.width, isSingle }
}

/** How many positions the stretch of a token covers. */
function positionsUnder(tokens: Tokens, token: number, position: number): number {
  let last = position
  for (let other = 0; other < tokens.terms.length; other++)
    if (tokens.starts[other]! >= tokens.starts[token]! && tokens.ends[other]! <= tokens.ends[token]!)
      last = Math.max(last, tokens.positions[other]!)
  return last - position + 1
}
