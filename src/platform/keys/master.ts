import { createHash, randomBytes } from 'node:crypto'
import { combine, split } from 'shamir-secret-sharing'
import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { writeDurably } from '../objects/durable.ts'
import { keysDamaged, readText } from './key-file.ts'
import { newPassphraseRule, openBox, sealBox, stretch } from './seal-box.ts'

export const SHARES = 5
export const SHARES_NEEDED = 3
const CONTEXT = 'amanat-master/v1'
const MIN_PASSPHRASE = 12

/** The master key opens every sealed key file; it lies under the passphrase, and in five people's shares. */
const masterFile = z.strictObject({
  format: z.literal(CONTEXT),
  rule: z.strictObject({
    kdf: z.literal('scrypt'),
    logN: z.number().int().min(14).max(18),
    r: z.number().int().min(8).max(8),
    p: z.number().int().min(1).max(1),
    salt: z.string(),
  }),
  /** SHA-256 of context ‖ master key: shares that were combined wrongly are noticed. */
  digest: z.string(),
  master: z.strictObject({ nonce: z.string(), box: z.string() }),
})

type MasterFile = z.infer<typeof masterFile>

/** Null where the keys are not sealed. Refuses: keys_damaged. */
export async function readMasterFile(file: string): Promise<MasterFile | null> {
  const text = await readText(file)
  if (text === null) return null
  try {
    return masterFile.parse(JSON.parse(text))
  } catch {
    throw keysDamaged(file)
  }
}

/** Refuses: passphrase_wrong. */
export async function openMaster(found: MasterFile, passphrase: string): Promise<Buffer> {
  const master = openBox(await stretch(passphrase, found.rule), found.master, CONTEXT)
  if (master !== null && digestOf(master) === found.digest) return master
  throw new Refusal(
    'passphrase_wrong',
    'The passphrase is not the one these keys were sealed with. Nothing was changed. Try again; where it is lost, three of the five recovery shares open the keys.',
  )
}

/** Writes the master key under a passphrase. Refuses: passphrase_weak (under 12 characters). */
export async function writeMasterFile(file: string, master: Uint8Array, passphrase: string): Promise<void> {
  requireStrong(passphrase)
  const rule = newPassphraseRule()
  const sealed = sealBox(await stretch(passphrase, rule), master, CONTEXT)
  const found: MasterFile = { format: CONTEXT, rule, digest: digestOf(master), master: sealed }
  await writeDurably(file, `${JSON.stringify(found, null, 1)}\n`)
}

export function requireStrong(passphrase: string): void {
  if ([...passphrase.normalize('NFKC')].length >= MIN_PASSPHRASE) return
  throw new Refusal(
    'passphrase_weak',
    `A passphrase needs at least ${MIN_PASSPHRASE} characters. Nothing was changed.`,
  )
}

export function newMaster(): Buffer {
  return randomBytes(32)
}

/** Five shares, any three of which give the key back. Text: `amanat-share-<hex>-<4 hex digits of check>`. */
export async function shareMaster(master: Uint8Array): Promise<string[]> {
  const shares = await split(new Uint8Array(master), SHARES, SHARES_NEEDED)
  return shares.map((share) => {
    const hex = Buffer.from(share).toString('hex')
    return `amanat-share-${hex}-${checkOf(hex)}`
  })
}

/**
 * The master key out of shares.
 *
 * Refuses: share_mistyped (naming which), shares_too_few, shares_wrong (together they give another key).
 */
export async function combineShares(shares: readonly string[], found: MasterFile): Promise<Buffer> {
  const bytes = [...new Set(shares.map((share, at) => parseShare(share, at)))].map((hex) =>
    Buffer.from(hex, 'hex'),
  )
  if (bytes.length < SHARES_NEEDED)
    throw new Refusal(
      'shares_too_few',
      `${SHARES_NEEDED} different shares are needed; ${bytes.length} were given. Nothing was changed.`,
    )
  const master = Buffer.from(await combine(bytes.map((share) => new Uint8Array(share))))
  if (digestOf(master) === found.digest) return master
  throw new Refusal(
    'shares_wrong',
    'These shares do not belong together, or belong to other keys. Nothing was changed.',
  )
}

function parseShare(share: string, at: number): string {
  const parts = /^amanat-share-([0-9a-f]{66})-([0-9a-f]{4})$/.exec(share.trim().toLowerCase())
  const [, hex, check] = parts ?? []
  if (hex !== undefined && checkOf(hex) === check) return hex
  throw new Refusal(
    'share_mistyped',
    `Share ${at + 1} is mistyped: its check digits do not fit. Compare it with the paper.`,
  )
}

function checkOf(hex: string): string {
  return createHash('sha256').update(`amanat-share/v1\n${hex}`).digest('hex').slice(0, 4)
}

function digestOf(master: Uint8Array): string {
  return createHash('sha256').update(`${CONTEXT}\n`).update(master).digest('hex')
}
