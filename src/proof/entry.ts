import { concatBytes, equalBytes, fromBase64, toBase64, toHex } from '../base/bytes.ts'
import { fromCanonical, toCanonical, type JsonObject, type JsonValue } from './canonical.ts'
import { envelopeFromJson, envelopeToBytes, preAuthentication, type Envelope } from './dsse.ts'
import { fields, list, object, shaped, text } from './fields.ts'
import { SALT_BYTES, makeLeaf } from './leaf.ts'
import { malformed } from './malformed.ts'
import type { Primitives } from './primitives.ts'
import { toUtf8 } from './utf8.ts'

/**
 * An entry says what was done, when and to which subjects. `detail` is open: whoever is shown the
 * entry reads it. A *sealed field* stands in the entry as a salted digest only; its value is shown
 * (or not) one by one. Who acted and why are sealed, so that a certificate can carry the entry
 * without naming people.
 */
export interface Entry {
  readonly id: string
  /** UTC, milliseconds: `2026-11-22T09:30:00.000Z`. Stated by the desk, not proven. */
  readonly at: string
  /** `module.noun.verb-done`, such as `evidence.item.registered`. */
  readonly kind: string
  readonly subjects: readonly Subject[]
  readonly detail: JsonObject
  /** Field name → base64 of the digest. */
  readonly sealed: Readonly<Record<string, string>>
}

export interface Subject {
  readonly type: string
  readonly id: string
}

/** What opens a sealed field. Kept beside the entry, erased with it. `salt`: base64 of 32 bytes. */
export interface Disclosure {
  readonly salt: string
  readonly value: JsonValue
}

/** An entry before it is signed: sealed fields still as values. */
export type EntryDraft = Omit<Entry, 'sealed'> & { readonly sealed: Readonly<Record<string, JsonValue>> }

/** All that is stored of an entry. Only `leaf` goes into the log. */
export interface SignedEntry {
  readonly entry: Entry
  /** The envelope's RFC 8785 bytes: what the leaf commits to. */
  readonly bytes: Uint8Array
  readonly salt: Uint8Array
  readonly leaf: Uint8Array
  readonly disclosures: Readonly<Record<string, Disclosure>>
}

/** The desk's entry key; it is not the log's key. `keyId`: see `entryKeyId`. */
export interface EntrySigner {
  readonly keyId: string
  sign(message: Uint8Array): Uint8Array
}

export const ENTRY_PAYLOAD_TYPE = 'application/vnd.amanat.entry.v1+json'
export const ENTRY_SCHEMA = 'amanat.org/entry/v1'
export const MAX_ENTRY_BYTES = 262_144
const MAX_ENVELOPE_BYTES = 360_000 // base64 of the largest entry, and the rest
const MAX_SUBJECTS = 1000
const MAX_SEALED = 64
const SEALED_DOMAIN = toUtf8('amanat.org/sealed-field/v1\n')

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/
const KIND = /^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){1,4}$/
const TYPE = /^[a-z][a-z0-9_]{0,39}$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Lower-case hex SHA-256 of the raw 32-byte public key. */
export function entryKeyId(p: Primitives, publicKey: Uint8Array): string {
  return toHex(p.sha256(publicKey))
}

/**
 * Seals, signs and salts an entry. `random(n)`: n bytes from a cryptographic source.
 * Refuses malformed: a draft that the format does not allow, or one that is too large.
 */
export function signEntry(
  p: Primitives,
  draft: EntryDraft,
  signer: EntrySigner,
  random: (bytes: number) => Uint8Array,
): SignedEntry {
  const disclosures: Record<string, Disclosure> = Object.fromEntries(
    Object.entries(draft.sealed).map(([name, value]) => [
      name,
      { salt: toBase64(random(SALT_BYTES)), value },
    ]),
  )
  const sealed = Object.fromEntries(
    Object.entries(disclosures).map(([name, one]) => [name, toBase64(sealedDigest(p, name, one))]),
  )
  const { id, at, kind, subjects, detail } = draft
  const entry: Entry = { id, at, kind, subjects, detail, sealed }
  const json = entryToJson(entry)
  entryFromJson(json) // never sign what a verifier would refuse
  const payload = toCanonical(json)
  if (payload.length > MAX_ENTRY_BYTES) throw malformed(`the entry is larger than ${MAX_ENTRY_BYTES} bytes`)
  const signature = signer.sign(preAuthentication(ENTRY_PAYLOAD_TYPE, payload))
  const envelope = { payloadType: ENTRY_PAYLOAD_TYPE, payload, keyId: signer.keyId, signature }
  const bytes = envelopeToBytes(envelope)
  const salt = random(SALT_BYTES)
  return { entry, bytes, salt, leaf: makeLeaf(p, salt, bytes), disclosures }
}

