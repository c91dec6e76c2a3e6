/**
 * The query language.
 *
 *     QUERY   = AND-part { OR AND-part }
 *     AND-part = PART { [AND] PART }            parts side by side are joined by AND
 *     PART    = [NOT | -] ( "(" QUERY ")" | FIELD ":" VALUE | PHRASE | WORD )
 *     WORD    = letters, with * at its end (beginning with) or ~ ~1 ~2 (one or two letters different)
 *     PHRASE  = "…" or «…» or “…”
 *     FIELD   = collection type language date classification state source name
 *
 * Operators are upper case; `,` `،` `;` `؛` and `؟` separate as a space does. To ask for the word OR itself, quote it.
 */
export const FIELDS = [
  'collection',
  'type',
  'language',
  'date',
  'classification',
  'state',
  'source',
  'name',
] as const
export type Field = (typeof FIELDS)[number]

export type Query =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Query[] }
  | { readonly kind: 'not'; readonly part: Query }
  | { readonly kind: 'word' | 'phrase'; readonly text: string }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'fuzzy'; readonly text: string; readonly distance: 1 | 2 }
  | { readonly kind: 'field'; readonly field: Exclude<Field, 'date' | 'name'>; readonly value: string }
  | { readonly kind: 'name'; readonly part: Query }
  | DateQuery

/** `written`: as it was typed; `firstDay`, `lastDay`: days since 1970-01-01, included; null where open. */
export interface DateQuery {
  readonly kind: 'date'
  readonly written: string
  readonly firstDay: number | null
  readonly lastDay: number | null
}

/** What is wrong with a query, where (UTF-16 offset and length), and what to do about it. */
export interface QueryError {
  readonly at: number
  readonly length: number
  readonly message: string
  readonly suggestion: string
}

/** Writes a query so that reading it gives the same query again. */
export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'and':
      return query.parts.map((part) => (isJoint(part) ? `(${printQuery(part)})` : printQuery(part))).join(' ')
    case 'or':
      return query.parts
        .map((part) => (isJoint(part) ? `(${printQuery(part)})` : printQuery(part)))
        .join(' OR ')
    case 'not':
      return `NOT ${isJoint(query.part) ? `(${printQuery(query.part)})` : printQuery(query.part)}`
    case 'word':
      return query.text
    case 'phrase':
      return `"${query.text}"`
    case 'prefix':
      return `${query.text}*`
    case 'fuzzy':
      return `${query.text}~${query.distance}`
    case 'field':
      return `${query.field}:${printValue(query.value)}`
    case 'name':
      return `name:${printQuery(query.part)}`
    case 'date':
      return `date:${query.written}`
  }
}

function isJoint(query: Query): boolean {
  return query.kind === 'and' || query.kind === 'or' || query.kind === 'not'
}

function printValue(value: string): string {
  return /^[\p{L}\p{N}_./+*-]+$/u.test(value) ? value : `"${value}"`
}
