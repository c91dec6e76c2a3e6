import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Pool } from '../../src/modules/intake/extract/pool.ts'
import {
  DEFAULT_LIMITS,
  type DetectedType,
  type Found,
  type Limits,
  type Notice,
  type TextPart,
} from '../../src/modules/intake/extract/port.ts'

/** One row of the corpus: a real file and what a correct program must do with it. */
export interface Row {
  readonly path: string
  readonly sha256: string
  readonly bytes: string
  readonly format: string
  readonly note: 'ok' | 'encrypted' | 'broken' | 'malicious'
  readonly active_content: string
  readonly detail: string
  readonly password: string
  readonly expected_text: string
  readonly expected_meta: string
}

/** All that came out of a file, its children's text and notices too. */
export interface Outcome {
  readonly row: Row
  readonly type: DetectedType
  readonly outcome: string
  readonly text: string
  readonly parts: readonly TextPart[]
  readonly metadata: readonly Found[]
  readonly notices: readonly Notice[]
  readonly ownNotices: readonly Notice[]
  readonly children: number
  readonly ms: number
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
export const shared = resolve(process.env.AMANAT_SHARED ?? join(root, '../shared'))
export const intake = join(shared, 'testdata/intake')
export const corpusIsHere = existsSync(join(intake, 'manifest.csv'))

export const LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  timeMs: 30_000,
  memoryMb: 800,
  outputBytes: 256 * 1024 ** 2,
}
const CHILD_DEPTH = 4
const CHILDREN_READ = 60

/** The manifest's own CSV: quoted fields, no line breaks inside a field that is not quoted. */
export function readManifest(): Row[] {
  const text = readFileSync(join(intake, 'manifest.csv'), 'utf8')
  const records: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    records[records.length - 1]?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end !== ',') records.push([])
  }
  const [header = [], ...rows] = records.filter((record) => record.length > 1)
  return rows.map(
    (cells) => Object.fromEntries(header.map((name, at) => [name, cells[at] ?? ''])) as unknown as Row,
  )
}

/** As SOURCES.md says: NFKC, no marks of direction or width, white space as one space. */
export function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replaceAll(/\s+/g, ' ')
}

/** Reads a file of the corpus and, as far as text is wanted, what is inside it. */
export async function readRow(pool: Pool, row: Row, workRoot: string, number: number): Promise<Outcome> {
  const folder = join(workRoot, `${number}`)
  await mkdir(folder, { recursive: true })
  const path = join(workRoot, `${number}.bin`)
  await copyFile(join(intake, row.path), path)
  const started = performance.now()
  const own = await readFileIn(pool, path, row.path.split('/').pop() ?? '', folder, row)
  const ms = performance.now() - started
  const texts = own.result.parts.map((part) => part.text)
  const notices = [...own.result.notices]
  await readChildren(pool, own.result.children, folder, row, CHILD_DEPTH, texts, notices)
  await rm(folder, { recursive: true, force: true })
  const { parts, metadata, outcome } = own.result
  return {
    row,
    type: own.type,
    outcome,
    parts,
    metadata,
    notices,
    ownNotices: own.result.notices,
    text: normalised(texts.join('\n')),
    children: own.result.children.length,
    ms,
  }
}

type Reading = Awaited<ReturnType<Pool['read']>>

function readFileIn(pool: Pool, path: string, name: string, workFolder: string, row: Row): Promise<Reading> {
  const passwords = row.password === '' ? [] : [row.password]
  return pool.read({ path, name, sizeBytes: Number(row.bytes), passwords, limits: LIMITS, workFolder })
}

async function readChildren(
  pool: Pool,
  children: Reading['result']['children'],
  folder: string,
  row: Row,
  depth: number,
  texts: string[],
  notices: Notice[],
): Promise<void> {
  if (depth === 0) return
  for (const [index, child] of children.slice(0, CHILDREN_READ).entries()) {
    const inner = join(folder, `inside-${depth}-${index}`)
    await mkdir(inner, { recursive: true })
    const { result } = await pool.read({
      path: child.file,
      name: child.safePath,
      sizeBytes: child.sizeBytes,
      passwords: row.password === '' ? [] : [row.password],
      limits: { ...LIMITS, maxDepth: LIMITS.maxDepth - (CHILD_DEPTH - depth) - 1 },
      workFolder: inner,
    })
    texts.push(...result.parts.map((part) => part.text))
    notices.push(...result.notices)
    await readChildren(pool, result.children, inner, row, depth - 1, texts, notices)
  }
}