export interface ReadEntry {
  readonly envelope: Envelope
  readonly entry: Entry
}

/** Reads a signed entry strictly; its signature is not checked here. Refuses malformed. */
export function parseSignedEntry(bytes: Uint8Array): ReadEntry {
  return openEnvelope(envelopeFromJson(fromCanonical(bytes, MAX_ENVELOPE_BYTES)))
}

/** Reads the entry inside an envelope. Refuses malformed: another payload type, or no entry. */
export function openEnvelope(envelope: Envelope): ReadEntry {
  if (envelope.payloadType !== ENTRY_PAYLOAD_TYPE) throw malformed('the envelope does not hold an entry')
  return { envelope, entry: entryFromJson(fromCanonical(envelope.payload, MAX_ENTRY_BYTES)) }
}

/** True where the entry's key signed it and the key has the id that the envelope names. */
export function isSignedBy(p: Primitives, envelope: Envelope, publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32 || entryKeyId(p, publicKey) !== envelope.keyId) return false
  const message = preAuthentication(envelope.payloadType, envelope.payload)
  return p.ed25519Verify(publicKey, message, envelope.signature)
}

/** SHA-256(domain ‖ salt ‖ RFC 8785 of [name, value]). Refuses malformed: a salt of another length. */
export function sealedDigest(p: Primitives, name: string, disclosure: Disclosure): Uint8Array {
  const salt = fromBase64(disclosure.salt)
  if (salt === null || salt.length !== SALT_BYTES) throw malformed(`the salt of "${name}" is not 32 bytes`)
  return p.sha256(concatBytes(SEALED_DOMAIN, salt, toCanonical([name, disclosure.value])))
}

/** True where the entry has this sealed field and the disclosure opens it. */
export function opensSealed(p: Primitives, entry: Entry, name: string, disclosure: Disclosure): boolean {
  const digest = Object.hasOwn(entry.sealed, name) ? fromBase64(entry.sealed[name]!) : null
  return digest !== null && equalBytes(digest, sealedDigest(p, name, disclosure))
}

function entryToJson(entry: Entry): JsonObject {
  const { id, at, kind, subjects, detail, sealed } = entry
  return {
    schema: ENTRY_SCHEMA,
    id,
    at,
    kind,
    subjects: subjects.map((subject) => ({ type: subject.type, id: subject.id })),
    detail,
    sealed,
  }
}

function entryFromJson(value: JsonValue): Entry {
  const found = fields(value, 'entry', ['schema', 'id', 'at', 'kind', 'subjects', 'detail', 'sealed'])
  if (found['schema'] !== ENTRY_SCHEMA) throw malformed(`the entry is not of schema ${ENTRY_SCHEMA}`)
  return {
    id: shaped(found['id'], 'entry id', UUID),
    at: instant(found['at']),
    kind: shaped(found['kind'], 'entry kind', KIND),
    subjects: list(found['subjects'], 'entry subjects', MAX_SUBJECTS).map(subjectFromJson),
    detail: object(found['detail'], 'entry detail'),
    sealed: sealedFromJson(found['sealed']),
  }
}

function subjectFromJson(value: JsonValue): Subject {
  const found = fields(value, 'entry subject', ['type', 'id'])
  return { type: shaped(found['type'], 'subject type', TYPE), id: text(found['id'], 'subject id', 200) }
}

function sealedFromJson(value: JsonValue | undefined): Record<string, string> {
  const digests = Object.entries(object(value, 'entry sealed fields'))
  if (digests.length > MAX_SEALED) throw malformed('the entry has too many sealed fields')
  return Object.fromEntries(
    digests.map(([name, digest]) => {
      const bytes = fromBase64(text(digest, 'sealed field', 44))
      if (bytes === null || bytes.length !== 32) throw malformed('a sealed field is not a digest')
      return [shaped(name, 'sealed field name', /^[a-z][A-Za-z0-9]{0,39}$/), text(digest, 'sealed field')]
    }),
  )
}

/** The form and a real date: 31 February is refused. */
function instant(value: JsonValue | undefined): string {
  const found = shaped(value, 'entry time', INSTANT)
  const time = Date.parse(found)
  if (Number.isNaN(time) || new Date(time).toISOString() !== found)
    throw malformed('the entry time is no date')
  return found
}
