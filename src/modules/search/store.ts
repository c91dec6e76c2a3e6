import { sql, type Kysely, type Transaction } from 'kysely'
import type { Database } from '../../platform/database.ts'
import type { SegmentBytes } from './segment-writer.ts'
import type { Sight } from './visible.ts'

type Sql = Kysely<Database> | Transaction<Database>

/** A body up to this size lies in its segment's row; a longer one in parts. */
const INLINE_BYTES = 256 * 1024
export const PART_BYTES = 64 * 1024
const PARTS_AT_ONCE = 64

/** Held by whatever replaces segments: merges, rebuilds, erasure. */
const REPLACING = 7_301_001

export interface SubjectRow {
  readonly subjectId: string
  readonly subjectType: string
  readonly compartmentId: string
  readonly collectionId: string | null
  readonly name: string
  readonly facets: unknown
  readonly firstDay: number | null
  readonly lastDay: number | null
}

export interface PassageRow {
  readonly passageNo: number
  readonly label: string
  readonly start: number
  readonly end: number
  readonly body: string
}

export async function takePassageNos(db: Sql, count: number): Promise<number[]> {
  const answer = await sql<{ no: number }>`
    select nextval('search.passage_no') as no from generate_series(1, ${count})`.execute(db)
  return answer.rows.map((row) => row.no)
}

export async function putSubjects(
  db: Sql,
  subjects: readonly SubjectRow[],
  passages: readonly (PassageRow & { readonly subjectId: string })[],
): Promise<void> {
  await sql`select search.put(${subjects.map((one) => one.subjectId)}::uuid[],
    ${subjects.map((one) => one.subjectType)}::text[], ${subjects.map((one) => one.compartmentId)}::uuid[],
    ${subjects.map((one) => one.collectionId)}::uuid[], ${subjects.map((one) => one.name)}::text[],
    ${subjects.map((one) => JSON.stringify(one.facets))}::jsonb[],
    ${subjects.map((one) => one.firstDay)}::integer[], ${subjects.map((one) => one.lastDay)}::integer[],
    ${passages.map((one) => one.subjectId)}::uuid[], ${passages.map((one) => one.passageNo)}::bigint[],
    ${passages.map((one) => one.label)}::text[], ${passages.map((one) => one.start)}::integer[],
    ${passages.map((one) => one.end)}::integer[], ${passages.map((one) => one.body)}::text[])`.execute(db)
}

/** Removes subjects and their passages; how many passages. */
export async function removeSubjects(db: Sql, subjectIds: readonly string[]): Promise<number> {
  const answer = await sql<{ removed: number }>`
    select search.remove(${subjectIds}::uuid[]) as removed`.execute(db)
  return answer.rows[0]?.removed ?? 0
}

export async function addSegment(db: Sql, segment: SegmentBytes): Promise<number> {
  const inline = segment.body.length <= INLINE_BYTES
  const answer = await sql<{ id: number }>`
    insert into search.segment (docs, body_bytes, head, body)
    values (${segment.docs}, ${segment.body.length}, ${Buffer.from(segment.head)},
      ${inline ? Buffer.from(segment.body) : null}) returning segment_id as id`.execute(db)
  const id = answer.rows[0]?.id
  if (id === undefined) throw new Error('a segment was stored without a number')
  const count = inline ? 0 : Math.ceil(segment.body.length / PART_BYTES)
  for (let from = 0; from < count; from += PARTS_AT_ONCE) {
    const nos = Array.from({ length: Math.min(PARTS_AT_ONCE, count - from) }, (_, i) => from + i)
    const parts = nos.map((no) => Buffer.from(segment.body.subarray(no * PART_BYTES, (no + 1) * PART_BYTES)))
    await sql`insert into search.segment_part (segment_id, part_no, bytes)
      select ${id}::bigint, no, bytes from unnest(${nos}::integer[], ${parts}::bytea[]) as t (no, bytes)`.execute(
      db,
    )
  }
  return id
}

export async function deleteSegments(db: Sql, ids: readonly number[]): Promise<void> {
  await sql`delete from search.segment where segment_id = any (${ids}::bigint[])`.execute(db)
}

/** Forgets removed passages that no segment holds any more. */
export async function deleteGone(db: Sql, passageNos: readonly number[]): Promise<void> {
  await sql`delete from search.gone where passage_no = any (${passageNos}::bigint[])`.execute(db)
}

export interface Changes {
  /** Every segment there is. */
  readonly live: readonly number[]
  /** Passages removed by transactions that may not have been seen at `since`. */
  readonly gone: readonly number[]
  /** To be given as `since` next time. */
  readonly until: string
}

