import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { isMissing, writeDurably } from '../objects/durable.ts'
import { openBox, sealBox, type Box } from './seal-box.ts'

/** One JSON file of secrets, mode 0600: open (as they are) or sealed in a box. docs/operations/keys.md. */
const box = z.strictObject({ nonce: z.string(), box: z.string() })
const file = z.union([
  z.strictObject({ format: z.literal('amanat-keys/v1'), sealed: z.literal(false), secrets: z.unknown() }),
  z.strictObject({ format: z.literal('amanat-keys/v1'), sealed: z.literal(true), secrets: box }),
])

export type KeyFile =
  | { readonly sealed: false; readonly secrets: unknown }
  | { readonly sealed: true; readonly secrets: Box }

/** Null where there is none. Refuses: keys_damaged. */
export async function readKeyFile(path: string): Promise<KeyFile | null> {
  const text = await readText(path)
  if (text === null) return null
  const parsed = file.safeParse(parseJson(text, path))
  if (!parsed.success) throw keysDamaged(path)
  return parsed.data
}

/** Sealed under `key` where given, open otherwise. The file changes whole or not at all. */
export async function writeKeyFile(path: string, secrets: unknown, key: Uint8Array | null): Promise<void> {
  const shown = key === null ? secrets : sealBox(key, Buffer.from(JSON.stringify(secrets)), 'amanat-keys/v1')
  await writeDurably(
    path,
    `${JSON.stringify({ format: 'amanat-keys/v1', sealed: key !== null, secrets: shown }, null, 1)}\n`,
  )
}

/** What the file holds. Refuses: keys_sealed (no key given), keys_damaged. */
export function openKeyFile(path: string, found: KeyFile, key: Uint8Array | null): unknown {
  if (!found.sealed) return found.secrets
  if (key === null) throw keysSealed()
  const plaintext = openBox(key, found.secrets, 'amanat-keys/v1')
  if (plaintext === null) throw keysDamaged(path)
  return parseJson(plaintext.toString('utf8'), path)
}

export function keysSealed(): Refusal {
  return new Refusal(
    'keys_sealed',
    "The desk's keys are sealed under a passphrase. Name a file that holds it in AMANAT_PASSPHRASE_FILE, or start the desk from a terminal and type it.",
  )
}

export function keysDamaged(path: string): Refusal {
  return new Refusal(
    'keys_damaged',
    `The key file ${path} cannot be read: it was changed or cut short. Nothing was written. Put back the copy from the key backup, or recover the keys from three shares.`,
  )
}

export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw keysDamaged(path)
  }
}
