/**
 * A stretch of a text, small enough to be shown and ranked as one answer.
 *
 * `start`, `end`: UTF-16 offsets in the whole text; `text` is exactly that stretch. `label`: where it stands,
 * as its part says it: `page 3`, `sheet Budget`; empty where the part has none.
 */
export interface Passage {
  readonly label: string
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A part of a document with a name of its own: a page, a sheet, a message. */
export interface LabelledPart {
  readonly label: string
  readonly text: string
}

/** No passage is longer, in UTF-16 units. */
export const LONGEST_PASSAGE = 1_600
const AIM = 1_100

const PARAGRAPH = /\n[ \t\r]*\n\s*/gu
const LINE = /\n\s*/gu
const SENTENCE = /[.!?؟۔။。！？…]+["»”’)]*\s+|[。！？]/gu
const SPACE = /\s+/gu

/**
 * Cuts parts into passages at the largest break that fits: paragraph, line, sentence, word, and only for a
 * run without any of them in the middle of one, never inside a surrogate pair. Offsets run on over parts as if
 * the parts were one text joined by single line breaks. White space alone gives no passage.
 */
export function splitPassages(parts: readonly LabelledPart[]): Passage[] {
  const passages: Passage[] = []
  let base = 0
  for (const part of parts) {
    for (const [start, end] of cut(part.text))
      passages.push({
        label: part.label,
        start: base + start,
        end: base + end,
        text: part.text.slice(start, end),
      })
    base += part.text.length + 1
  }
  return passages
}

function cut(text: string): [number, number][] {
  const stretches: [number, number][] = []
  let start = skipSpace(text, 0)
  while (start < text.length) {
    const end = text.length - start <= LONGEST_PASSAGE ? text.length : findBreak(text, start)
    const trimmed = start + text.slice(start, end).trimEnd().length
    if (trimmed > start) stretches.push([start, trimmed])
    start = skipSpace(text, end)
  }
  return stretches
}

function skipSpace(text: string, from: number): number {
  const spaces = /\s*/uy
  spaces.lastIndex = from
  spaces.test(text)
  return spaces.lastIndex
}

/** The end of a passage that starts at `start`: the last good break before the limit, best kind first. */
function findBreak(text: string, start: number): number {
  const window = text.slice(start, start + LONGEST_PASSAGE)
  for (const [kind, least] of [
    [PARAGRAPH, AIM / 4],
    [LINE, AIM / 2],
    [SENTENCE, AIM / 2],
    [SPACE, 1],
  ] as const) {
    const found = lastBreak(window, kind, least)
    if (found > 0) return start + found
  }
  const unit = text.charCodeAt(start + LONGEST_PASSAGE - 1)
  return start + LONGEST_PASSAGE - (unit >= 0xd800 && unit <= 0xdbff ? 1 : 0)
}

/** The break nearest below the aim, or else the first one above it. */
function lastBreak(window: string, kind: RegExp, least: number): number {
  let best = 0
  for (const match of window.matchAll(kind)) {
    const end = match.index + match[0].length
    if (end < least) continue
    if (end > AIM && best > 0) break
    best = end
    if (end > AIM) break
  }
  return best
}
