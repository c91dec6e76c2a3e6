import { cp, rename } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { Refusal } from '../../base/refusal.ts'
import type { EpochKeys } from '../../platform/keys/open.ts'
import { migrate, type Migration } from '../../platform/migrate.ts'
import { makeFolder, writeDurably } from '../../platform/objects/durable.ts'
import { openFolderStore } from '../../platform/objects/folder.ts'
import type { ObjectStore } from '../../platform/objects/port.ts'
import { payloadSize } from '../../proof/age.ts'
import { copyObject } from '../vault/copy.ts'
import { openRange } from '../vault/open.ts'
import { unwrapFileKey } from '../vault/wrap.ts'
import { readBackup, type Backup } from './backup-format.ts'
import { checkLogCopy } from './backup-log.ts'
import { loadDatabase } from './dump.ts'
import { damaged } from './frames.ts'

export interface RestoreOrder {
  readonly from: string
  readonly home: string
  readonly epochs: EpochKeys
  /** The desk's database, as its owner; it may not exist yet. The server must run, the desk must not. */
  readonly owner: pg.ClientConfig
  readonly migrations: readonly Migration[]
  readonly now: Date
  say(line: string): void
}

export interface Restored {
  readonly madeAt: string
  readonly treeSize: number
  readonly rows: number
  readonly blobs: number
  /** Addresses that the database names and neither backup nor vault holds. */
  readonly missing: readonly string[]
  /** What was there before, kept until a person removes it. */
  readonly keptBefore: readonly string[]
}

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
  const from = openFolderStore(path.join(order.from, 'vault'))
  const fileKey = openDumpKey(backup, order.epochs)
  order.say('Checking the backup’s log…')
  if (backup.log) await checkLogCopy(path.join(order.from, 'log'), backup.log)
  const stamp = order.now.toISOString().replaceAll(/[-:.]/g, '').toLowerCase()
  order.say('Reading the database…')
  const draft = `amanat_restored_${stamp}`
  const loaded = await loadBeside(
    order,
    draft,
    openRange(from, { ...backup.dump, fileKey }, 0, backup.dump.sizeBytes),
  )
  order.say('Copying sealed files…')
  const vault = openFolderStore(path.join(order.home, 'vault'))
  const blobs = await copyMissing(from, vault, backup.dump.address)
  const missing = await findMissing({ ...order.owner, database: draft }, vault)
  const keptBefore = [
    await swapDatabase(order.owner, draft, stamp),
    await swapLog(order, backup, stamp),
  ].filter((one) => one !== null)
  await writeDurably(
    path.join(order.home, RESTORED_FILE),
    JSON.stringify({
      backup: backup.id,
      madeAt: backup.madeAt,
      treeSize: backup.log?.size ?? 0,
      missing: missing.length,
    }),
  )
  return {
    madeAt: backup.madeAt,
    treeSize: backup.log?.size ?? 0,
    rows: loaded.rows,
    blobs,
    missing,
    keptBefore,
  }
}

/** Left for the next start, which records the restore on the log. */
export const RESTORED_FILE = 'restored.json'

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
async function loadBeside(
  order: RestoreOrder,
  draft: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ rows: number }> {
  await inServer(order.owner, async (client) => {
    await client.query(`drop database if exists ${draft}`)
    await client.query(`create database ${draft} encoding 'UTF8' template template0`)
  })
  try {
    await migrate({ ...order.owner, database: draft }, order.migrations)
    return await loadDatabase({ ...order.owner, database: draft }, bytes)
  } catch (error) {
    await inServer(order.owner, (client) => client.query(`drop database if exists ${draft}`))
    throw error
  }
}

async function inServer<T>(owner: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...owner, database: 'postgres' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function copyMissing(from: ObjectStore, to: ObjectStore, dump: string): Promise<number> {
  let copied = 0
  for await (const object of from.list()) {
    if (object.name === dump) continue
    const there = await to.stat(object.name)
    if (there?.sizeBytes === object.sizeBytes) continue
    await copyObject(from, to, object.name, object.sizeBytes)
    copied++
  }
  return copied
}

async function findMissing(owner: pg.ClientConfig, vault: ObjectStore): Promise<string[]> {
  const client = new pg.Client(owner)
  await client.connect()
  try {
    const rows = await client.query<{ address: string; size_bytes: number }>(
      'select address, size_bytes from vault.blob where erased_by is null',
    )
    const missing: string[] = []
    for (const row of rows.rows)
      if ((await vault.stat(row.address))?.sizeBytes !== payloadSize(Number(row.size_bytes)))
        missing.push(row.address)
    return missing
  } finally {
    await client.end()
  }
}

async function swapDatabase(owner: pg.ClientConfig, draft: string, stamp: string): Promise<string | null> {
  const name = owner.database ?? ''
  return inServer(owner, async (client) => {
    const there = await client.query('select 1 from pg_database where datname = $1', [name])
    const aside = there.rowCount === 0 ? null : `${name}_before_${stamp}`
    if (aside)
      await client.query(
        `alter database ${client.escapeIdentifier(name)} rename to ${client.escapeIdentifier(aside)}`,
      )
    await client.query(
      `alter database ${client.escapeIdentifier(draft)} rename to ${client.escapeIdentifier(name)}`,
    )
    return aside === null ? null : `database ${aside}`
  })
}

async function swapLog(order: RestoreOrder, backup: Backup, stamp: string): Promise<string | null> {
  const log = path.join(order.home, 'log')
  const aside = existsSync(log) ? path.join(order.home, `log.before-${stamp}`) : null
  if (aside) await rename(log, aside)
  await makeFolder(log)
  if (backup.log) await cp(path.join(order.from, 'log'), log, { recursive: true })
  return aside
}
