import path from 'node:path'
import pg from 'pg'
import { Refusal } from '../../base/refusal.ts'
import type { EpochKeys } from '../../platform/keys/open.ts'
import { migrate, type Migration } from '../../platform/migrate.ts'
import { makeFolder, writeDurably } from '../../platform/objects/durable.ts'
import { openFolderStore } from '../../platform/objects/folder.ts'
import { ObjectMissing } from '../../platform/objects/port.ts'
import { openRange } from '../vault/open.ts'
import { unwrapFileKey } from '../vault/wrap.ts'
import { readBackup, type Backup } from './backup-format.ts'
import { checkLogCopy, copyLog, logFolderIn, readCopy, type LogCopy } from './backup-log.ts'
import { loadDatabase } from './dump.ts'
import { damaged } from './frames.ts'
import {
  dropDatabase,
  dropDrafts,
  draftName,
  inServer,
  setLogAside,
  stampOf,
  swapDatabase,
} from './kept-before.ts'
import { fillVault, setStraysAside, type Filled } from './restore-vault.ts'

export interface RestoreOrder {
  readonly from: string
  readonly home: string
  readonly epochs: EpochKeys
  /** The desk's database, as its owner; it may not exist yet. The server must run, the desk must not. */
  readonly owner: pg.ClientConfig
  readonly migrations: readonly Migration[]
  readonly now: Date
  /** Restores what is whole even where sealed files are missing or changed everywhere; they are named. */
  readonly incomplete?: boolean
  say(line: string): void
}

export interface Restored {
  readonly madeAt: string
  readonly treeSize: number
  readonly rows: number
  /** Sealed files copied out of the backup. */
  readonly blobs: number
  /** Addresses that neither backup nor vault hold as they were sealed; only where `incomplete` was asked for. */
  readonly missing: readonly string[]
  /** What was there before, kept until a person (or an erasure) removes it. */
  readonly keptBefore: readonly string[]
}

/** Left for the next start, which records the restore on the log. */
export const RESTORED_FILE = 'restored.json'

/**
 * Puts a backup in place of a stopped desk's state. Everything is read and checked before anything is changed; what
 * was there before is kept beside it. The signer is left as it is: at the next start it says whether the backup is
 * older than what it has signed.
 *
 * Refuses: not_found (no backup there), keys_missing (its epoch key is not here, or was destroyed by an erasure),
 * backup_damaged, migration_newer, disk_full.
 */
export async function restore(order: RestoreOrder): Promise<Restored> {
  const backup = await readBackup(order.from)
  if (backup === null)
    throw new Refusal('not_found', `There is no whole backup in ${order.from}. Nothing was restored.`)
  refuseNewer(backup, order.migrations)
  const fileKey = openDumpKey(backup, order.epochs)
  order.say('Checking the backup’s log…')
  if (backup.log) await checkLogCopy(logFolderIn(order.from, backup.log.origin), backup.log)
  await dropDrafts(order.home, order.owner)
  const stamp = stampOf(order.now)
  const draft = { ...order.owner, database: draftName(order.owner.database ?? '', stamp) }
  try {
    order.say('Reading the database…')
    const { rows } = await loadDraft(order, backup, draft, fileKey)
    const filled = await fillOrUndo(order, draft)
    order.say('Putting it in place…')
    const keptBefore = await putInPlace(order, backup, draft.database, stamp)
    const treeSize = backup.log?.size ?? 0
    return {
      madeAt: backup.madeAt,
      treeSize,
      rows,
      blobs: filled.copied,
      missing: filled.missing,
      keptBefore,
    }
  } catch (error) {
    await dropDatabase(order.owner, draft.database)
    throw error
  }
}

function refuseNewer(backup: Backup, migrations: readonly Migration[]): void {
  const unknown = backup.migrations.find(
    (one) => !migrations.some((ours) => ours.number === one.number && ours.sha256 === one.sha256),
  )
  if (!unknown) return
  throw new Refusal(
    'migration_newer',
    `The backup was made by another version of Amanat (migration ${unknown.number} is not this one's). Nothing was restored. Use that version, or a newer one.`,
  )
}

