import { concatBytes, fromBase64, toBase64 } from '../base/bytes.ts'
import { malformed } from './malformed.ts'
import { HASH_BYTES, MAX_TREE_SIZE } from './merkle.ts'
import {
  KEY_TYPE,
  linesOf,
  type Note,
  type NoteSignature,
  type SignatureCheck,
  type VerifierKey,
} from './note.ts'
import type { Primitives } from './primitives.ts'
import { toUtf8 } from './utf8.ts'

/** C2SP tlog-checkpoint: which tree the log stands at. The text of a note. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  /** Lines after the root. We write none; those of others are kept. */
  readonly extensions: readonly string[]
}

const MAX_EXTENSIONS = 16

/** The note text, ready to be signed. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint
  return [origin, String(size), toBase64(root), ...extensions, ''].join('\n')
}

/** Refuses malformed: another form, a size of 2^48 or more, a root that is not 32 bytes. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.length < 3) throw malformed('the checkpoint has fewer than three lines')
  const [origin, size, encoded, ...extensions] = lines as [string, string, string, ...string[]]
  if (origin === '' || origin.length > 255) throw malformed('the checkpoint has no origin')
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || Number(size) >= MAX_TREE_SIZE)
    throw malformed('the size in the checkpoint is not a number below 2^48')
  const root = fromBase64(encoded)
  if (root === null || root.length !== HASH_BYTES) throw malformed('the root in the checkpoint is not a hash')
  if (extensions.length > MAX_EXTENSIONS || extensions.includes(''))
    throw malformed('the checkpoint has an empty or too many extension lines')
  return { origin, size: Number(size), root, extensions }
}

/** What a cosigner signs: `cosignature/v1`, the time, and the whole note text. */
export function cosignedMessage(text: string, epochSeconds: number): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${epochSeconds}\n${text}`)
}

/** Makes a signature line; `sign` keeps the cosigner's private key. */
export function cosign(
  text: string,
  order: { readonly key: VerifierKey; readonly epochSeconds: number },
  sign: (message: Uint8Array) => Uint8Array,
): NoteSignature {
  if (order.key.type !== KEY_TYPE.cosignature) throw new TypeError('the key is not a cosigner key')
  const time = new Uint8Array(8)
  for (let at = 0; at < 8; at++) time[at] = Math.floor(order.epochSeconds / 2 ** (8 * (7 - at))) & 255
  const signature = concatBytes(time, sign(cosignedMessage(text, order.epochSeconds)))
  return { name: order.key.name, keyHash: order.key.keyHash, signature }
}

/** As `checkSignature`, for a cosigner's key; where good, the earliest time it states. */
export function checkCosignature(
  p: Primitives,
  note: Note,
  key: VerifierKey,
): { readonly verdict: SignatureCheck; readonly epochSeconds: number | null } {
  const lines = linesOf(note, key)
  if (lines.length === 0) return { verdict: 'absent', epochSeconds: null }
  const times = lines.map((line) => verifiedTime(p, note.text, key, line.signature))
  const good = times.filter((time) => time !== null)
  if (key.type !== KEY_TYPE.cosignature || good.length < times.length)
    return { verdict: 'bad', epochSeconds: null }
  return { verdict: 'good', epochSeconds: Math.min(...good) }
}

function verifiedTime(p: Primitives, text: string, key: VerifierKey, signature: Uint8Array): number | null {
  if (signature.length !== 72) return null
  const epochSeconds = signature.subarray(0, 8).reduce((sum, byte) => sum * 256 + byte, 0)
  if (!Number.isSafeInteger(epochSeconds)) return null
  const isGood = p.ed25519Verify(key.publicKey, cosignedMessage(text, epochSeconds), signature.subarray(8))
  return isGood ? epochSeconds : null
}
