import { createHash } from 'node:crypto'
import { rename } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { Refusal } from '../../base/refusal.ts'
import { makeFolder, syncFolder } from '../../platform/objects/durable.ts'
import type { ObjectStore } from '../../platform/objects/port.ts'
import { payloadSize } from '../../proof/age.ts'
import { copyObject } from '../vault/copy.ts'

export interface Filled {
  /** How many were copied out of the backup. */
  readonly copied: number
  /** Of those, the ones of which nothing was there before. */
  readonly added: readonly string[]
  /** Addresses that neither vault nor backup hold as they were sealed. */
  readonly missing: readonly string[]
}

/**
 * Brings every sealed file that the restored register names into the vault: those that stand there unchanged stay,
 * the others come out of the backup. Both are read whole.
 */
export async function fillVault(
  register: pg.ClientConfig,
  from: ObjectStore,
  vault: ObjectStore,
): Promise<Filled> {
  const [added, missing]: [string[], string[]] = [[], []]
  let copied = 0
  for (const { address, sizeBytes } of await blobsOf(register)) {
    const size = payloadSize(sizeBytes)
    const there = await vault.stat(address)
    if (there?.sizeBytes === size && (await isWhole(vault, address, size))) continue
    if (!(await copyWhole(from, vault, address, size))) missing.push(address)
    else {
      copied++
      if (there === null) added.push(address)
    }
  }
  return { copied, added, missing }
}

async function blobsOf(register: pg.ClientConfig): Promise<{ address: string; sizeBytes: number }[]> {
  const client = new pg.Client(register)
  await client.connect()
  try {
    const found = await client.query<{ address: string; size_bytes: string }>(
      'select address, size_bytes::text from vault.blob where erased_by is null order by address',
    )
    return found.rows.map((row) => ({ address: row.address, sizeBytes: Number(row.size_bytes) }))
  } finally {
    await client.end()
  }
}

async function isWhole(store: ObjectStore, address: string, size: number): Promise<boolean> {
  const hash = createHash('sha256')
  for await (const bytes of store.read(address, 0, size + 1)) hash.update(bytes)
  return hash.digest('hex') === address
}

async function copyWhole(
  from: ObjectStore,
  to: ObjectStore,
  address: string,
  size: number,
): Promise<boolean> {
  try {
    await copyObject(from, to, address, size)
    return true
  } catch (error) {
    if (error instanceof Refusal && ['blob_missing', 'blob_damaged'].includes(error.code)) return false
    throw error
  }
}

/**
 * Moves sealed files that the restored register does not name into `aside`: a sweep would take them for remains of an
 * interrupted intake. Returns how many.
 */
export async function setStraysAside(
  register: pg.ClientConfig,
  vault: ObjectStore,
  root: string,
  aside: string,
): Promise<number> {
  const named = new Set((await blobsOf(register)).map((blob) => blob.address))
  const strays: string[] = []
  for await (const object of vault.list()) if (!named.has(object.name)) strays.push(object.name)
  for (const name of strays) {
    const place = path.join(name.slice(0, 2), name.slice(2, 4), name)
    await makeFolder(path.dirname(path.join(aside, place)))
    await rename(path.join(root, place), path.join(aside, place))
    await syncFolder(path.dirname(path.join(aside, place)))
  }
  return strays.length
}
