import { readdir, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'

/**
 * What a restore keeps of the state it replaced: a database, the log's folder, sealed files, each with the moment of
 * the restore in its name. A draft is a database of a restore that was interrupted.
 */
export interface KeptBefore {
  readonly databases: readonly string[]
  readonly folders: readonly string[]
}

export const draftName = (database: string, stamp: string): string => `${database}_restored_${stamp}`

/** `20261122t231500000z`: part of names of databases and folders. */
export function stampOf(now: Date): string {
  return now.toISOString().replaceAll(/[-:.]/g, '').toLowerCase()
}

/** Works in the server's own database, so that the desk's may be renamed or dropped. */
export async function inServer<T>(
  owner: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...owner, database: 'postgres' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

export async function findKeptBefore(home: string, owner: pg.ClientConfig): Promise<KeptBefore> {
  const name = owner.database ?? ''
  const found = await inServer(owner, (client) =>
    client.query<{ datname: string }>('select datname from pg_database order by datname'),
  )
  const prefixes = [`${name}_before_`, draftName(name, '')]
  const databases = found.rows
    .map((row) => row.datname)
    .filter((one) =>
      prefixes.some((prefix) => one.startsWith(prefix) && /^\d{8}t\d{9}z$/.test(one.slice(prefix.length))),
    )
  const folders = (await readdir(home)).filter((one) => /^(log|vault)\.before-\d{8}t\d{9}z$/.test(one))
  return { databases, folders: folders.sort().map((one) => path.join(home, one)) }
}

/** Drops drafts of restores that were interrupted. */
export async function dropDrafts(home: string, owner: pg.ClientConfig): Promise<void> {
  const { databases } = await findKeptBefore(home, owner)
  for (const name of databases)
    if (name.startsWith(draftName(owner.database ?? '', ''))) await dropDatabase(owner, name)
}

export async function dropDatabase(owner: pg.ClientConfig, name: string): Promise<void> {
  await inServer(owner, (client) =>
    client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
  )
}

/** Destroys what restores kept: it holds rows and keys that an erasure must not leave. Returns what went. */
export async function destroyKeptBefore(home: string, owner: pg.ClientConfig): Promise<string[]> {
  const { databases, folders } = await findKeptBefore(home, owner)
  for (const name of databases) await dropDatabase(owner, name)
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
  return [...databases.map((name) => `database ${name}`), ...folders]
}

/** True where nothing of a desk was ever in it: a server made for a restore brings an empty database. */
async function isUnused(owner: pg.ClientConfig): Promise<boolean> {
  const client = new pg.Client(owner)
  await client.connect()
  try {
    const found = await client.query<{ unused: boolean }>(
      "select to_regnamespace('ledger') is null as unused",
    )
    return found.rows[0]?.unused === true
  } finally {
    await client.end()
  }
}

/** Puts the draft in the database's place; what stood there keeps a name of its own, which is returned. */
export async function swapDatabase(
  owner: pg.ClientConfig,
  draft: string,
  stamp: string,
): Promise<string | null> {
  const name = owner.database ?? ''
  return inServer(owner, async (client) => {
    const there = await client.query('select 1 from pg_database where datname = $1', [name])
    if (there.rowCount !== 0 && (await isUnused(owner)))
      await client.query(`drop database ${client.escapeIdentifier(name)}`)
    const left = await client.query('select 1 from pg_database where datname = $1', [name])
    const aside = left.rowCount === 0 ? null : `${name}_before_${stamp}`
    const renameTo = (from: string, to: string): Promise<unknown> =>
      client.query(`alter database ${client.escapeIdentifier(from)} rename to ${client.escapeIdentifier(to)}`)
    if (aside) await renameTo(name, aside)
    await renameTo(draft, name)
    return aside
  })
}

/** Sets the log's folder aside; returns where it is now, null where there was none. */
export async function setLogAside(home: string, stamp: string): Promise<string | null> {
  const log = path.join(home, 'log')
  if (!existsSync(log)) return null
  const aside = path.join(home, `log.before-${stamp}`)
  await rename(log, aside)
  return aside
}
