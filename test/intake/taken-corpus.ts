import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { closeBatch } from '../../src/modules/intake/batches.ts'
import { receiveLocal, takeLocal } from '../../src/modules/intake/local.ts'
import { readReceipt, type Receipt } from '../../src/modules/intake/receipt.ts'
import { retryFiles } from '../../src/modules/intake/retry.ts'
import { search } from '../../src/modules/search/search.ts'
import { openBlob } from '../../src/modules/vault/open.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { normalised, type Row } from '../extract/corpus.ts'
import { asOwner } from '../search/people.ts'
import { createWorld, openTestBatch, readAll, type World } from './world.ts'

/** One item as the database holds it after its batch. */
export interface Taken {
  readonly id: string
  readonly root: string
  readonly depth: number
  readonly path: string
  readonly address: string
  readonly sha256: string
  readonly state: string
  readonly reading: string | null
  readonly language: string | null
  readonly words: string | null
  readonly parts: number
  readonly found: number
  readonly notices: readonly { readonly code: string; readonly words: string; readonly retryable: boolean }[]
}

/** A world, and what ends it: for files whose tests share one desk. */
export async function sharedWorld(cleaning: (() => unknown)[]): Promise<World> {
  const context = { after: (clean: () => unknown) => void cleaning.push(clean) }
  return createWorld(context as unknown as Pick<TestContext, 'after'>)
}

/** Takes folders of this machine in as the command line does, to the end. */
export async function takeFolder(world: World, key: string, folders: readonly string[]): Promise<string> {
  const { desk, officer } = world
  const batchId = await openTestBatch(world, key)
  await inTransaction(desk, officer, (tx) => receiveLocal(tx, batchId, { paths: folders, close: false }))
  await takeLocal(desk, batchId, desk.signal)
  await inTransaction(desk, officer, (tx) => closeBatch(tx, batchId))
  await readAll(world)
  return batchId
}

export function receiptOf({ desk, officer }: World, batchId: string): Promise<Receipt> {
  return inTransaction(desk, officer, (tx) => readReceipt(tx, batchId))
}

/** Tries locked items again, each with its own password. */
export async function unlock(
  world: World,
  batchId: string,
  locked: readonly { readonly itemId: string; readonly password: string }[],
): Promise<void> {
  for (const password of new Set(locked.map((one) => one.password))) {
    const items = locked.filter((one) => one.password === password).map((one) => one.itemId)
    await inTransaction(world.desk, world.officer, (tx) =>
      retryFiles(tx, batchId, { items, passwords: [password] }),
    )
  }
  await readAll(world)
}

/** Everything a batch made, files of containers too; `root` is the received file they came out of. */
export async function takenOf(world: World, batchId: string): Promise<Taken[]> {
  const { rows } = await asOwner(
    world.desk,
    `with recursive tree as (
       select id, id as root from evidence.item where batch_id = $1 and parent_id is null
       union all select i.id, tree.root from evidence.item i join tree on i.parent_id = tree.id)
     select i.id, tree.root, i.depth, i.path, i.address, encode(i.sha256, 'hex') as sha256, i.state, i.reading,
       i.language, i.quarantine_words as words, coalesce(r.notices, '[]') as notices,
       coalesce(jsonb_array_length(r.found), 0) as found,
       (select count(*)::integer from evidence.text_part p where p.item_id = i.id) as parts
     from tree join evidence.item i on i.id = tree.id left join evidence.reading r on r.item_id = i.id`,
    [batchId],
  )
  return rows as Taken[]
}

/** The item that each path of a batch became or met. */
export async function itemsByPath(world: World, batchId: string): Promise<Map<string, string>> {
  const { rows } = await asOwner(
    world.desk,
    'select path, item_id from evidence.acquisition where batch_id = $1 and file_id is not null',
    [batchId],
  )
  return new Map((rows as { path: string; item_id: string }[]).map((row) => [row.path, row.item_id]))
}

export async function digestOfSealed({ desk }: World, address: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of openBlob(desk, address)) hash.update(bytes)
  return hash.digest('hex')
}

/** A phrase query of a snippet's own words. */
export function phraseOf(snippet: string): string {
  return `"${normalised(snippet)
    .replaceAll(/["“”„«»]/g, ' ')
    .trim()}"`
}

/** Whether a query finds one of some items, asked as the officer asks; as many pages as there are. */
export async function finds(world: World, query: string, items: ReadonlySet<string>): Promise<boolean> {
  for (let after: string | null = null; ;) {
    const page = await search(world.desk, world.officer, {
      query,
      sort: 'relevance',
      after,
      limit: 200,
      withFacets: false,
    })
    if (page.hits.some((hit) => items.has(hit.subjectId) && hit.label !== 'name')) return true
    if (page.next === null) return false
    after = page.next
  }
}

/** Files of a folder whose bytes are no longer those of the manifest. */
export function changedOriginals(folder: string, rows: readonly Row[]): string[] {
  return rows
    .filter((row) => {
      const bytes = readFileSync(path.join(folder, row.path))
      return createHash('sha256').update(bytes).digest('hex') !== row.sha256
    })
    .map((row) => row.path)
}
