import type pg from 'pg'
import type { Desk } from '../../platform/tx.ts'

/** What integrity needs beside the desk; given once by the composition root. */
export interface IntegrityParts {
  /** The login that owns the tables: dumps read past row-level security. */
  readonly owner: pg.ClientConfig
  /** The log's verifier key, as the signer states it. */
  readonly logKey: () => Promise<string>
}

const started = new Map<string, IntegrityParts>()

export function startIntegrity(desk: Pick<Desk, 'home'>, parts: IntegrityParts): void {
  started.set(desk.home, parts)
}

export function stopIntegrity(desk: Pick<Desk, 'home'>): void {
  started.delete(desk.home)
}

export function integrityOf(desk: Pick<Desk, 'home'>): IntegrityParts {
  const parts = started.get(desk.home)
  if (!parts) throw new Error('integrity was not started for this desk')
  return parts
}
