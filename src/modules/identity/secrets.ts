import { createHash } from 'node:crypto'
import type { Desk } from '../../platform/tx.ts'

/** A secret that is handed out once, and what is kept of it. */
export interface HandedOut {
  readonly secret: string
  readonly digest: Buffer
}

/** 32 random bytes behind a prefix that says what it opens; only its SHA-256 is stored. */
export function newSecret(desk: Desk, prefix: 'ses' | 'inv' | 'tok'): HandedOut {
  const secret = `amanat_${prefix}_${Buffer.from(desk.random(32)).toString('base64url')}`
  return { secret, digest: digestOf(secret) }
}

/** The secrets are random and long, so a plain digest cannot be guessed back. */
export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export function digestBytes(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
