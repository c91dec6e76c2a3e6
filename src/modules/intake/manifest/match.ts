import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { IntakeManifestRow } from '../../../platform/database.ts'
import type { Tx } from '../../../platform/tx.ts'
import type { SealedBlob } from '../../vault/blob.ts'
import { openBlob } from '../../vault/open.ts'
import type { FileRecord } from '../policy.ts'
import { lastStep, pathKey } from './row.ts'

type RowRecord = Selectable<IntakeManifestRow>

/** What a manifest says of one file, and whether the file agrees. */
export interface Matched {
  readonly outcome: 'matched' | 'unhashed' | 'mismatch'
  /** The manifest's name and the entry of its arrival. */
  readonly manifest: string
  readonly entryId: string
  readonly fields: Readonly<Record<string, string>>
  readonly custody: Readonly<Record<string, string | string[]>>
  readonly algorithm: string | null
  readonly stated: string | null
  readonly computed: string | null
}

/** A file as matching needs it; what was not computed on the way in is computed when a row states it. */
export interface Comparable {
  readonly file: Pick<FileRecord, 'id' | 'path' | 'path_bytes'>
  readonly blob: Pick<SealedBlob, 'address' | 'sha256' | 'sha1' | 'md5'>
}

/** Which digests beside SHA-256 the rows of a batch's manifest state. */
export async function statedDigests(tx: Tx, batchId: string): Promise<('sha1' | 'md5')[]> {
  const found = await tx.sql
    .selectFrom('intake.manifest_row')
    .select((at) => [at.fn.count<number>('sha1').as('sha1'), at.fn.count<number>('md5').as('md5')])
    .where('batch_id', '=', batchId)
    .executeTakeFirst()
  return (['sha1', 'md5'] as const).filter((name) => (found?.[name] ?? 0) > 0)
}

/**
 * Finds each file's row in the batch's manifest and compares the strongest digest that the row states. Records the
 * outcome with the row. Empty where the batch has no manifest.
 */
export async function matchFiles(
  tx: Tx,
  batchId: string,
  files: readonly Comparable[],
): Promise<Map<string, Matched>> {
  const matches = new Map<string, Matched>()
  const manifest = await tx.sql
    .selectFrom('intake.manifest')
    .select(['name', 'entry_id'])
    .where('batch_id', '=', batchId)
    .executeTakeFirst()
  if (!manifest || files.length === 0) return matches
  const rows = await findRows(tx, batchId, files)
  for (const file of files) {
    const row = rows.get(file.file.id)
    if (!row) continue
    const compared = await compare(tx, row, file)
    matches.set(file.file.id, {
      ...compared,
      manifest: manifest.name,
      entryId: manifest.entry_id,
      fields: row.fields as Record<string, string>,
      custody: row.custody as Record<string, string | string[]>,
    })
    await tx.sql
      .updateTable('intake.manifest_row')
      .set({
        file_id: file.file.id,
        outcome: compared.outcome,
        algorithm: compared.algorithm,
        computed: compared.computed,
      })
      .where('batch_id', '=', batchId)
      .where('row', '=', row.row)
      .execute()
  }
  return matches
}

/**
 * A provider's root and ours differ: a file's path ends with a row's, or a row's with the file's. The longest row
 * wins; a row serves one file.
 */
async function findRows(
  tx: Tx,
  batchId: string,
  files: readonly Comparable[],
): Promise<Map<string, RowRecord>> {
  const keys = new Map(
    files.map(({ file }) => [file.id, pathKey(file.path_bytes?.toString('utf8') ?? file.path)]),
  )
  const suffixes = [...new Set([...keys.values()].flatMap(suffixesOf))]
  const names = [...new Set([...keys.values()].map(lastStep))]
  const byPath = await rowsWhere(tx, batchId, 'path_key', suffixes)
  const byName = await rowsWhere(tx, batchId, 'name_key', names)
  const taken = new Set<number>()
  const found = new Map<string, RowRecord>()
  for (const [id, key] of keys) {
    const fits = (row: RowRecord): boolean =>
      !taken.has(row.row) &&
      (row.file_id === null || row.file_id === id) &&
      (endsWith(key, row.path_key) || endsWith(row.path_key, key))
    const best = [...byPath, ...byName]
      .filter(fits)
      .toSorted((a, b) => closeness(key, b) - closeness(key, a))[0]
    if (!best) continue
    taken.add(best.row)
    found.set(id, best)
  }
  return found
}

function endsWith(whole: string, end: string): boolean {
  return whole === end || whole.endsWith(`/${end}`)
}

function closeness(key: string, row: RowRecord): number {
  return row.path_key === key ? Number.MAX_SAFE_INTEGER : Math.min(row.path_key.length, key.length)
}

function suffixesOf(key: string): string[] {
  const steps = key.split('/')
  return steps.map((_step, at) => steps.slice(at).join('/'))
}

async function rowsWhere(
  tx: Tx,
  batchId: string,
  column: 'path_key' | 'name_key',
  values: readonly string[],
) {
  return tx.sql
    .selectFrom('intake.manifest_row')
    .selectAll()
    .where('batch_id', '=', batchId)
    .where(column, 'in', [...values])
    .orderBy('row')
    .limit(5_000)
    .execute()
}

async function compare(tx: Tx, row: RowRecord, { blob }: Comparable) {
  for (const algorithm of ['sha256', 'sha1', 'md5'] as const) {
    const stated = row[algorithm]?.toString('hex')
    if (stated === undefined) continue
    const computed = blob[algorithm] ?? (await digestOf(tx, blob.address, algorithm))
    const outcome = stated === computed ? ('matched' as const) : ('mismatch' as const)
    return { outcome, algorithm, stated, computed }
  }
  return { outcome: 'unhashed' as const, algorithm: null, stated: null, computed: null }
}

/** Reads the sealed file again; only where a manifest came after the file and states what was not computed. */
async function digestOf(tx: Tx, address: string, algorithm: 'sha256' | 'sha1' | 'md5'): Promise<string> {
  const hash = createHash(algorithm)
  for await (const bytes of openBlob(tx.desk, address)) hash.update(bytes)
  return hash.digest('hex')
}
