import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { liveIndex } from './live.ts'
import { mergeSegments } from './merge.ts'
import type { Segment } from './segment.ts'
import * as store from './store.ts'

/** Segments whose sizes lie within this factor are of one tier; a full tier is merged into one of the next. */
const TIER_FACTOR = 8
const FULL_TIER = 8
const MOST_AT_ONCE = 512
/** A segment this large is merged no more: longer ones would make merges and pauses longer. */
export const LARGEST_SEGMENT = 200_000
const GONE_SHARE = 0.25

/**
 * Merges small segments into larger ones until none need it, and rewrites those that hold many removed passages.
 * Asking goes on meanwhile. One merge at a time on all machines; returns how many were done here.
 */
export async function mergeWhenNeeded(desk: Desk): Promise<number> {
  let merges = 0
  while (!desk.signal.aborted && (await mergeOnce(desk))) merges++
  return merges
}

async function mergeOnce(desk: Desk): Promise<boolean> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    if (!(await store.tryLockReplacing(tx.sql))) return false
    const chosen = chooseSegments(await liveIndex(desk.db).refresh())
    if (chosen.length === 0) return false
    await replaceSegments(tx.sql, chosen, await mergeSegments(chosen))
    return true
  })
}

/** Puts a merged segment in the place of its sources; what was gone in them is forgotten. */
export async function replaceSegments(
  db: Parameters<typeof store.addSegment>[0],
  sources: readonly Segment[],
  merged: Parameters<typeof store.addSegment>[1] | null,
): Promise<void> {
  const gone = sources.flatMap(({ gone: marks, head }) =>
    Array.from(head.columns.passageNos).filter((_, doc) => marks[doc] === 1),
  )
  await store.deleteSegments(
    db,
    sources.map((segment) => segment.id),
  )
  if (merged) await store.addSegment(db, merged)
  await store.deleteGone(db, gone)
}

/** The fullest of the lowest tiers, or else one segment with too much removed. */
export function chooseSegments(segments: readonly Segment[]): Segment[] {
  const tiers = new Map<number, Segment[]>()
  for (const segment of segments) {
    const tier = Math.floor(Math.log(segment.head.columns.docs) / Math.log(TIER_FACTOR))
    tiers.set(tier, [...(tiers.get(tier) ?? []), segment])
  }
  for (const tier of [...tiers.keys()].sort((a, b) => a - b)) {
    const chosen = takeUpTo(tiers.get(tier) ?? [], LARGEST_SEGMENT)
    if (chosen.length >= FULL_TIER) return chosen
  }
  const wasteful = segments.find((segment) => segment.goneCount > segment.head.columns.docs * GONE_SHARE)
  return wasteful ? [wasteful] : []
}

function takeUpTo(segments: readonly Segment[], docs: number): Segment[] {
  const oldestFirst = [...segments].sort((a, b) => a.id - b.id).slice(0, MOST_AT_ONCE)
  let sum = 0
  return oldestFirst.filter((segment) => (sum += segment.head.columns.docs) <= docs)
}
