import { bech32, base64nopad } from '@scure/base'
import { concatBytes } from '../base/bytes.ts'
import { FILE_KEY_BYTES } from './age.ts'
import { malformed } from './malformed.ts'
import type { Primitives } from './primitives.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'

/**
 * An age v1 header that wraps an *existing* file key for X25519 recipients, so that header ‖ payload
 * opens with stock `age` while the sealed payload, and its address in the log, stay the same.
 * Reading other people's headers (all recipient kinds) is left to the `age-encryption` package.
 */
const INTRO = 'age-encryption.org/v1\n'
const X25519_INFO = toUtf8('age-encryption.org/v1/X25519')
const MAX_HEADER_BYTES = 65_536

/** The raw key of an `age1…` recipient. Refuses malformed: any other text, hybrid recipients included. */
export function parseX25519Recipient(text: string): Uint8Array {
  return bech32Key(text, 'age', 'the recipient is not an age1… key')
}

/** The raw key of an `AGE-SECRET-KEY-1…` identity. Refuses malformed: any other text. */
export function parseX25519Identity(text: string): Uint8Array {
  if (text !== text.toUpperCase()) throw malformed('the identity is not an AGE-SECRET-KEY-1… key')
  return bech32Key(text.toLowerCase(), 'age-secret-key-', 'the identity is not an AGE-SECRET-KEY-1… key')
}

/** The `age1…` text of a raw X25519 public key. */
export function formatX25519Recipient(publicKey: Uint8Array): string {
  return bech32.encodeFromBytes('age', publicKey)
}

/**
 * `recipients`: raw X25519 public keys, at least one. `random(n)`: n bytes from a cryptographic source.
 * Refuses malformed: no recipient, or one whose key is a point of small order.
 */
export function makeAgeHeader(
  p: Primitives,
  order: { readonly fileKey: Uint8Array; readonly recipients: readonly Uint8Array[] },
  random: (bytes: number) => Uint8Array,
): Uint8Array {
  if (order.fileKey.length !== FILE_KEY_BYTES) throw new RangeError('a file key must have 16 bytes')
  if (order.recipients.length === 0) throw malformed('a header needs at least one recipient')
  const stanzas = order.recipients.map((recipient) => wrapFor(p, order.fileKey, recipient, random(32)))
  const unsigned = toUtf8(`${INTRO}${stanzas.join('')}---`)
  const macKey = p.hkdfSha256(order.fileKey, new Uint8Array(0), toUtf8('header'), 32)
  const mac = base64nopad.encode(p.hmacSha256(macKey, unsigned))
  return concatBytes(unsigned, toUtf8(` ${mac}\n`))
}

/** Where the header of an age file ends. Refuses malformed: no whole header within 64 KiB. */
export function ageHeaderLength(file: Uint8Array): number {
  const intro = toUtf8(INTRO)
  if (intro.some((byte, at) => file[at] !== byte)) throw malformed('this is not an age v1 file')
  let start = intro.length
  for (let at = start; at < Math.min(file.length, MAX_HEADER_BYTES); at++) {
    if (file[at] !== 10) continue
    const line = fromAscii(file.subarray(start, at))
    if (line.startsWith('---')) {
      if (/^--- [A-Za-z0-9+/]{43}$/.test(line)) return at + 1
      throw malformed('the last line of the age header does not hold a MAC')
    }
    start = at + 1
  }
  throw malformed('the age header has no end')
}

function wrapFor(p: Primitives, fileKey: Uint8Array, recipient: Uint8Array, secret: Uint8Array): string {
  const share = p.x25519PublicKey(secret)
  const shared = p.x25519(secret, recipient)
  if (shared === null) throw malformed('the recipient is a point of small order')
  const key = p.hkdfSha256(shared, concatBytes(share, recipient), X25519_INFO, 32)
  const body = p.chachaSeal(key, new Uint8Array(12), fileKey)
  return `-> X25519 ${base64nopad.encode(share)}\n${base64nopad.encode(body)}\n`
}

function bech32Key(text: string, prefix: string, complaint: string): Uint8Array {
  const decoded = bech32.decodeUnsafe(text, 120)
  const words = decoded?.prefix === prefix ? bech32.fromWordsUnsafe(decoded.words) : undefined
  if (words === undefined || words instanceof Error || words.length !== 32) throw malformed(complaint)
  return Uint8Array.from(words)
}

function fromAscii(bytes: Uint8Array): string {
  return bytes.every((byte) => byte < 128) ? fromUtf8(bytes) : ''
}
