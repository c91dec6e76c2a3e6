import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { TOTP } from 'otpauth'
import type { Refusal } from '../../base/refusal.ts'
import { type Role } from '../../contract/roles.ts'
import { SYSTEM_ACTOR, type Actor } from '../../platform/actor.ts'
import { inTransaction } from '../../platform/tx.ts'
import { createTestDesk } from '../../../test/support/desk.ts'
import { firstAdministrator, join, PASSWORD, secretOf, URL_OF_DESK } from '../../../test/support/people.ts'
import { acceptInvitation } from './accept.ts'
import { changePassword } from './account.ts'
import * as invitations from './invitations.ts'
import { actorForLocalOperator, ensureLocalOperator } from './local-operator.ts'
import * as people from './people.ts'
import { actorForSession, actorForToken } from './resolve.ts'
import { endOwnSession } from './sessions.ts'
import { signInWithPassword, signInWithTotp } from './sign-in.ts'
import { createToken, revokeToken } from './tokens.ts'
import { confirmTotp, offerTotp } from './totp.ts'

const code = (expected: string) => (error: unknown) => {
  assert.equal((error as Refusal).code, expected, String(error))
  return true
}

test('the first administrator’s link works once and is renewed until somebody used it', async (t) => {
  const desk = await createTestDesk(t)
  await ensureLocalOperator(desk)
  const old = await invitations.firstAdministratorLink(desk, URL_OF_DESK)
  const link = await invitations.firstAdministratorLink(desk, URL_OF_DESK)
  assert.ok(old && link && old !== link)
  const order = { name: 'Fictional First', signInName: 'first', password: PASSWORD, agent: '' }
  await assert.rejects(acceptInvitation(desk, { ...order, secret: secretOf(old) }), code('link_used_up'))
  await acceptInvitation(desk, { ...order, secret: secretOf(link) })
  await assert.rejects(
    acceptInvitation(desk, { ...order, signInName: 'second', secret: secretOf(link) }),
    code('link_used_up'),
  )
  assert.equal(await invitations.firstAdministratorLink(desk, URL_OF_DESK), null)
})

test('two people race for one link: one joins', async (t) => {
  const desk = await createTestDesk(t)
  await firstAdministrator(desk)
  const operator = await actorForLocalOperator(desk)
  const order = { name: 'Fictional Racer', roles: ['analyst'] as Role[], compartmentIds: [], days: 1 }
  const { link } = await inTransaction(desk, operator, (tx) => invitations.invite(tx, order, URL_OF_DESK))
  const tries = ['racer-a', 'racer-b'].map((signInName) =>
    acceptInvitation(desk, { secret: secretOf(link), signInName, password: PASSWORD, agent: '' }),
  )
  const ended = await Promise.allSettled(tries)
  assert.deepEqual(ended.map((one) => one.status).sort(), ['fulfilled', 'rejected'])
})

test('an invitation is over after its days', async (t) => {
  const desk = await createTestDesk(t)
  const operator = await actorForLocalOperator(desk)
  const order = { name: 'Fictional Late', roles: ['analyst'] as Role[], compartmentIds: [], days: 1 }
  const { link } = await inTransaction(desk, operator, (tx) => invitations.invite(tx, order, URL_OF_DESK))
  desk.advance(86_400_001)
  await assert.rejects(
    acceptInvitation(desk, { secret: secretOf(link), signInName: 'late', password: PASSWORD, agent: '' }),
    code('link_used_up'),
  )
})

test('a password signs in whatever the case of the name; a wrong one locks the name after five tries', async (t) => {
  const desk = await createTestDesk(t)
  await firstAdministrator(desk)
  const order = { signInName: 'FIRST', password: PASSWORD, agent: '' }
  assert.ok((await signInWithPassword(desk, order)).session.complete)
  for (let tries = 0; tries < 5; tries++)
    await assert.rejects(signInWithPassword(desk, { ...order, password: 'wrong' }), code('sign_in_failed'))
  await assert.rejects(signInWithPassword(desk, order), code('too_many_tries'))
  desk.advance(60_001)
  assert.ok((await signInWithPassword(desk, order)).session.complete)
})

test('unknown names are refused in the same words and locked the same way', async (t) => {
  const desk = await createTestDesk(t)
  const order = { signInName: 'nobody-of-that-name', password: 'wrong', agent: '' }
  for (let tries = 0; tries < 5; tries++)
    await assert.rejects(signInWithPassword(desk, order), code('sign_in_failed'))
  await assert.rejects(signInWithPassword(desk, order), code('too_many_tries'))
})

