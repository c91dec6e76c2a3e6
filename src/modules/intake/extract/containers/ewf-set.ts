import type { ExtractResult, Found, TextPart } from '../port.ts'
import { readEwfFile } from './ewf.ts'
import { Report } from './report.ts'

export interface SegmentFile {
  readonly name: string
  readonly path: string
}

/**
 * Reads the segments of one EWF image, in order, as the one item they are: case and medium of the first, stored
 * hashes of the last, and whether all are there. The image is not unpacked and its hash not recomputed.
 */
export function readSegmentSet(segments: readonly SegmentFile[]): ExtractResult {
  const whole = new Report('disk-image', '1.0')
  const seen = new Set<string>()
  const numbers: number[] = []
  let ended = false
  for (const segment of segments) {
    const one = readEwfFile(segment.path, segment.name)
    for (const found of one.metadata) {
      if (found.name === 'ewf.segment') numbers.push(Number(found.value))
      else if (found.name === 'ewf.lastSegment') ended ||= found.value === true
      else keepFirst(found, seen, whole)
    }
    for (const part of one.parts) keepText(part, segment, whole)
    for (const notice of one.notices) {
      if (notice.code !== 'incomplete-set')
        whole.notice(notice.code, `${segment.name}: ${notice.words}`, { step: notice.step })
    }
  }
  whole.find('ewf.segments', numbers.length)
  judge(numbers, ended, whole)
  return whole.result()
}

function keepFirst(found: Found, seen: Set<string>, whole: Report): void {
  if (seen.has(found.name)) return
  seen.add(found.name)
  whole.find(found.name, found.value, found.source)
}

function keepText(part: TextPart, segment: SegmentFile, whole: Report): void {
  whole.text(part.label, part.text, { ...part.locator, segment: segment.name })
}

function judge(numbers: readonly number[], ended: boolean, whole: Report): void {
  const last = Math.max(0, ...numbers)
  const there = new Set(numbers)
  const missing = Array.from({ length: Math.min(last, 100_000) }, (_, index) => index + 1).filter(
    (number) => !there.has(number),
  )
  whole.find('ewf.complete', missing.length === 0 && ended)
  if (missing.length > 0) {
    const shown = missing.slice(0, 20).join(', ')
    whole.notice(
      'incomplete-set',
      `Of the image's segments ${shown}${missing.length > 20 ? ' and more' : ''} are missing.`,
      { step: 'open' },
    )
  }
  if (!ended)
    whole.notice('incomplete-set', `The last segment of the image is missing; ${last} is not the last.`, {
      step: 'open',
    })
  if (there.size < numbers.length) {
    whole.notice('broken', 'Two files say they are the same segment.', { step: 'open' })
  }
}
