import path from 'node:path'
import { openFolderStore } from '../../platform/objects/folder.ts'
import type { ObjectStore } from '../../platform/objects/port.ts'
import { openKeys, type EpochKeys } from '../../platform/keys/open.ts'
import type { Desk } from '../../platform/tx.ts'

/** What the vault stands on: where the bytes lie, and the keys that wrap file keys. */
export interface VaultParts {
  readonly store: ObjectStore
  readonly epochs: EpochKeys
}

const vaults = new Map<string, Promise<VaultParts>>()

/** Called once by the composition root, which has opened the keys. */
export function startVault(desk: Pick<Desk, 'home'>, parts: VaultParts): void {
  vaults.set(desk.home, Promise.resolve(parts))
}

export function stopVault(desk: Pick<Desk, 'home'>): void {
  vaults.delete(desk.home)
}

/**
 * The vault of a desk. Where nobody started it (a program that only reads, a test), the folder `<home>/vault` and
 * the keys in `<home>/keys` are opened. Refuses: keys_sealed.
 */
export function vaultOf(desk: Pick<Desk, 'home'>): Promise<VaultParts> {
  const started = vaults.get(desk.home)
  if (started !== undefined) return started
  const opening = openDefault(desk.home)
  vaults.set(desk.home, opening)
  opening.catch(() => vaults.delete(desk.home)) // the next caller tries again
  return opening
}

async function openDefault(home: string): Promise<VaultParts> {
  const keys = await openKeys(home)
  return { store: openFolderStore(path.join(home, 'vault')), epochs: keys.epochs }
}