test('with a one-time code the password alone opens nothing, and a code works once', async (t) => {
  const desk = await createTestDesk(t)
  const first = await firstAdministrator(desk)
  const { uri } = await inTransaction(desk, first, offerTotp)
  const { URI } = await import('otpauth')
  const generator = URI.parse(uri) as TOTP
  const codeNow = (): string => generator.generate({ timestamp: desk.now().getTime() })
  await inTransaction(desk, first, (tx) => confirmTotp(tx, codeNow()))
  desk.advance(31_000)

  const half = await signInWithPassword(desk, { signInName: 'first', password: PASSWORD, agent: '' })
  assert.deepEqual([half.session.complete, half.ways], [false, ['totp']])
  const halfActor = await actorForSession(desk, half.session.secret)
  assert.ok(halfActor && !halfActor.complete)
  assert.deepEqual(halfActor.actor.roles, [])

  await assert.rejects(
    signInWithTotp(desk, halfActor.actor, { code: '000000', agent: '' }),
    code('sign_in_failed'),
  )
  const used = codeNow()
  const whole = await signInWithTotp(desk, halfActor.actor, { code: used, agent: '' })
  assert.ok(whole.session.complete)
  assert.equal(await actorForSession(desk, half.session.secret), null, 'the half-open session is gone')
  await assert.rejects(
    signInWithTotp(desk, halfActor.actor, { code: used, agent: '' }),
    code('sign_in_failed'),
  )
})

test('sessions end: signing out, a new password, suspension, time', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const analyst = await join(desk, 'analyst', ['analyst'])
  const signIn = async (): Promise<string> =>
    (await signInWithPassword(desk, { signInName: 'analyst', password: PASSWORD, agent: '' })).session.secret

  const one = await signIn()
  const oneActor = (await actorForSession(desk, one))?.actor as Actor
  await inTransaction(desk, oneActor, (tx) => endOwnSession(tx, oneActor.sessionId as string))
  assert.equal(await actorForSession(desk, one), null)

  const two = await signIn()
  await changePassword(desk, analyst, { current: PASSWORD, next: 'another long sentence' })
  assert.equal(await actorForSession(desk, two), null, 'other sessions end')
  await assert.rejects(signIn(), code('sign_in_failed'))
  await changePassword(desk, analyst, { current: 'another long sentence', next: PASSWORD })

  const three = await signIn()
  await inTransaction(desk, admin, (tx) => people.suspendPerson(tx, analyst.id, 'left the institution'))
  assert.equal(await actorForSession(desk, three), null)
  await assert.rejects(signIn(), code('sign_in_failed'))
  await inTransaction(desk, admin, (tx) => people.resumePerson(tx, analyst.id, 'came back'))

  const four = await signIn()
  desk.advance(desk.config.sessionHours * 3_600_000 + 1)
  assert.equal(await actorForSession(desk, four), null)
})

test('a token acts as its person until it is revoked; only its digest is stored', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const made = await inTransaction(desk, admin, (tx) => createToken(tx, { name: 'laptop', days: 1 }))
  assert.deepEqual((await actorForToken(desk, made.token))?.roles, admin.roles)
  const stored = await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    sql<{ row: string }>`select row_to_json(t)::text as row from identity.token t`.execute(tx.sql),
  )
  assert.ok(!stored.rows[0]!.row.includes(made.token))
  await inTransaction(desk, admin, (tx) => revokeToken(tx, made.id))
  assert.equal(await actorForToken(desk, made.token), null)
})

test('a reset takes every other way in away', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const analyst = await join(desk, 'analyst', ['analyst'])
  const token = await inTransaction(desk, analyst, (tx) => createToken(tx, { name: 'laptop', days: 1 }))
  const { link } = await inTransaction(desk, admin, (tx) =>
    invitations.resetPerson(tx, analyst.id, 'lost the telephone', URL_OF_DESK),
  )
  const next = 'an entirely new sentence'
  await acceptInvitation(desk, { secret: secretOf(link), password: next, agent: '' })
  assert.equal(await actorForToken(desk, token.token), null)
  await assert.rejects(
    signInWithPassword(desk, { signInName: 'analyst', password: PASSWORD, agent: '' }),
    code('sign_in_failed'),
  )
  assert.ok(
    (await signInWithPassword(desk, { signInName: 'analyst', password: next, agent: '' })).session.complete,
  )
})

test('a link is worth what its maker may now, and a newer reset ends the older ones', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const second = await join(desk, 'second', ['administrator'])
  const person = await join(desk, 'person', ['analyst'])
  const reset = (actor: Actor) =>
    inTransaction(desk, actor, (tx) => invitations.resetPerson(tx, person.id, 'lost it', URL_OF_DESK))
  const accept = ({ link }: { link: string }) =>
    acceptInvitation(desk, { secret: secretOf(link), password: 'another long sentence', agent: '' })
  const [older, newer] = [await reset(second), await reset(admin)]
  await assert.rejects(accept(older), code('link_used_up'), 'a newer one was made')
  await accept(newer)

  const last = await reset(second)
  await inTransaction(desk, admin, (tx) => people.suspendPerson(tx, second.id, 'left'))
  await assert.rejects(accept(last), code('link_used_up'), 'its maker was suspended')
  await inTransaction(desk, admin, (tx) => people.resumePerson(tx, second.id, 'back'))
  await accept(last)
})

test('a new password ends every token', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const { token } = await inTransaction(desk, admin, (tx) => createToken(tx, { name: 'laptop', days: 1 }))
  assert.notEqual(await actorForToken(desk, token), null)
  await changePassword(desk, admin, { current: PASSWORD, next: 'an entirely new sentence' })
  assert.equal(await actorForToken(desk, token), null)
})
