import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'
import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { writeDurably } from '../../platform/objects/durable.ts'
import { openFolderStore } from '../../platform/objects/folder.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { requireMay } from '../identity/policy.ts'
import { append } from '../ledger/append.ts'
import { openLogFolder } from '../ledger/log-folder.ts'
import { waitSealed } from '../ledger/read.ts'
import { copyBlobs } from '../vault/copy.ts'
import { sealTo } from '../vault/seal.ts'
import { vaultOf } from '../vault/start.ts'
import { wrapFileKey } from '../vault/wrap.ts'
import { readBackup, type Backup } from './backup-format.ts'
import { copyLog, logFolderIn, pruneLog } from './backup-log.ts'
import { dumpDatabase } from './dump.ts'
import { integrityOf } from './start.ts'

export interface BackedUp {
  readonly folder: string
  readonly treeSize: number
  readonly blobs: number
  readonly bytes: number
  readonly copied: number
  readonly milliseconds: number
}

/** The backup under way, by the desk's folder; settles when it ends, however it does. */
const running = new Map<string, Promise<unknown>>()

/** Waits until no backup is under way on this desk. */
export async function untilNoBackup(desk: Pick<Desk, 'home'>): Promise<void> {
  while (running.has(desk.home)) await running.get(desk.home)
}

/**
 * Backs the desk up into a folder while it runs; the same folder again copies only what is new.
 *
 * The database is read at one moment; the log's files are those of that moment's checkpoint; sealed files, which never
 * change, are copied last. An interrupted backup leaves the one before whole.
 * Refuses: not_permitted, invalid_input (a folder inside the desk's), conflict (another desk's backup; one is running),
 * blob_missing, blob_damaged, disk_full.
 */
export async function backUp(desk: Desk, actor: Actor, to: string): Promise<BackedUp> {
  if (running.has(desk.home))
    throw new Refusal('conflict', 'A backup is being made already. Wait for it to end.')
  const work = makeBackup(desk, actor, to)
  running.set(
    desk.home,
    work.then(
      () => undefined,
      () => undefined, // told to whoever asked for the backup
    ),
  )
  try {
    return await work
  } finally {
    running.delete(desk.home)
  }
}

async function makeBackup(desk: Desk, actor: Actor, to: string): Promise<BackedUp> {
  const begun = performance.now()
  await inTransaction(desk, actor, (tx) => requireMay(tx, 'backup.run'))
  const folder = await openTarget(desk, to)
  const id = await record(desk, actor, folder)
  try {
    const answer = await write(desk, folder, id)
    return { ...answer, milliseconds: Math.round(performance.now() - begun) }
  } catch (error) {
    await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
      tx.sql.deleteFrom('integrity.backup').where('id', '=', id).execute(),
    )
    throw error
  }
}

async function openTarget(desk: Desk, to: string): Promise<string> {
  const folder = path.resolve(to)
  if (!path.isAbsolute(to)) throw new Refusal('invalid_input', 'Name the backup’s folder by its full path.')
  if (`${folder}${path.sep}`.startsWith(`${path.resolve(desk.home)}${path.sep}`)) {
    throw new Refusal(
      'invalid_input',
      'A backup inside the desk’s own folder would be lost with it. Name a folder on another disk.',
    )
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Refusal(
      'invalid_input',
      `The folder ${folder} cannot be made: ${(error as Error).message}. Nothing was backed up.`,
    )
  }
  const before = await readBackup(folder)
  const { epochs } = await vaultOf(desk)
  if (before !== null && epochs.find(before.dump.epochId) === null && !(await knowsBackup(desk, before.id))) {
    throw new Refusal(
      'conflict',
      `${folder} holds the backup of another desk. Nothing was written. Name another folder.`,
    )
  }
  return folder
}

/**
 * Refuses not_permitted, where nobody has backed up into this folder from the desk's own machine yet: over the network, a
 * backup can be renewed but not aimed at a new place on the server's disks.
 */
export async function requireKnownFolder(desk: Desk, actor: Actor, to: string): Promise<void> {
  const folder = path.resolve(to)
  const known = await inTransaction(desk, actor, async (tx) => {
    await requireMay(tx, 'backup.run')
    return tx.sql.selectFrom('integrity.backup').select('id').where('folder', '=', folder).executeTakeFirst()
  })
  if (known) return
  throw new Refusal(
    'not_permitted',
    `Nobody has backed up into ${folder} from the desk's own machine yet. Nothing was written. Make the first backup there: amanat backup ${folder}`,
  )
}

async function knowsBackup(desk: Desk, id: string): Promise<boolean> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const row = await tx.sql
      .selectFrom('integrity.backup')
      .select('id')
      .where('id', '=', id)
      .executeTakeFirst()
    return row !== undefined
  })
}

/**
 * The backup's own entry and row come before its moment, so that they are in it: nothing is added to the log by making
 * it, and restoring the newest backup of a desk that did nothing since is no step back.
 */
async function record(desk: Desk, actor: Actor, folder: string): Promise<string> {
  const id = desk.newId()
  const { epochs } = await vaultOf(desk)
  const entryId = await inTransaction(desk, actor, async (tx) => {
    const row = {
      id,
      made_at: desk.now(),
      made_by: actor.id,
      folder,
      tree_size: 0,
      epoch_id: epochs.current().id,
    }
    await tx.sql.insertInto('integrity.backup').values(row).execute()
    return append(tx, {
      kind: 'integrity.backup.begun',
      subjects: [{ type: 'backup', id }],
      sealed: { folder },
    })
  })
  await waitSealed(desk, entryId)
  return id
}

async function write(desk: Desk, folder: string, id: string): Promise<Omit<BackedUp, 'milliseconds'>> {
  const store = openFolderStore(path.join(folder, 'vault'))
  const { epochs } = await vaultOf(desk)
  const epoch = epochs.current()
  const { moment, bytes } = await dumpDatabase(integrityOf(desk).owner, readMoment)
  const sealed = await sealTo(store, desk, bytes)
  if (moment.log !== null) {
    const { origin, size } = moment.log
    await copyLog(logFolderIn(folder, origin), size, (tile) => openLogFolder(desk.home).read(tile))
  }
  const before = await readBackup(folder)
  const copied = await copyBlobs(
    desk,
    store,
    new Set([sealed.address, ...(before ? [before.dump.address] : [])]),
  )
  const wrappedKey = wrapFileKey(epoch.key, sealed.address, sealed.fileKey).toString('base64')
  const backup: Backup = {
    format: 'amanat-backup/v1',
    id,
    madeAt: desk.now().toISOString(),
    ...moment,
    blobs: copied.blobs,
    dump: { address: sealed.address, sizeBytes: sealed.sizeBytes, epochId: epoch.id, wrappedKey },
  }
  await writeDurably(path.join(folder, 'backup.json'), `${JSON.stringify(backup, null, 1)}\n`)
  // Only what the backup before needed: from here on this one is the whole one.
  if (before && before.dump.address !== sealed.address) await store.remove(before.dump.address)
  if (moment.log !== null) await pruneLog(folder, moment.log)
  return { folder, treeSize: moment.log?.size ?? 0, ...copied }
}

async function readMoment(client: pg.Client): Promise<Pick<Backup, 'log' | 'migrations'>> {
  const head = await client.query<{ origin: string; size: number; note: string }>(
    'select origin, size, note from ledger.head',
  )
  const migrations = await client.query<Backup['migrations'][number]>(
    'select number, sha256 from platform.migration order by number',
  )
  return { log: head.rows[0] ?? null, migrations: migrations.rows }
}
