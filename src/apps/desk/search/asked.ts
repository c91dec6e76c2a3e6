import { useSyncExternalStore } from 'react'
import type { SORTS } from '../../../contract/search.ts'

export type Sort = (typeof SORTS)[number]
export const SORT_WORDS: readonly Sort[] = ['relevance', 'newest', 'oldest']

/** What this person asked last. */
export interface Asked {
  readonly query: string
  readonly sort: Sort
  /** Counts up with each asking, so that the same words can be asked again on purpose. */
  readonly turn: number
}

const listeners = new Set<() => void>()
let asked: Asked = { query: '', sort: 'relevance', turn: 0 }

/** In memory only: queries name witnesses, and addresses end up in histories. */
export function ask(query: string, sort: Sort = asked.sort): void {
  asked = { query: query.trim(), sort, turn: asked.turn + 1 }
  for (const tell of listeners) tell()
}

export function useAsked(): Asked {
  return useSyncExternalStore(subscribe, () => asked)
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}