function openDumpKey(backup: Backup, epochs: EpochKeys): Uint8Array {
  const { epochId, wrappedKey, address } = backup.dump
  const key = epochs.find(epochId)
  if (key === null) {
    throw new Refusal(
      'keys_missing',
      `The backup is encrypted under epoch key ${epochId}, which is not here: it was destroyed by an erasure since, or belongs to other keys. Nothing was restored. Use a newer backup, or give its keys with --keys.`,
    )
  }
  const fileKey = unwrapFileKey(key, address, Buffer.from(wrappedKey, 'base64'))
  if (fileKey === null) throw damaged('the key of its database dump was changed')
  return fileKey
}

/** Loads the dump into a database of its own: the desk's stays whole until the new one is. */
async function loadDraft(
  order: RestoreOrder,
  backup: Backup,
  draft: pg.ClientConfig & { database: string },
  fileKey: Uint8Array,
): Promise<{ rows: number }> {
  await inServer(order.owner, (client) =>
    client.query(
      `create database ${client.escapeIdentifier(draft.database)} encoding 'UTF8' template template0`,
    ),
  )
  await migrate(draft, order.migrations)
  const store = openFolderStore(path.join(order.from, 'vault'))
  const loaded = await loadDatabase(
    draft,
    dumpOf(openRange(store, { ...backup.dump, fileKey }, 0, backup.dump.sizeBytes)),
  )
  await compareMoment(draft, backup)
  return loaded
}

/** The dump's bytes; what is wrong with its sealed file is wrong with the backup. */
async function* dumpOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    if (error instanceof ObjectMissing) throw damaged('its dump of the database is missing')
    if (error instanceof Refusal && error.code === 'blob_damaged')
      throw damaged('its dump of the database was changed or cut')
    throw error
  }
}

/** backup.json is not sealed; the dump is: what both say of the log must be the same. Ends sessions: they are of that time. */
async function compareMoment(draft: pg.ClientConfig, backup: Backup): Promise<void> {
  const client = new pg.Client(draft)
  await client.connect()
  try {
    const head = await client.query<LogCopy>('select origin, size::int as size, note from ledger.head')
    const [said, sealed] = [backup.log, head.rows[0] ?? null]
    if (said?.origin !== sealed?.origin || said?.size !== sealed?.size || said?.note !== sealed?.note)
      throw damaged('backup.json and the sealed dump say different things of the log')
    await client.query('update identity.session set ended_at = $1 where ended_at is null', [new Date()])
  } finally {
    await client.end()
  }
}

/** Refuses: backup_damaged, naming the sealed files that cannot be had; those copied before are taken back. */
async function fillOrUndo(order: RestoreOrder, draft: pg.ClientConfig): Promise<Filled> {
  order.say('Comparing and copying sealed files…')
  const from = openFolderStore(path.join(order.from, 'vault'))
  const vault = openFolderStore(path.join(order.home, 'vault'))
  const filled = await fillVault(draft, from, vault)
  if (filled.missing.length === 0 || order.incomplete === true) return filled
  for (const address of filled.added) await vault.remove(address)
  const few = filled.missing.slice(0, 5).join(', ')
  throw damaged(
    `${filled.missing.length} of its sealed files are missing or changed, and the desk's own vault does not hold them either (${few}${filled.missing.length > 5 ? ', …' : ''}). With --incomplete the rest can be restored`,
  )
}

/** Database, log, then what only the state before knew. A crash in between is made good by restoring again. */
async function putInPlace(
  order: RestoreOrder,
  backup: Backup,
  draft: string,
  stamp: string,
): Promise<string[]> {
  const { home, owner } = order
  const kept: string[] = []
  const database = await swapDatabase(owner, draft, stamp)
  if (database !== null) kept.push(`database ${database}`)
  const log = await setLogAside(home, stamp)
  if (log !== null) kept.push(log)
  await placeLog(order, backup)
  const [vault, aside] = [path.join(home, 'vault'), path.join(home, `vault.before-${stamp}`)]
  const strays = await setStraysAside(owner, openFolderStore(vault), vault, aside)
  if (strays > 0) kept.push(aside)
  const note = { backup: backup.id, madeAt: backup.madeAt, treeSize: backup.log?.size ?? 0 }
  await writeDurably(path.join(home, RESTORED_FILE), JSON.stringify(note))
  return kept
}

async function placeLog(order: RestoreOrder, backup: Backup): Promise<void> {
  const folder = path.join(order.home, 'log')
  await makeFolder(folder)
  if (backup.log === null) return
  const { origin, size, note } = backup.log
  await copyLog(folder, size, readCopy(logFolderIn(order.from, origin)))
  await writeDurably(path.join(folder, 'checkpoint'), note, 0o644)
}
