import { toHex } from './bytes.ts'

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * A UUID of version 7 (RFC 9562 §5.7): sorts by the millisecond it was made in.
 *
 * `random`: 10 bytes from a cryptographic source.
 */
export function uuidV7(epochMs: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16)
  for (let at = 0; at < 6; at++) bytes[at] = Math.floor(epochMs / 2 ** (8 * (5 - at))) & 255
  bytes.set(random.subarray(0, 10), 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const hex = toHex(bytes)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** True for the canonical lower-case spelling of a UUID. */
export function isId(text: string): boolean {
  return ID.test(text)
}
