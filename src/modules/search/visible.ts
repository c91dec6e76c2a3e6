import type { Segment } from './segment.ts'

/**
 * What an actor may see, as identity says it: whole compartments, single subjects, and collections, which open
 * only what lies in an ordinary compartment. `everything`: the desk's own work.
 */
export interface Sight {
  readonly everything: boolean
  readonly compartments: readonly string[]
  readonly ordinary: readonly string[]
  readonly granted: readonly string[]
}

/** The documents of a segment that one actor may see and that are not removed, with what ranking needs of them. */
export interface Visible {
  readonly allows: Uint8Array
  readonly docs: number
  /** Sum of their lengths in words. */
  readonly words: number
}

const KEPT = 8
const kept = new WeakMap<Segment, Map<string, { goneCount: number; visible: Visible }>>()

/** The filter every question goes through; remembered for the last few actors. */
export function visibleIn(segment: Segment, sight: Sight, key: string): Visible {
  let known = kept.get(segment)
  if (!known) kept.set(segment, (known = new Map()))
  const before = known.get(key)
  if (before && before.goneCount === segment.goneCount) return before.visible
  const visible = computeVisible(segment, sight)
  known.delete(key)
  known.set(key, { goneCount: segment.goneCount, visible })
  for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest)
  return visible
}

/** A key that differs wherever two sights differ. */
export function keyOfSight(sight: Sight): string {
  const { everything, compartments, ordinary, granted } = sight
  return JSON.stringify([
    everything,
    [...compartments].sort(),
    [...granted].sort(),
    granted.length > 0 ? [...ordinary].sort() : [],
  ])
}

function computeVisible(segment: Segment, sight: Sight): Visible {
  const { columns } = segment.head
  const compartments = among(columns.compartments.values, sight.compartments)
  const ordinary = among(columns.compartments.values, sight.ordinary)
  const subjects = among(columns.subjects.values, sight.granted)
  const collections = among(columns.collections.values, sight.granted)
  const [compartmentOf, subjectOf, collectionOf] = [
    columns.compartments.of,
    columns.subjects.of,
    columns.collections.of,
  ]
  const allows = new Uint8Array(columns.docs)
  let docs = 0
  let words = 0
  for (let doc = 0; doc < columns.docs; doc++) {
    if (segment.gone[doc] === 1) continue
    const compartment = compartmentOf[doc] as number
    const seen =
      sight.everything ||
      compartments[compartment] === 1 ||
      subjects[subjectOf[doc] as number] === 1 ||
      (ordinary[compartment] === 1 && collections[collectionOf[doc] as number] === 1)
    if (!seen) continue
    allows[doc] = 1
    docs++
    words += columns.lengths[doc] as number
  }
  return { allows, docs, words }
}

function among(values: readonly string[], wanted: readonly string[]): Uint8Array {
  const set = new Set(wanted)
  return Uint8Array.from(values, (value) => (set.has(value) ? 1 : 0))
}
