import { Refusal } from '../../base/refusal.ts'
import type { Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { newSecret } from './secrets.ts'
import * as store from './store.ts'

const MOST = 50

/** Makes a token that acts as the actor; its secret is shown once. Refuses: conflict (too many). */
export async function createToken(
  tx: Tx,
  order: { name: string; days: number },
): Promise<{ id: string; token: string; expiresAt: string }> {
  const { desk, actor } = tx
  if ((await store.runningTokens(tx, actor.id, desk.now())).length >= MOST)
    throw new Refusal('conflict', `You have ${MOST} tokens. Revoke one that you no longer use.`)
  const { secret, digest } = newSecret(desk, 'tok')
  const [id, now] = [desk.newId(), desk.now()]
  const expiresAt = new Date(now.getTime() + order.days * 86_400_000)
  await tx.sql
    .insertInto('identity.token')
    .values({
      id,
      person_id: actor.id,
      name: order.name,
      secret_digest: digest,
      created_at: now,
      expires_at: expiresAt,
    })
    .execute()
  await append(tx, {
    kind: 'identity.token.made',
    subjects: [{ type: 'person', id: actor.id }],
    detail: { token: id, until: expiresAt.toISOString() },
  })
  return { id, token: secret, expiresAt: expiresAt.toISOString() }
}

/** Refuses: not_found. */
export async function revokeToken(tx: Tx, id: string): Promise<void> {
  const revoked = await store.revokeTokens(tx, tx.actor.id, id)
  if (revoked.length === 0) throw new Refusal('not_found', 'There is no such running token of yours.')
  await append(tx, {
    kind: 'identity.token.revoked',
    subjects: [{ type: 'person', id: tx.actor.id }],
    detail: { token: id },
  })
}
