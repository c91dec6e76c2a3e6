import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import { wrongSignIn } from './attempts.ts'
import * as credentials from './credentials-store.ts'
import { completeSession, onBehalfOf, type SignedIn } from './sign-in.ts'

const CHALLENGE_MS = 5 * 60_000

interface Offer {
  readonly challengeId: string
  readonly options: Record<string, unknown>
}

export interface PasskeyAnswer {
  readonly challengeId: string
  readonly response: Record<string, unknown>
}

/** Begins to add a passkey for the actor. */
export async function offerPasskey(tx: Tx, publicUrl: URL): Promise<Offer> {
  const known = await credentials.passkeysOf(tx, tx.actor.id)
  const options = await generateRegistrationOptions({
    rpName: tx.desk.config.deskName,
    rpID: publicUrl.hostname,
    userName: tx.actor.name,
    userID: new Uint8Array(Buffer.from(tx.actor.id)),
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: known.map((key) => ({ id: key.id })),
  })
  return keepChallenge(tx.desk, tx.actor.id, 'register', options)
}

/** Adds the passkey that answers the challenge. Refuses: sign_in_failed. */
export async function addPasskey(
  desk: Desk,
  actor: Actor,
  order: PasskeyAnswer & { name: string },
  publicUrl: URL,
): Promise<void> {
  const challenge = await takeChallenge(desk, order.challengeId, 'register')
  if (challenge.person_id !== actor.id) throw wrongSignIn()
  const { registrationInfo: made } = await checked(() =>
    verifyRegistrationResponse({
      response: order.response as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge.challenge,
      expectedOrigin: publicUrl.origin,
      expectedRPID: publicUrl.hostname,
      requireUserVerification: true,
    }),
  )
  if (!made) throw wrongSignIn()
  await inTransaction(desk, actor, async (tx) => {
    const { id, publicKey, counter, transports } = made.credential
    if (await credentials.findPasskey(tx, id)) throw new Refusal('conflict', 'This passkey is yours already.')
    const row = { id, person_id: actor.id, public_key: Buffer.from(publicKey), counter, name: order.name }
    await credentials.insertPasskey(tx, { ...row, transports: transports ?? [] })
    await append(tx, { kind: 'identity.passkey.added', subjects: [{ type: 'person', id: actor.id }] })
  })
}

/** Refuses: not_found. */
export async function removePasskey(tx: Tx, id: string): Promise<void> {
  if ((await credentials.deletePasskeys(tx, tx.actor.id, id)) === 0)
    throw new Refusal('not_found', 'There is no such passkey of yours.')
  await append(tx, { kind: 'identity.passkey.removed', subjects: [{ type: 'person', id: tx.actor.id }] })
}

/** What a passkey has to sign to sign in. */
export async function offerPasskeySignIn(desk: Desk, publicUrl: URL): Promise<Offer> {
  const options = await generateAuthenticationOptions({
    rpID: publicUrl.hostname,
    userVerification: 'required',
  })
  return keepChallenge(desk, null, 'sign-in', options)
}

/**
 * Signs in with a passkey: alone (it proves the device and the person), or as the second step after a password.
 *
 * Refuses: sign_in_failed.
 */
export async function signInWithPasskey(
  desk: Desk,
  half: Actor | null,
  order: PasskeyAnswer & { agent: string },
  publicUrl: URL,
): Promise<SignedIn> {
  const challenge = await takeChallenge(desk, order.challengeId, 'sign-in')
  const response = order.response as unknown as AuthenticationResponseJSON
  const id = typeof response.id === 'string' ? response.id : ''
  const key = await inTransaction(desk, SYSTEM_ACTOR, (tx) => credentials.findPasskey(tx, id))
  if (!key || key.state !== 'active' || (half && half.id !== key.person_id)) throw wrongSignIn()
  const { verified, authenticationInfo } = await checked(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge.challenge,
      expectedOrigin: publicUrl.origin,
      expectedRPID: publicUrl.hostname,
      requireUserVerification: true,
      credential: { id: key.id, publicKey: new Uint8Array(key.public_key), counter: key.counter },
    }),
  )
  if (!verified) throw wrongSignIn()
  return inTransaction(desk, onBehalfOf(key.person_id), async (tx) => {
    await credentials.usePasskey(tx, key.id, authenticationInfo.newCounter)
    const factors = half ? ['password', 'passkey'] : ['passkey']
    return { session: await completeSession(tx, half, factors, order.agent, key.person_id), ways: [] }
  })
}

async function keepChallenge(
  desk: Desk,
  personId: string | null,
  purpose: 'register' | 'sign-in',
  options: { challenge: string },
): Promise<Offer> {
  const challengeId = desk.newId()
  const expires_at = new Date(desk.now().getTime() + CHALLENGE_MS)
  const row = { id: challengeId, person_id: personId, purpose, challenge: options.challenge, expires_at }
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => credentials.insertChallenge(tx, row))
  return { challengeId, options: { ...options } }
}

/** Committed on its own: a wrong answer uses the challenge up, too. */
async function takeChallenge(
  desk: Desk,
  id: string,
  purpose: 'register' | 'sign-in',
): Promise<{ challenge: string; person_id: string | null }> {
  const found = await inTransaction(desk, SYSTEM_ACTOR, (tx) => credentials.takeChallenge(tx, id, purpose))
  if (!found) throw wrongSignIn()
  return found
}

/** The library throws at every malformed or wrong answer; to the person they are all one. */
async function checked<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    if (error instanceof Error) throw wrongSignIn()
    throw error
  }
}
