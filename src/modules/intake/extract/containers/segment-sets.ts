/** A disk image that lies in several files and is one item. */
export interface SegmentSet {
  readonly kind: 'ewf' | 'ewf2' | 'ewf-logical' | 'smart' | 'raw'
  /** The names in order, as given. */
  readonly names: readonly string[]
  /** Numbers that should be there between the first and the last and are not, and 1 where the set does not begin with it. */
  readonly missing: readonly number[]
}

interface Segment {
  readonly key: string
  readonly kind: SegmentSet['kind']
  readonly number: number
}

const KINDS: Readonly<Record<string, SegmentSet['kind']>> = {
  e: 'ewf',
  l: 'ewf-logical',
  s: 'smart',
  ex: 'ewf2',
  lx: 'ewf2',
}

/**
 * Groups the file names of one folder into segment sets: E01…E99, EAA…EZZ, FAA…; Ex01…; L01…; s01…; raw 001….
 * Names that belong to no set of two or more, and are no image by their extension, are left out.
 */
export function groupSegments(names: readonly string[]): SegmentSet[] {
  const sets = new Map<string, { name: string; segment: Segment }[]>()
  for (const name of names) {
    const segment = segmentOf(name)
    if (!segment) continue
    const set = sets.get(segment.key) ?? []
    set.push({ name, segment })
    sets.set(segment.key, set)
  }
  return [...sets.values()].flatMap((all) => {
    // Letters follow 99: without it, '.exe' or '.lnk' is no segment.
    const lettered = all.some((one) => one.segment.number === 99)
    const set = all.filter((one) => lettered || one.segment.kind === 'raw' || one.segment.number < 100)
    set.sort((a, b) => a.segment.number - b.segment.number)
    const first = set[0]?.segment
    if (!first || (first.kind === 'raw' && (set.length < 2 || first.number > 1))) return []
    const numbers = new Set(set.map((one) => one.segment.number))
    const last = set.at(-1)?.segment.number ?? 0
    const missing: number[] = []
    for (let number = 1; number < last && missing.length < 10_000; number++)
      if (!numbers.has(number)) missing.push(number)
    return [{ kind: first.kind, names: set.map((one) => one.name), missing }]
  })
}

/** The place of one file in its set; undefined where the name is of no set. */
export function segmentOf(name: string): Segment | undefined {
  const match = /^(.*)\.((?:([els])(x?))([0-9]{2}|[a-z]{2})|([f-z])([a-z]{2})|([0-9]{3}))$/i.exec(name)
  if (!match) return undefined
  const [, stem = '', , letter, x, digits, later, laterLetters, raw] = match
  if (raw !== undefined)
    return Number(raw) > 0 ? { key: `raw:${stem}`, kind: 'raw', number: Number(raw) } : undefined
  const family =
    (letter ?? (later !== undefined && later.toLowerCase() < 'l' ? 'e' : 'l')).toLowerCase() +
    (x ?? '').toLowerCase()
  const kind = KINDS[family]
  if (!kind) return undefined
  const number =
    digits !== undefined
      ? numberOf(family, family, digits)
      : numberOf(family, later ?? '', laterLetters ?? '')
  return number === undefined || number < 1 ? undefined : { key: `${family}:${stem}`, kind, number }
}

/** E01…E99 are 1…99; then EAA, EAB … EZZ, FAA … each 676. */
function numberOf(family: string, prefix: string, tail: string): number | undefined {
  if (/^[0-9]{2}$/.test(tail)) return Number(tail)
  const [high = 0, low = 0] = [...tail.toLowerCase()].map((letter) => letter.charCodeAt(0) - 97)
  const rounds = prefix.toLowerCase().charCodeAt(0) - family.charCodeAt(0)
  return rounds < 0 ? undefined : 100 + rounds * 676 + high * 26 + low
}
