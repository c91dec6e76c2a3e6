import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Authenticator } from '../../../test/support/authenticator.ts'
import { createTestDesk } from '../../../test/support/desk.ts'
import { firstAdministrator, join, PASSWORD, URL_OF_DESK } from '../../../test/support/people.ts'
import type { Actor } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import * as passkeys from './passkeys.ts'
import { actorForSession } from './resolve.ts'
import { signInWithPassword } from './sign-in.ts'

interface Challenge {
  readonly challenge: string
}

async function add(desk: Desk, actor: Actor, key: Authenticator): Promise<void> {
  const offer = await inTransaction(desk, actor, (tx) => passkeys.offerPasskey(tx, URL_OF_DESK))
  const response = key.register(offer.options as unknown as Challenge)
  await passkeys.addPasskey(
    desk,
    actor,
    { challengeId: offer.challengeId, name: 'key', response },
    URL_OF_DESK,
  )
}

async function challengeFor(desk: Desk): Promise<{ challengeId: string; options: Challenge }> {
  const offer = await passkeys.offerPasskeySignIn(desk, URL_OF_DESK)
  return { challengeId: offer.challengeId, options: offer.options as unknown as Challenge }
}

test('a passkey signs in alone, and completes a password', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const key = new Authenticator(URL_OF_DESK.origin)
  await add(desk, admin, key)

  const alone = await challengeFor(desk)
  const order = { challengeId: alone.challengeId, response: key.answer(alone.options), agent: '' }
  const { session } = await passkeys.signInWithPasskey(desk, null, order, URL_OF_DESK)
  assert.equal((await actorForSession(desk, session.secret))?.actor.id, admin.id)

  const half = await signInWithPassword(desk, { signInName: 'first', password: PASSWORD, agent: '' })
  assert.deepEqual([half.session.complete, half.ways], [false, ['passkey']])
  const halfActor = (await actorForSession(desk, half.session.secret))?.actor ?? null
  const second = await challengeFor(desk)
  const answer = { challengeId: second.challengeId, response: key.answer(second.options), agent: '' }
  assert.ok((await passkeys.signInWithPasskey(desk, halfActor, answer, URL_OF_DESK)).session.complete)
})

test('a passkey is refused: used challenge, another site, unknown key, somebody else’s half sign-in, removed', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const analyst = await join(desk, 'analyst', ['analyst'])
  const key = new Authenticator(URL_OF_DESK.origin)
  await add(desk, admin, key)
  const failed = { code: 'sign_in_failed' }
  const signIn = (half: Actor | null, challengeId: string, response: Record<string, unknown>) =>
    passkeys.signInWithPasskey(desk, half, { challengeId, response, agent: '' }, URL_OF_DESK)

  const one = await challengeFor(desk)
  const good = key.answer(one.options)
  await signIn(null, one.challengeId, good)
  await assert.rejects(signIn(null, one.challengeId, good), failed, 'a challenge works once')

  const two = await challengeFor(desk)
  await assert.rejects(signIn(null, two.challengeId, good), failed, 'an old answer to a new challenge')
  const three = await challengeFor(desk)
  const elsewhere = Object.assign(new Authenticator('https://elsewhere.example'), { id: key.id })
  await assert.rejects(signIn(null, three.challengeId, elsewhere.answer(three.options)), failed)
  const four = await challengeFor(desk)
  const unknown = new Authenticator(URL_OF_DESK.origin)
  await assert.rejects(signIn(null, four.challengeId, unknown.answer(four.options)), failed)
  const five = await challengeFor(desk)
  await assert.rejects(signIn(analyst, five.challengeId, key.answer(five.options)), failed)
  const six = await challengeFor(desk)
  desk.advance(5 * 60_000 + 1)
  await assert.rejects(signIn(null, six.challengeId, key.answer(six.options)), failed, 'too late')

  await inTransaction(desk, admin, (tx) => passkeys.removePasskey(tx, key.id.toString('base64url')))
  const seven = await challengeFor(desk)
  await assert.rejects(signIn(null, seven.challengeId, key.answer(seven.options)), failed)
})
