import type { Field } from '../../text/query.ts'

/** Facets that are words: counted, filtered by equality. `date` and `name` are kept otherwise. */
export const TEXT_FACETS = [
  'collection',
  'type',
  'language',
  'classification',
  'state',
  'source',
] as const satisfies readonly Field[]
export type TextFacet = (typeof TEXT_FACETS)[number]

/** A passage as the index keeps it, without its words. */
export interface DocRow {
  readonly passageNo: number
  readonly subjectId: string
  readonly compartmentId: string
  readonly collectionId: string | null
  /** Days since 1970-01-01; null where the subject has no date. */
  readonly firstDay: number | null
  readonly lastDay: number | null
  readonly facets: Readonly<Record<TextFacet, string>>
  /** In words. */
  readonly length: number
}

/** Values of a column: each once, and which of them each document has. */
export interface Labels {
  readonly values: readonly string[]
  readonly of: Uint8Array | Uint16Array | Uint32Array
}

/** Everything known about a segment's documents but their words; loaded whole and kept. */
export interface Columns {
  readonly docs: number
  readonly passageNos: Float64Array
  readonly lengths: Uint32Array
  /** NO_DAY where there is none. */
  readonly firstDays: Int32Array
  readonly lastDays: Int32Array
  readonly subjects: Labels
  readonly compartments: Labels
  readonly collections: Labels
  readonly facets: Readonly<Record<TextFacet, Labels>>
}

export const NO_DAY = -0x80000000

export function makeColumns(rows: readonly DocRow[]): Columns {
  return {
    docs: rows.length,
    passageNos: Float64Array.from(rows, (row) => row.passageNo),
    lengths: Uint32Array.from(rows, (row) => row.length),
    firstDays: Int32Array.from(rows, (row) => row.firstDay ?? NO_DAY),
    lastDays: Int32Array.from(rows, (row) => row.lastDay ?? NO_DAY),
    subjects: label(rows, (row) => row.subjectId),
    compartments: label(rows, (row) => row.compartmentId),
    collections: label(rows, (row) => row.collectionId ?? ''),
    facets: eachFacet((facet) => label(rows, (row) => row.facets[facet])),
  }
}

/** The row of one document, as it was given. */
export function rowOf(columns: Columns, doc: number): DocRow {
  const day = (days: Int32Array): number | null => (days[doc] === NO_DAY ? null : (days[doc] ?? null))
  return {
    passageNo: columns.passageNos[doc] ?? 0,
    subjectId: valueOf(columns.subjects, doc),
    compartmentId: valueOf(columns.compartments, doc),
    collectionId: valueOf(columns.collections, doc) || null,
    firstDay: day(columns.firstDays),
    lastDay: day(columns.lastDays),
    facets: eachFacet((facet) => valueOf(columns.facets[facet], doc)),
    length: columns.lengths[doc] ?? 0,
  }
}

export function valueOf(labels: Labels, doc: number): string {
  return labels.values[labels.of[doc] ?? 0] ?? ''
}

export function eachFacet<T>(make: (facet: TextFacet) => T): Record<TextFacet, T> {
  return {
    collection: make('collection'),
    type: make('type'),
    language: make('language'),
    classification: make('classification'),
    state: make('state'),
    source: make('source'),
  }
}

function label(rows: readonly DocRow[], read: (row: DocRow) => string): Labels {
  const numbers = new Map<string, number>()
  const values: string[] = []
  const of = new Uint32Array(rows.length)
  rows.forEach((row, doc) => {
    const value = read(row)
    let number = numbers.get(value)
    if (number === undefined) {
      number = values.length
      numbers.set(value, number)
      values.push(value)
    }
    of[doc] = number
  })
  return { values, of: narrow(of, values.length) }
}

/** The narrowest array that holds the numbers: a million documents stay small in memory. */
export function narrow(of: Uint32Array, count: number): Labels['of'] {
  return count <= 0x100 ? Uint8Array.from(of) : count <= 0x10000 ? Uint16Array.from(of) : of
}
