import { concatBytes } from '../base/bytes.ts'
import type { Primitives } from './primitives.ts'
import { toUtf8 } from './utf8.ts'

/**
 * A leaf is 33 bytes whatever it stands for: version 1 ‖ SHA-256(domain ‖ salt ‖ signed entry).
 * Salt and signed entry live outside the log and can be erased; the leaf then says nothing.
 */
export const LEAF_BYTES = 33
export const LEAF_VERSION = 1
export const SALT_BYTES = 32
const DOMAIN = toUtf8('amanat.org/leaf/v1\n')

/** `salt`: 32 random bytes of this entry alone; `signedEntry`: the envelope's RFC 8785 bytes. */
export function makeLeaf(p: Primitives, salt: Uint8Array, signedEntry: Uint8Array): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new RangeError('a salt must have 32 bytes')
  return concatBytes(Uint8Array.of(LEAF_VERSION), p.sha256(concatBytes(DOMAIN, salt, signedEntry)))
}

/**
 * A leaf that stands for no entry and cannot be told from one that does. `random`: 32 bytes.
 * @public
 */
export function paddingLeaf(random: Uint8Array): Uint8Array {
  if (random.length !== 32) throw new RangeError('a padding leaf needs 32 random bytes')
  return concatBytes(Uint8Array.of(LEAF_VERSION), random)
}
