import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { entryKeyId } from '../../proof/entry.ts'
import { nativePrimitives } from '../primitives-native.ts'
import type { EntryKey } from '../tx.ts'
import { keysDamaged, keysSealed, openKeyFile, readKeyFile, writeKeyFile } from './key-file.ts'
import { openMaster, readMasterFile } from './master.ts'
import { deriveKey } from './seal-box.ts'

const key32 = z.string().refine((text) => Buffer.from(text, 'base64').length === 32)
const secretsSchema = z.strictObject({
  entrySeed: key32,
  /** The last one is current. */
  epochs: z.array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), key: key32 })).min(1),
})
type Secrets = z.infer<typeof secretsSchema>

/** The desk's keys, open in memory. The log's key is not among them: only the signer reads it. */
export interface DeskKeys {
  readonly sealed: boolean
  readonly entryKey: EntryKey & { readonly publicKey: Uint8Array }
  readonly epochs: EpochKeys
  /** Opens the signer's key file; null while keys are not sealed. */
  readonly signerUnlock: Uint8Array | null
}

/** Epoch keys wrap file keys. Destroying an old one destroys what only old backups still hold under it. */
export interface EpochKeys {
  current(): { readonly id: string; readonly key: Uint8Array }
  /** Null: destroyed, or never this desk's. */
  find(id: string): Uint8Array | null
  ids(): readonly string[]
  /** Adds a key and makes it the current one; durable when this returns. */
  begin(): Promise<string>
  /** Removes a key that is not current; durable when this returns. */
  destroy(id: string): Promise<void>
}

export function keyPaths(home: string): { desk: string; master: string; signer: string } {
  const keys = path.join(home, 'keys')
  return {
    desk: path.join(keys, 'desk.json'),
    master: path.join(keys, 'master.json'),
    signer: path.join(home, 'signer', 'log-key.json'),
  }
}

/**
 * Opens the desk's keys; makes them on first use.
 *
 * Refuses: keys_sealed (a passphrase is needed), passphrase_wrong, keys_damaged.
 */
export async function openKeys(home: string, passphrase?: string): Promise<DeskKeys> {
  const paths = keyPaths(home)
  const master = await openMasterOf(paths.master, passphrase)
  const unlock = master === null ? null : deriveKey(master, 'amanat-keys/desk')
  const secrets = await readSecrets(paths.desk, unlock)
  return {
    sealed: master !== null,
    entryKey: entryKeyOf(Buffer.from(secrets.entrySeed, 'base64')),
    epochs: epochsOf(paths.desk, secrets, unlock),
    signerUnlock: master === null ? null : deriveKey(master, 'amanat-keys/signer'),
  }
}

async function openMasterOf(file: string, passphrase: string | undefined): Promise<Buffer | null> {
  const found = await readMasterFile(file)
  if (found === null) return null
  if (passphrase === undefined) throw keysSealed()
  return openMaster(found, passphrase)
}

async function readSecrets(file: string, unlock: Uint8Array | null): Promise<Secrets> {
  const found = await readKeyFile(file)
  if (found === null) {
    const made = newSecrets()
    await writeKeyFile(file, made, unlock)
    return made
  }
  const parsed = secretsSchema.safeParse(openKeyFile(file, found, unlock))
  if (!parsed.success) throw keysDamaged(file)
  return parsed.data
}

function newSecrets(): Secrets {
  return { entrySeed: randomBytes(32).toString('base64'), epochs: [newEpoch()] }
}

function newEpoch(): Secrets['epochs'][number] {
  return { id: randomBytes(8).toString('hex'), key: randomBytes(32).toString('base64') }
}

function entryKeyOf(seed: Buffer): DeskKeys['entryKey'] {
  const publicKey = nativePrimitives.ed25519PublicKey(seed)
  const privateKey = ed25519Key(seed)
  return {
    publicKey,
    keyId: entryKeyId(nativePrimitives, publicKey),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  }
}

/** Kept as a key object: reading the seed again for each signature would double its cost. */
export function ed25519Key(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

export function rawPublicKey(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32))
}

function epochsOf(file: string, secrets: Secrets, unlock: Uint8Array | null): EpochKeys {
  let epochs = secrets.epochs
  const save = async (changed: Secrets['epochs']): Promise<void> => {
    await writeKeyFile(file, { ...secrets, epochs: changed }, unlock)
    epochs = changed
  }
  const find = (id: string): Uint8Array | null => {
    const found = epochs.find((epoch) => epoch.id === id)
    return found === undefined ? null : Buffer.from(found.key, 'base64')
  }
  const current = (): { id: string; key: Uint8Array } => {
    const last = epochs.at(-1)
    if (last === undefined) throw keysDamaged(file)
    return { id: last.id, key: Buffer.from(last.key, 'base64') }
  }
  return {
    current,
    find,
    ids: () => epochs.map((epoch) => epoch.id),
    begin: async () => {
      const made = newEpoch()
      await save([...epochs, made])
      return made.id
    },
    destroy: async (id) => {
      if (id === current().id)
        throw new Refusal(
          'conflict',
          'The current epoch key cannot be destroyed; begin a new epoch and rewrap first.',
        )
      await save(epochs.filter((epoch) => epoch.id !== id))
    },
  }
}
