import { concatBytes, toBase64, toHex, fromBase64 } from '../base/bytes.ts'
import type { JsonObject } from './canonical.ts'
import type { Entry } from './entry.ts'
import { count, shaped, text } from './fields.ts'
import { malformed } from './malformed.ts'
import type { Primitives } from './primitives.ts'
import { toUtf8 } from './utf8.ts'

/**
 * The entries that a certificate is made of: their kinds, and what their open `detail` must hold
 * (docs/formats/certificate.md). Each is about exactly one subject of type `item`; the entry of a
 * key is about none. Their details may hold more, but whoever is shown a certificate reads all of it.
 */
export const ITEM_KIND = {
  keyAuthorised: 'ledger.entry_key.authorised',
  received: 'evidence.item.received',
  registered: 'evidence.item.registered',
  erased: 'integrity.item.erased',
} as const

const FILE_KEY_DOMAIN = toUtf8('amanat.org/file-key/v1\n')
const SHA256 = /^[0-9a-f]{64}$/

/** What an item is, as its `received` entry says. Hashes are lower-case hex. */
export interface Received {
  /** SHA-256 of the plaintext. */
  readonly sha256: string
  readonly sizeBytes: number
  /** SHA-256 of the sealed payload in the vault. */
  readonly address: string
  readonly fileKeyCommitment: string
}

/** SHA-256(domain ‖ file key), hex: which key opens the sealed file, without saying the key. */
export function commitToFileKey(p: Primitives, fileKey: Uint8Array): string {
  return toHex(p.sha256(concatBytes(FILE_KEY_DOMAIN, fileKey)))
}

export function receivedDetail(received: Received): JsonObject {
  const { sha256, sizeBytes, address, fileKeyCommitment } = received
  return { sha256, sizeBytes, address, fileKeyCommitment }
}

export function registeredDetail(registrationNumber: string): JsonObject {
  return { registrationNumber }
}

/** `registrationNumber`: null where the item was never registered. One entry per item erased. */
export function erasedDetail(erased: { readonly registrationNumber: string | null }): JsonObject {
  return { registrationNumber: erased.registrationNumber }
}

export function keyAuthorisedDetail(publicKey: Uint8Array): JsonObject {
  return { algorithm: 'ed25519', publicKey: toBase64(publicKey) }
}

/** Refuses malformed: a field is missing or does not have its form. */
export function readReceived(entry: Entry): Received {
  const { detail } = entry
  return {
    sha256: shaped(detail['sha256'], 'the SHA-256 of the item', SHA256),
    sizeBytes: count(detail['sizeBytes'], 'the size of the item'),
    address: shaped(detail['address'], 'the vault address', SHA256),
    fileKeyCommitment: shaped(detail['fileKeyCommitment'], 'the file key commitment', SHA256),
  }
}

/** The registration number in a `registered` or `erased` entry. Refuses malformed. */
export function readRegistrationNumber(entry: Entry): string | null {
  const value = entry.detail['registrationNumber']
  if (value === null && entry.kind === ITEM_KIND.erased) return null
  const number = text(value, 'the registration number', 200)
  // Bidirectional controls would let a number read as another one.
  if (number === '' || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(number))
    throw malformed('the registration number is empty or holds invisible characters')
  return number
}

/** The raw public key in a `keyAuthorised` entry. Refuses malformed. */
export function readAuthorisedKey(entry: Entry): Uint8Array {
  if (entry.detail['algorithm'] !== 'ed25519') throw malformed('the authorised key is not an Ed25519 key')
  const key = fromBase64(text(entry.detail['publicKey'], 'the authorised key', 64))
  if (key === null || key.length !== 32) throw malformed('the authorised key is not 32 bytes')
  return key
}

/** The one item that an entry is about. Refuses malformed: none or several. */
export function itemOf(entry: Entry): string {
  const items = entry.subjects.filter((subject) => subject.type === 'item')
  if (items.length !== 1) throw malformed(`an entry of kind ${entry.kind} must be about exactly one item`)
  return items[0]?.id ?? ''
}
