import { Secret, TOTP } from 'otpauth'
import { Refusal } from '../../base/refusal.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { append } from '../ledger/append.ts'
import { attemptKey, checkAttempts, countFailure, wrongSignIn } from './attempts.ts'
import * as credentials from './credentials-store.ts'
import { verifyPassword } from './password.ts'
import * as store from './store.ts'

const PERIOD_SECONDS = 30
/** A code of the step before or after is taken too: clocks differ. */
const WINDOW = 1

function generatorFor(tx: Tx, label: string, secret: Uint8Array): TOTP {
  const bytes = new Uint8Array(secret)
  return new TOTP({
    issuer: tx.desk.config.deskName.replaceAll(':', ' '),
    label: label.replaceAll(':', ' '),
    secret: new Secret({ buffer: bytes.buffer }),
    period: PERIOD_SECONDS,
  })
}

/** True where the code belongs to now, give or take one step, and was not used before. */
export async function acceptsCode(tx: Tx, personId: string, code: string): Promise<boolean> {
  const credential = await credentials.findCredential(tx, personId)
  if (!credential?.totp_secret || !credential.totp_confirmed_at) return false
  return useCode(tx, personId, credential.totp_secret, code)
}

async function useCode(tx: Tx, personId: string, secret: Uint8Array, code: string): Promise<boolean> {
  const timestamp = tx.desk.now().getTime()
  const delta = generatorFor(tx, personId, secret).validate({ token: code, window: WINDOW, timestamp })
  if (delta === null) return false
  return credentials.useTotpStep(tx, personId, Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta)
}

/** Makes a new secret for the actor; it counts once `confirmTotp` has seen a code of it. Refuses: conflict. */
export async function offerTotp(tx: Tx): Promise<{ secret: string; uri: string }> {
  const { actor, desk } = tx
  const credential = await credentials.findCredential(tx, actor.id)
  if (credential?.totp_confirmed_at)
    throw new Refusal(
      'conflict',
      'A one-time code is set up already. Remove it first, then set up a new one.',
    )
  const person = await store.findPerson(tx, actor.id)
  const secret = Buffer.from(desk.random(20))
  await credentials.setCredential(tx, actor.id, { totp_secret: secret, totp_last_step: null })
  const generator = generatorFor(tx, person?.sign_in_name ?? actor.name, secret)
  return { secret: generator.secret.base32, uri: generator.toString() }
}

/** Confirms the offered secret by a code of it. Refuses: conflict (nothing offered), sign_in_failed (wrong code). */
export async function confirmTotp(tx: Tx, code: string): Promise<void> {
  const { actor } = tx
  const credential = await credentials.findCredential(tx, actor.id)
  if (!credential?.totp_secret || credential.totp_confirmed_at)
    throw new Refusal('conflict', 'There is no one-time code waiting to be confirmed. Begin again.')
  if (!(await useCode(tx, actor.id, credential.totp_secret, code))) throw wrongSignIn()
  await credentials.setCredential(tx, actor.id, { totp_confirmed_at: tx.desk.now() })
  await append(tx, { kind: 'identity.totp.added', subjects: [{ type: 'person', id: actor.id }] })
}

/** Removes the actor's one-time code after the password was given again. Refuses: sign_in_failed. */
export async function removeTotp(desk: Desk, actor: Actor, password: string): Promise<void> {
  await requirePassword(desk, actor, password)
  await inTransaction(desk, actor, async (tx) => {
    await credentials.setCredential(tx, actor.id, {
      totp_secret: null,
      totp_confirmed_at: null,
      totp_last_step: null,
    })
    await append(tx, { kind: 'identity.totp.removed', subjects: [{ type: 'person', id: actor.id }] })
  })
}

/** Refuses: sign_in_failed, where this is not the actor's password; too_many_tries. */
export async function requirePassword(desk: Desk, actor: Actor, password: string): Promise<void> {
  const key = attemptKey('password', actor.id)
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => checkAttempts(tx, key))
  const credential = await inTransaction(desk, actor, (tx) => credentials.findCredential(tx, actor.id))
  if (await verifyPassword(password, credential?.password_hash ?? null)) return
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => countFailure(tx, key))
  throw wrongSignIn()
}
