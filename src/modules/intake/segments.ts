import type { Tx } from '../../platform/tx.ts'
import { joinSegmentItems } from '../evidence/join-segments.ts'
import { recordReadings } from '../evidence/record-reading.ts'
import { joinSegments, type SegmentReading } from './extract/containers/ewf-set.ts'
import { groupSegments, segmentOf, type SegmentSet } from './extract/containers/segment-sets.ts'
import type { Found, Notice } from './extract/port.ts'
import { givenPath } from './paths.ts'

/** A later file of a raw image is none of these: `report.002` may be a report. */
const READABLE: ReadonlySet<string> = new Set([
  'document',
  'sheet',
  'slides',
  'text',
  'chat',
  'mail',
  'image',
  'web',
])
/** Disk images of more files than this stay as they came. */
const MOST_SEGMENTS = 20_000

interface Row {
  readonly id: string
  readonly path: string
  readonly parent_id: string | null
  readonly media_type: string
  readonly format: string
  readonly family: string
  readonly language: string | null
}

/**
 * Which of some files continue an image, by their names: those are not registered before their first file is there.
 * `.EAA` and the like do only where the batch has the `.E99` before them.
 */
export async function laterSegments(
  tx: Tx,
  batchId: string,
  files: readonly { readonly id: string; readonly path: string }[],
): Promise<ReadonlySet<string>> {
  const numbered = files.map(({ id, path }) => ({ id, path, number: segmentOf(lastStep(path))?.number ?? 1 }))
  const later = new Set(numbered.flatMap(({ id, number }) => (number > 1 && number < 100 ? [id] : [])))
  const lettered = numbered.filter(({ number }) => number >= 100)
  if (lettered.length === 0) return later
  const rows = await tx.sql
    .selectFrom('intake.batch_file')
    .select('path_digest')
    .where('batch_id', '=', batchId)
    .where(
      'path_digest',
      'in',
      lettered.flatMap(({ path }) => before(path)),
    )
    .execute()
  const there = new Set(rows.map((row) => row.path_digest.toString('hex')))
  for (const { id, path } of lettered)
    if (before(path).some((digest) => there.has(digest.toString('hex')))) later.add(id)
  return later
}

function before(path: string): Buffer[] {
  const stem = path.slice(0, path.lastIndexOf('.'))
  return LAST_NUMBERED.map((end) => givenPath(stem + end).digest)
}

const LAST_NUMBERED = ['.E99', '.e99', '.L99', '.l99', '.s99', '.Ex99', '.Lx99'] as const

/**
 * Makes the disk images of a batch that came in several files one item each, once all files are read: what is known
 * of the whole stands with the first file, the others lie below it. Done again, it adds what came later.
 */
export async function joinSegmentSets(tx: Tx, batchId: string): Promise<void> {
  const rows = await candidates(tx, batchId)
  const folders = Map.groupBy(rows, (row) => row.path.slice(0, -lastStep(row.path).length))
  for (const inFolder of folders.values()) {
    const byName = new Map(inFolder.map((row) => [lastStep(row.path), row]))
    for (const set of groupSegments([...byName.keys()])) await joinSet(tx, set, byName)
  }
}

async function joinSet(tx: Tx, set: SegmentSet, byName: ReadonlyMap<string, Row>): Promise<void> {
  const files = set.names.flatMap((name) => {
    const row = byName.get(name)
    return row ? [{ name, row, number: segmentOf(name)?.number ?? 1 }] : []
  })
  const [head, ...others] = files
  // Without its first file, later ones of an image that stands already find no place.
  if (!head || head.row.parent_id !== null || others.length === 0 || files.length > MOST_SEGMENTS) return
  if (set.kind === 'raw' && others.some(({ row }) => READABLE.has(row.family))) return
  const top = head.row.id
  await joinSegmentItems(
    tx,
    top,
    others.flatMap(({ row, number }) =>
      row.parent_id === null && row.id !== top ? [{ id: row.id, number }] : [],
    ),
  )
  const below = others.filter(({ row }) => row.id !== top)
  const readings: SegmentReading[] = []
  for (const { name, row } of [head, ...below]) readings.push(await readingOf(tx, name, row))
  const { metadata, notices, parts, outcome } = joinSegments(set.kind, readings)
  const { media_type: mediaType, format, family, language } = head.row
  await recordReadings(tx, [
    {
      itemId: top,
      mediaType,
      format,
      family,
      language,
      outcome,
      notices,
      found: metadata.map(({ name, value, source }) => ({ name, value, saidBy: source })),
      parts: parts.map(({ label, text, locator }) => ({ label, text, locator, needsOcr: false, language })),
    },
  ])
}

/** What a batch brought or met under names of segments, by the path it came under. */
async function candidates(tx: Tx, batchId: string): Promise<Row[]> {
  const numbered = await filesNamed(tx, batchId, String.raw`\.([els]x?[0-9]{2}|[0-9]{3})$`)
  if (!numbered.some((row) => row.path.endsWith('99'))) return numbered
  const lettered = await filesNamed(tx, batchId, String.raw`\.[e-z][a-z]{2}$`)
  return [...numbered, ...lettered]
}

function filesNamed(tx: Tx, batchId: string, pattern: string): Promise<Row[]> {
  return tx.sql
    .selectFrom('intake.batch_file as f')
    .innerJoin('evidence.item as i', 'i.id', 'f.item_id')
    .select(['i.id', 'f.path', 'i.parent_id', 'i.media_type', 'i.format', 'i.family', 'i.language'])
    .where('f.batch_id', '=', batchId)
    .where('i.state', 'not in', ['returned', 'disposed'])
    .where('i.reading', 'is not', null)
    .where('f.path', '~*', pattern)
    .execute()
}

async function readingOf(tx: Tx, name: string, row: Row): Promise<SegmentReading> {
  const parts = await tx.sql
    .selectFrom('evidence.text_part')
    .select(['label', 'text', 'locator'])
    .where('item_id', '=', row.id)
    .orderBy('part')
    .execute()
  const reading = await tx.sql
    .selectFrom('evidence.reading')
    .select(['found', 'notices'])
    .where('item_id', '=', row.id)
    .executeTakeFirstOrThrow()
  const found = reading.found as { name: string; value: Found['value']; saidBy: string }[]
  return {
    name,
    metadata: found.map(({ saidBy, ...one }) => ({ ...one, source: saidBy })),
    notices: reading.notices as unknown as Notice[],
    parts: parts.map((part) => ({ ...part, locator: part.locator as Record<string, string> })),
  }
}

function lastStep(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