/** One statement, so one state: what is live and what was removed since. */
export async function readChanges(db: Sql, since: string): Promise<Changes> {
  const answer = await sql<{ live: string[]; gone: string[]; until: string }>`
    select array(select segment_id::text from search.segment order by segment_id) as live,
      array(select passage_no::text from search.gone where xid >= ${since}::xid8) as gone,
      pg_snapshot_xmin(pg_current_snapshot())::text as until`.execute(db)
  const [row] = answer.rows
  if (!row) throw new Error('the database gave no state of the index')
  return { live: row.live.map(Number), gone: row.gone.map(Number), until: row.until }
}

export async function readHeads(
  db: Sql,
  ids: readonly number[],
): Promise<{ id: number; head: Buffer; body: Buffer | null }[]> {
  const answer = await sql<{ id: number; head: string; body: string | null }>`
    select segment_id as id, encode(head, 'base64') as head, encode(body, 'base64') as body
    from search.segment where segment_id = any (${ids}::bigint[])`.execute(db)
  return answer.rows.map(({ id, head, body }) => ({
    id,
    head: Buffer.from(head, 'base64'),
    body: body === null ? null : Buffer.from(body, 'base64'),
  }))
}

export async function readParts(
  db: Sql,
  wanted: readonly { readonly segment: number; readonly part: number }[],
): Promise<{ segment: number; part: number; bytes: Buffer }[]> {
  // The driver takes bytes as hexadecimal text, which costs half as much again as base64.
  const answer = await sql<{ segment: number; part: number; bytes: string }>`
    select p.segment_id as segment, p.part_no as part, encode(p.bytes, 'base64') as bytes
    from unnest(${wanted.map((one) => one.segment)}::bigint[], ${wanted.map((one) => one.part)}::integer[]) as w (segment, part)
    join search.segment_part p on p.segment_id = w.segment and p.part_no = w.part`.execute(db)
  return answer.rows.map(({ segment, part, bytes }) => ({
    segment,
    part,
    bytes: Buffer.from(bytes, 'base64'),
  }))
}

/** What the actor of the transaction may see. */
export async function readSight(db: Sql): Promise<Sight> {
  const answer = await sql<Sight>`select identity.is_system() as everything,
    identity.visible_compartments()::text[] as compartments,
    identity.ordinary_compartments()::text[] as ordinary, identity.granted_subjects()::text[] as granted`.execute(
    db,
  )
  const [row] = answer.rows
  if (!row) throw new Error('identity gave no sight')
  return row
}

export interface FoundPassage extends PassageRow {
  readonly subjectId: string
  readonly subjectType: string
  readonly name: string
  readonly facets: Readonly<Record<string, string>>
  readonly firstDay: number | null
  readonly lastDay: number | null
}

/** Passages by number, under row-level security. */
export async function readPassages(
  db: Sql,
  passageNos: readonly number[],
): Promise<Map<number, FoundPassage>> {
  const answer = await sql<FoundPassage>`
    select p.passage_no as "passageNo", p.subject_id as "subjectId", s.subject_type as "subjectType", s.name, s.facets,
      s.first_day as "firstDay", s.last_day as "lastDay",
      p.label, p.start_at as "start", p.end_at as "end", p.body
    from search.passage p join search.subject s using (subject_id)
    where p.passage_no = any (${passageNos}::bigint[])`.execute(db)
  return new Map(answer.rows.map((row) => [row.passageNo, row]))
}

/** Of some numbers, those that exist, whoever may see them. */
export async function existingPassages(db: Sql, passageNos: readonly number[]): Promise<number[]> {
  const answer = await sql<{ nos: string[] }>`
    select search.existing(${passageNos}::bigint[])::text[] as nos`.execute(db)
  return (answer.rows[0]?.nos ?? []).map(Number)
}

export interface StoredPassage extends FoundPassage {
  readonly compartmentId: string
  readonly collectionId: string | null
}

/** The next passages in the order of their numbers, for a rebuild. */
export async function readPassagesAfter(db: Sql, after: number, limit: number): Promise<StoredPassage[]> {
  const answer = await sql<StoredPassage>`
    select p.passage_no as "passageNo", p.subject_id as "subjectId", s.subject_type as "subjectType", s.name, s.facets,
      s.first_day as "firstDay", s.last_day as "lastDay",
      p.compartment_id as "compartmentId", p.collection_id as "collectionId",
      p.label, p.start_at as "start", p.end_at as "end", p.body
    from search.passage p join search.subject s using (subject_id)
    where p.passage_no > ${after} order by p.passage_no limit ${limit}`.execute(db)
  return answer.rows
}

/** Waits until nobody else replaces segments; holds until the transaction ends. */
export async function lockReplacing(db: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(${REPLACING})`.execute(db)
}

/** As `lockReplacing`, without waiting: false where somebody else does. */
export async function tryLockReplacing(db: Sql): Promise<boolean> {
  const answer = await sql<{ got: boolean }>`select pg_try_advisory_xact_lock(${REPLACING}) as got`.execute(
    db,
  )
  return answer.rows[0]?.got === true
}

export async function rewriteFiles(db: Sql): Promise<void> {
  await sql`select search.rewrite_files()`.execute(db)
}
