import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { isMissing } from '../../platform/objects/durable.ts'
import { damaged } from './frames.ts'

/**
 * A backup's folder (docs/formats/backup.md): `backup.json` (this), `vault/` with every sealed file and the sealed
 * dump of the database, `log/` with the tiles of exactly the moment of the dump. `backup.json` is written last: without
 * it, or with the one before, the folder holds the backup before.
 */
export const backupSchema = z.strictObject({
  format: z.literal('amanat-backup/v1'),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  migrations: z.array(z.strictObject({ number: z.int(), sha256: z.string() })),
  /** The sealed dump: its address in `vault/`, its plaintext size, its file key wrapped under the epoch key. */
  dump: z.strictObject({
    address: z.string().regex(/^[0-9a-f]{64}$/),
    sizeBytes: z.int().min(0),
    epochId: z.string(),
    wrappedKey: z.string(),
  }),
  /** Null where the log had no checkpoint yet. */
  log: z.strictObject({ origin: z.string(), size: z.int().min(0), note: z.string() }).nullable(),
  blobs: z.int().min(0),
})

export type Backup = z.infer<typeof backupSchema>

/** The folder's newest whole backup; null where there is none. Refuses: backup_damaged. */
export async function readBackup(folder: string): Promise<Backup | null> {
  let text: string
  try {
    text = await readFile(path.join(folder, 'backup.json'), 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged('backup.json cannot be read')
  }
  const parsed = backupSchema.safeParse(value)
  if (!parsed.success) throw damaged('backup.json is not of a format that this Amanat knows')
  return parsed.data
}
