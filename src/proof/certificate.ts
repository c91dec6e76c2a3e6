import { fromBase64, toBase64 } from '../base/bytes.ts'
import { fromCanonical, toCanonical, type JsonObject, type JsonValue } from './canonical.ts'
import { envelopeFromJson, envelopeToJson } from './dsse.ts'
import { openEnvelope, parseSignedEntry, type Disclosure, type ReadEntry } from './entry.ts'
import { count, fields, list, object, text } from './fields.ts'
import { SALT_BYTES } from './leaf.ts'
import { malformed } from './malformed.ts'
import { HASH_BYTES } from './merkle.ts'
import { formatVerifierKey, type VerifierKey } from './note.ts'

/**
 * An integrity certificate: one canonical JSON file that carries everything an offline verifier needs
 * but the original and the trusted key. Every byte of it is either signed, hashed into the log, or
 * one of the three names of this format; there is no free field that nobody checks.
 */
export interface Certificate {
  /** The log's verifier key as the certificate states it; a policy decides whether it is trusted. */
  readonly logKey: string
  /** The signed note. */
  readonly checkpoint: string
  /** Ascending, no index twice. */
  readonly entries: readonly CertifiedEntry[]
}

export interface CertifiedEntry extends ReadEntry {
  /** Its place in the log. */
  readonly index: number
  readonly salt: Uint8Array
  /** The envelope's RFC 8785 bytes. */
  readonly bytes: Uint8Array
  readonly proof: readonly Uint8Array[]
  readonly disclosed: Readonly<Record<string, Disclosure>>
}

export const CERTIFICATE_FORMAT = 'amanat.org/integrity-certificate/v1'
export const MAX_CERTIFICATE_BYTES = 8 * 1024 * 1024
const MAX_ENTRIES = 64
const MAX_PROOF = 48 // the log has fewer than 2^48 leaves
const MAX_NOTE = 65_536

/** What a certificate is made from; proofs are for the checkpoint's tree. */
export interface CertificateInput {
  readonly logKey: VerifierKey
  readonly checkpoint: string
  readonly entries: readonly {
    readonly index: number
    readonly salt: Uint8Array
    readonly signedEntry: Uint8Array
    readonly proof: readonly Uint8Array[]
    /** Sealed fields to show; none for an ordinary certificate. */
    readonly disclosed?: Readonly<Record<string, Disclosure>>
  }[]
}

/**
 * The certificate's bytes. Order of `entries` does not matter. Whoever hands it out runs
 * `verifyCertificate` on it first: nothing is proven here.
 *
 * Refuses malformed: parts that could not be read back.
 */
export function buildCertificate(input: CertificateInput): Uint8Array {
  const entries = input.entries.toSorted((a, b) => a.index - b.index)
  const bytes = toCanonical({
    format: CERTIFICATE_FORMAT,
    logKey: formatVerifierKey(input.logKey),
    checkpoint: input.checkpoint,
    entries: entries.map((entry) => ({
      index: entry.index,
      salt: toBase64(entry.salt),
      proof: entry.proof.map(toBase64),
      signed: envelopeToJson(parseSignedEntry(entry.signedEntry).envelope),
      disclosed: Object.fromEntries(
        Object.entries(entry.disclosed ?? {}).map(([name, { salt, value }]) => [name, { salt, value }]),
      ),
    })),
  })
  parseCertificate(bytes)
  return bytes
}

/** Reads a certificate strictly; proves nothing. Refuses malformed. */
export function parseCertificate(bytes: Uint8Array): Certificate {
  const names = ['format', 'logKey', 'checkpoint', 'entries']
  const found = fields(fromCanonical(bytes, MAX_CERTIFICATE_BYTES), 'certificate', names)
  if (found['format'] !== CERTIFICATE_FORMAT)
    throw malformed(`this is not a certificate of ${CERTIFICATE_FORMAT}`)
  const entries = list(found['entries'], 'certificate entries', MAX_ENTRIES).map(entryFromJson)
  if (entries.length === 0) throw malformed('the certificate holds no entries')
  entries.forEach((entry, at) => {
    if (at > 0 && entry.index <= (entries[at - 1]?.index ?? 0))
      throw malformed('the entries of the certificate are not in the order of the log')
  })
  return {
    logKey: text(found['logKey'], 'log key', 4096),
    checkpoint: text(found['checkpoint'], 'checkpoint', MAX_NOTE),
    entries,
  }
}

function entryFromJson(value: JsonValue): CertifiedEntry {
  const found = fields(value, 'certified entry', ['index', 'salt', 'proof', 'signed', 'disclosed'])
  const signed = object(found['signed'], 'signed entry')
  return {
    ...openEnvelope(envelopeFromJson(signed)),
    index: count(found['index'], 'entry index'),
    salt: sized(found['salt'], 'entry salt', SALT_BYTES),
    bytes: toCanonical(signed),
    proof: list(found['proof'], 'inclusion proof', MAX_PROOF).map((hash) =>
      sized(hash, 'proof hash', HASH_BYTES),
    ),
    disclosed: disclosedFromJson(object(found['disclosed'], 'disclosed fields')),
  }
}

function disclosedFromJson(value: JsonObject): Record<string, Disclosure> {
  return Object.fromEntries(
    Object.entries(value).map(([name, disclosure]) => {
      const found = fields(disclosure, 'disclosed field', ['salt', 'value'])
      sized(found['salt'], 'salt of a disclosed field', SALT_BYTES)
      return [name, { salt: text(found['salt'], 'salt'), value: found['value'] ?? null }]
    }),
  )
}

function sized(value: JsonValue | undefined, what: string, length: number): Uint8Array {
  const bytes = fromBase64(text(value, what, 4 * length))
  if (bytes === null || bytes.length !== length) throw malformed(`${what} is not ${length} bytes in base64`)
  return bytes
}
