import { concatBytes, equalBytes, fromBase64, toBase64, toHex } from '../base/bytes.ts'
import { malformed } from './malformed.ts'
import type { Primitives } from './primitives.ts'
import { toUtf8 } from './utf8.ts'

/**
 * C2SP signed-note. A note is a text that ends in a newline, an empty line, and signature lines
 * `— name base64(4-byte key hash ‖ signature)`. Signatures by unknown keys are kept, never trusted.
 */
export interface Note {
  /** With its last newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  readonly name: string
  readonly keyHash: Uint8Array
  readonly signature: Uint8Array
}

/** Signature types of C2SP signed-note; 6 is ML-DSA-44, parsed and kept, not verified yet. */
export const KEY_TYPE = { ed25519: 1, cosignature: 4, mlDsa44: 6 } as const

/** A public key with a name, as written in a *verifier key*: `name+hash+base64(type ‖ key)`. */
export interface VerifierKey {
  readonly name: string
  readonly keyHash: Uint8Array
  readonly type: number
  readonly publicKey: Uint8Array
}

const MAX_NOTE_BYTES = 65_536
const MAX_SIGNATURES = 64
const SEPARATOR = '\n\n'

/** First 4 bytes of SHA-256(name ‖ newline ‖ type ‖ key). */
export function keyHash(p: Primitives, name: string, type: number, publicKey: Uint8Array): Uint8Array {
  return p.sha256(concatBytes(toUtf8(`${name}\n`), Uint8Array.of(type), publicKey)).slice(0, 4)
}

/** Refuses malformed: a name with a space, a plus sign, or none at all; a key that is not 32 bytes. */
export function verifierKey(
  p: Primitives,
  key: { readonly name: string; readonly type: number; readonly publicKey: Uint8Array },
): VerifierKey {
  requireName(key.name)
  if (key.type !== KEY_TYPE.mlDsa44 && key.publicKey.length !== 32)
    throw malformed('an Ed25519 key must have 32 bytes')
  return { ...key, keyHash: keyHash(p, key.name, key.type, key.publicKey) }
}

export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${toHex(key.keyHash)}+${toBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`
}

/** Refuses malformed: another form, or a hash that is not the key's. */
export function parseVerifierKey(p: Primitives, text: string): VerifierKey {
  const found = /^([^+\s]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,4096})$/u.exec(text)
  if (found === null) throw malformed('the verifier key does not have the form name+hash+key')
  const [, name, hash, encoded] = found as unknown as [string, string, string, string]
  const bytes = fromBase64(encoded)
  if (bytes === null || bytes.length < 2) throw malformed('the verifier key is not base64')
  const key = verifierKey(p, { name, type: bytes[0]!, publicKey: bytes.slice(1) })
  if (toHex(key.keyHash) !== hash) throw malformed('the verifier key does not match its own hash')
  return key
}

/** Refuses malformed: control characters, no final newline, no name. */
export function formatNote(note: Note): string {
  requireText(note.text)
  const lines = note.signatures.map(
    (line) => `— ${line.name} ${toBase64(concatBytes(line.keyHash, line.signature))}\n`,
  )
  return `${note.text}\n${lines.join('')}`
}

/** Refuses malformed: anything but a note with at least one signature, within its bounds. */
export function parseNote(note: string): Note {
  if (note.length > MAX_NOTE_BYTES) throw malformed('the note is too large')
  const split = note.lastIndexOf(SEPARATOR)
  if (split < 0 || !note.endsWith('\n')) throw malformed('the note has no signatures')
  const text = note.slice(0, split + 1)
  requireText(text)
  const lines = note.slice(split + SEPARATOR.length, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw malformed('the note has too many signatures')
  return { text, signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): NoteSignature {
  const found = /^— ([^+\s]{1,255}) ([A-Za-z0-9+/=]{1,8192})$/u.exec(line)
  if (found === null) throw malformed('a signature line of the note does not have its form')
  const bytes = fromBase64(found[2]!)
  if (bytes === null || bytes.length < 5) throw malformed('a signature of the note is not base64')
  return { name: found[1]!, keyHash: bytes.slice(0, 4), signature: bytes.slice(4) }
}

/** What a signature line of the key's type signs. */
export type SignatureCheck = 'good' | 'bad' | 'absent'

/**
 * Looks for the key's signature on a note. `absent`: no line with its name and hash. `bad`: there
 * is one and it does not verify; one bad line is enough, even beside a good one.
 */
export function checkSignature(p: Primitives, note: Note, key: VerifierKey): SignatureCheck {
  const lines = linesOf(note, key)
  if (lines.length === 0) return 'absent'
  if (key.type !== KEY_TYPE.ed25519) return 'bad'
  const message = toUtf8(note.text)
  return lines.every((line) => p.ed25519Verify(key.publicKey, message, line.signature)) ? 'good' : 'bad'
}

/** The signature lines that name this key. */
export function linesOf(note: Note, key: VerifierKey): readonly NoteSignature[] {
  return note.signatures.filter((line) => line.name === key.name && equalBytes(line.keyHash, key.keyHash))
}

/** Signs a text with an Ed25519 key; `sign` keeps the private key. */
export function signNote(
  text: string,
  key: VerifierKey,
  sign: (message: Uint8Array) => Uint8Array,
): NoteSignature {
  requireText(text)
  return { name: key.name, keyHash: key.keyHash, signature: sign(toUtf8(text)) }
}

function requireName(name: string): void {
  if (!/^[^+\s\p{Cc}]{1,255}$/u.test(name)) throw malformed('a key name must have no spaces and no plus sign')
}

function requireText(text: string): void {
  if (!text.endsWith('\n')) throw malformed('the text of a note must end in a newline')
  // oxlint-disable-next-line no-control-regex -- the format forbids exactly these
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(text))
    throw malformed('the text of a note holds a control character')
}
