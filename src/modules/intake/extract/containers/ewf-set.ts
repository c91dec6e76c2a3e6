import type { ExtractResult, Found, Notice, TextPart } from '../port.ts'
import { readEwfFile } from './ewf.ts'
import { Report } from './report.ts'
import { segmentOf, type SegmentSet } from './segment-sets.ts'

export interface SegmentFile {
  readonly name: string
  readonly path: string
}

/** What was read of one segment; of the first, also what an earlier joining made of it. */
export interface SegmentReading {
  readonly name: string
  readonly metadata: readonly Found[]
  readonly notices: readonly Pick<Notice, 'code' | 'words' | 'step'>[]
  readonly parts: readonly TextPart[]
}

/**
 * Reads the segments of one EWF image, in order, as the one item they are. The image is not unpacked and its hash
 * not recomputed.
 */
export function readSegmentSet(segments: readonly SegmentFile[]): ExtractResult {
  return joinSegments(
    'ewf',
    segments.map(({ name, path }) => ({ name, ...readEwfFile(path, name) })),
  )
}

/**
 * Joins what was read of an image's segments, in order, into what is known of the whole: case and medium of the
 * first, stored hashes of the last, and which segments are missing. Joining again changes nothing.
 */
export function joinSegments(kind: SegmentSet['kind'], segments: readonly SegmentReading[]): ExtractResult {
  const whole = new Report('disk-image', '1.0')
  const names = new Set(segments.map((segment) => segment.name))
  const seen = new Set<string>()
  const numbers: number[] = []
  let ended = kind === 'raw' // nothing in a raw image says which segment is the last
  for (const segment of segments) {
    const stated = segment.metadata.find((found) => found.name === 'ewf.segment')?.value
    numbers.push(Number(stated ?? segmentOf(segment.name)?.number))
    for (const found of segment.metadata) {
      if (found.name === 'ewf.lastSegment' || found.name === 'ewf.complete') ended ||= found.value === true
      else if (!OF_ONE.has(found.name)) keepFirst(found, seen, whole)
    }
    for (const part of segment.parts) keepText(part, segment.name, whole)
    for (const notice of segment.notices) keepNotice(notice, segment.name, names, whole)
  }
  whole.find('ewf.segment', numbers[0])
  whole.find('ewf.segments', numbers.length)
  judge(numbers, ended, whole)
  if (kind === 'raw') return whole.result()
  whole.find('ewf.complete', ended && missingOf(numbers).length === 0)
  return whole.result()
}

const OF_ONE: ReadonlySet<string> = new Set(['ewf.segment', 'ewf.segments'])

function keepFirst(found: Found, seen: Set<string>, whole: Report): void {
  if (seen.has(found.name)) return
  seen.add(found.name)
  whole.find(found.name, found.value, found.source)
}

function keepText(part: TextPart, name: string, whole: Report): void {
  const from = part.locator['segment'] ?? name
  if (from === name) whole.text(part.label, part.text, { ...part.locator, segment: name })
}

/** A notice of one segment names it; the whole's own are made anew. */
function keepNotice(
  { code, words, step }: SegmentReading['notices'][number],
  name: string,
  names: ReadonlySet<string>,
  whole: Report,
): void {
  const about = [...names].find((one) => words.startsWith(`${one}: `))
  if (code === 'incomplete-set' || (about !== undefined && about !== name)) return
  whole.notice(code, about === name ? words : `${name}: ${words}`, { step })
}

function missingOf(numbers: readonly number[]): number[] {
  const there = new Set(numbers)
  const last = Math.max(0, ...numbers)
  return Array.from({ length: Math.min(last, 100_000) }, (_, index) => index + 1).filter(
    (number) => !there.has(number),
  )
}

function judge(numbers: readonly number[], ended: boolean, whole: Report): void {
  const missing = missingOf(numbers)
  if (missing.length > 0) {
    const shown = missing.slice(0, 20).join(', ')
    whole.notice(
      'incomplete-set',
      `Of the image's segments ${shown}${missing.length > 20 ? ' and more' : ''} are missing.`,
      { step: 'open' },
    )
  }
  if (!ended)
    whole.notice(
      'incomplete-set',
      `The last segment of the image is missing; ${Math.max(0, ...numbers)} is not the last.`,
      { step: 'open' },
    )
  if (new Set(numbers).size < numbers.length)
    whole.notice('broken', 'Two files say they are the same segment.', { step: 'open' })
}
