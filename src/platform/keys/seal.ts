import { rm } from 'node:fs/promises'
import { Refusal } from '../../base/refusal.ts'
import { keysDamaged, openKeyFile, readKeyFile, writeKeyFile } from './key-file.ts'
import {
  combineShares,
  newMaster,
  openMaster,
  readMasterFile,
  requireStrong,
  shareMaster,
  writeMasterFile,
} from './master.ts'
import { keyPaths } from './open.ts'
import { deriveKey } from './seal-box.ts'

/**
 * Moves every key of a stopped desk under a passphrase. Returns the five recovery shares; they are shown once and
 * stored nowhere.
 *
 * The master file is written first: a crash in between leaves files that are still open, and running this again
 * with the same passphrase finishes it (with new shares: the ones before are void).
 * Refuses: passphrase_weak, keys_sealed_already.
 */
export async function sealKeys(home: string, passphrase: string): Promise<string[]> {
  requireStrong(passphrase)
  const paths = keyPaths(home)
  const [desk, signer] = [await readKeyFile(paths.desk), await readKeyFile(paths.signer)]
  if (desk === null || signer === null)
    throw new Refusal(
      'keys_missing',
      'This desk has no keys yet. Start it once, stop it, then seal its keys.',
    )
  if (desk.sealed && signer.sealed)
    throw new Refusal('keys_sealed_already', 'The keys are sealed already. Nothing was changed.')
  const master = await masterToSealWith(paths.master, passphrase)
  await sealFile(paths.signer, deriveKey(master, 'amanat-keys/signer'))
  await sealFile(paths.desk, deriveKey(master, 'amanat-keys/desk'))
  return shareMaster(master)
}

async function masterToSealWith(file: string, passphrase: string): Promise<Buffer> {
  const begun = await readMasterFile(file)
  if (begun !== null) return openMaster(begun, passphrase)
  const master = newMaster()
  await writeMasterFile(file, master, passphrase)
  return master
}

async function sealFile(path: string, key: Uint8Array): Promise<void> {
  const found = await readKeyFile(path)
  if (found === null) throw keysDamaged(path)
  if (!found.sealed) await writeKeyFile(path, openKeyFile(path, found, null), key)
}

/**
 * Gives the keys of a stopped desk a new passphrase, from three recovery shares.
 *
 * Refuses: keys_not_sealed, share_mistyped, shares_too_few, shares_wrong, passphrase_weak.
 */
export async function recoverKeys(
  home: string,
  shares: readonly string[],
  newPassphrase: string,
): Promise<void> {
  const { master: file } = keyPaths(home)
  const found = await readMasterFile(file)
  if (found === null)
    throw new Refusal('keys_not_sealed', 'The keys of this desk are not sealed; there is nothing to recover.')
  await writeMasterFile(file, await combineShares(shares, found), newPassphrase)
}

/** For tests and for moving a desk: opens sealed key files for good. The desk must be stopped. */
export async function unsealKeys(home: string, passphrase: string): Promise<void> {
  const paths = keyPaths(home)
  const found = await readMasterFile(paths.master)
  if (found === null) throw new Refusal('keys_not_sealed', 'The keys of this desk are not sealed.')
  const master = await openMaster(found, passphrase)
  for (const [path, use] of [
    [paths.desk, 'desk'],
    [paths.signer, 'signer'],
  ] as const) {
    const file = await readKeyFile(path)
    if (file !== null)
      await writeKeyFile(path, openKeyFile(path, file, deriveKey(master, `amanat-keys/${use}`)), null)
  }
  await rm(paths.master, { force: true })
}
