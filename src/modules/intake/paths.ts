import { createHash } from 'node:crypto'
import { safePathOf } from './extract/gather.ts'

/** A path as a provider gave it: how it is shown, its own bytes where that does not spell them, and its digest. */
export interface GivenPath {
  readonly shown: string
  readonly bytes: Buffer | null
  readonly digest: Buffer
}

/** Reads a path whatever its bytes are; nothing of it is ever used as a path on this machine. */
export function givenPath(raw: string | Uint8Array): GivenPath {
  const bytes = Buffer.from(raw as Uint8Array)
  const text = bytes.toString('utf8')
  const shown = safePathOf(text.replaceAll('\uFFFD', '_'))
  const spelled = Buffer.from(shown).equals(bytes)
  return { shown, bytes: spelled ? null : bytes, digest: createHash('sha256').update(bytes).digest() }
}
