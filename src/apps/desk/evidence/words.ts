import type {
  CLASSIFICATIONS,
  FAMILIES,
  ITEM_FLAGS,
  ITEM_SORTS,
  ITEM_STATES,
  PERMISSIONS,
} from '../../../contract/evidence-shapes.ts'

/**
 * The words of the contract again as values: the contract's own file would bring its schemas into the browser.
 * Their types are the contract's, so that a word it does not have does not compile.
 */
type Words<T extends readonly string[]> = readonly T[number][]

export const STATES: Words<typeof ITEM_STATES> = [
  'received',
  'quarantined',
  'registered',
  'processed',
  'reviewable',
  'returned',
  'disposed',
]
export const CLASSES: Words<typeof CLASSIFICATIONS> = [
  'public',
  'internal',
  'confidential',
  'strictly-confidential',
]
export const FLAGS: Words<typeof ITEM_FLAGS> = [
  'graphic',
  'child',
  'sexual-violence',
  'privileged',
  'exculpatory',
]
export const SORTS: Words<typeof ITEM_SORTS> = ['received', 'registered', 'name', 'size', 'type']
export const FAMILY_WORDS: Words<typeof FAMILIES> = [
  'document',
  'sheet',
  'slides',
  'text',
  'chat',
  'ebook',
  'mail',
  'archive',
  'web',
  'image',
  'audio',
  'video',
  'disk',
  'data',
  'font',
  'program',
  'empty',
  'unknown',
]

export const PERMISSION_WORDS: Words<typeof PERMISSIONS> = [
  'unknown',
  'given',
  'restricted',
  'refused',
  'withdrawn',
]
export const SOURCE_KINDS = ['person', 'organisation', 'open-source', 'device', 'other'] as const

/** The word of a list that somebody chose; null for none of them. */
export function oneOf<T extends string>(words: readonly T[], chosen: unknown): T | null {
  return words.find((word) => word === chosen) ?? null
}
