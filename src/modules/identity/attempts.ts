import { createHash } from 'node:crypto'
import { Refusal } from '../../base/refusal.ts'
import type { Tx } from '../../platform/tx.ts'

const FREE_TRIES = 5
const FIRST_LOCK_MS = 60_000
const LONGEST_LOCK_MS = 15 * 60_000
const FORGET_MS = 24 * 3_600_000

/** Under which failures of a sign-in name are counted; also for names that nobody has. */
export function attemptKey(kind: 'password' | 'totp', name: string): string {
  return createHash('sha256')
    .update(`${kind}\n${name.normalize('NFKC').toLowerCase()}`)
    .digest('hex')
}

/** Refuses: too_many_tries, while the key is locked. */
export async function checkAttempts(tx: Tx, key: string): Promise<void> {
  const row = await tx.sql
    .selectFrom('identity.attempt')
    .select('locked_until')
    .where('key', '=', key)
    .executeTakeFirst()
  const leftMs = (row?.locked_until?.getTime() ?? 0) - tx.desk.now().getTime()
  if (leftMs <= 0) return
  const retryAfterSeconds = Math.ceil(leftMs / 1000)
  throw new Refusal(
    'too_many_tries',
    `Too many wrong tries. Wait ${retryAfterSeconds} s, then try again; a passkey still works meanwhile.`,
    { retryAfterSeconds },
  )
}

/** Counts a failure; from the fifth on each locks the key twice as long as the one before, up to a quarter of an hour. */
export async function countFailure(tx: Tx, key: string): Promise<void> {
  const now = tx.desk.now()
  const found = await tx.sql
    .selectFrom('identity.attempt')
    .selectAll()
    .where('key', '=', key)
    .forUpdate()
    .executeTakeFirst()
  const stale = !found || now.getTime() - found.last_at.getTime() > FORGET_MS
  const failures = stale ? 1 : found.failures + 1
  const lockMs = Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** (failures - FREE_TRIES))
  const row = {
    failures,
    last_at: now,
    locked_until: failures < FREE_TRIES ? null : new Date(now.getTime() + lockMs),
  }
  await tx.sql
    .insertInto('identity.attempt')
    .values({ key, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute()
}

export async function forgetFailures(tx: Tx, key: string): Promise<void> {
  await tx.sql.deleteFrom('identity.attempt').where('key', '=', key).execute()
}

export function wrongSignIn(): Refusal {
  return new Refusal(
    'sign_in_failed',
    'The sign-in did not work: wrong name, password or code. Try again; an administrator can send you a new link.',
  )
}
