import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import type { Refusal } from '../../base/refusal.ts'
import { ROLES, type Role } from '../../contract/roles.ts'
import { type Actor } from '../../platform/actor.ts'
import { inTransaction } from '../../platform/tx.ts'
import { createTestDesk, type TestDesk } from '../../../test/support/desk.ts'
import { firstAdministrator, join } from '../../../test/support/people.ts'
import { readAccount } from './account.ts'
import * as approvals from './approvals.ts'
import * as compartments from './compartments.ts'
import { giveGrant, listGrants, revokeGrant } from './grants.ts'
import { actorForLocalOperator, ensureLocalOperator } from './local-operator.ts'
import * as people from './people.ts'
import { may, requireMay, sees } from './policy.ts'
import { actorForPerson } from './resolve.ts'

const code = (expected: string) => (error: unknown) => {
  assert.equal((error as Refusal).code, expected, String(error))
  return true
}

async function kindsOnTheLog(t: TestContext, desk: TestDesk): Promise<string[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client(desk.owner)
  await client.connect()
  try {
    const rows = await client.query<{ kind: string }>('select kind from ledger.entry order by id')
    t.diagnostic(`${rows.rows.length} entries`)
    return rows.rows.map((row) => row.kind)
  } finally {
    await client.end()
  }
}

test('the first start makes a local operator and a compartment, once, as the first entry', async (t) => {
  const desk = await createTestDesk(t)
  const ids = await Promise.all([1, 2, 3].map(() => ensureLocalOperator(desk)))
  assert.equal(new Set(ids).size, 1)
  const operator = await actorForLocalOperator(desk)
  assert.deepEqual(operator.roles, [
    'administrator',
    'auditor',
    'evidence-officer',
    'witness-protection-officer',
  ])
  assert.deepEqual(await kindsOnTheLog(t, desk), ['identity.local_operator.created'])
})

test('nobody widens their own roles, and the last administrator stays', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const change = (id: string, roles: Role[]) =>
    inTransaction(desk, admin, (tx) => people.setRoles(tx, id, { roles, why: 'a test of roles' }))
  await assert.rejects(change(admin.id, [...admin.roles, 'investigator']), code('not_permitted'))
  await assert.rejects(change(admin.id, ['evidence-officer']), code('conflict'))
  const second = await join(desk, 'second', ['analyst'])
  assert.deepEqual((await change(second.id, ['administrator', 'reviewer'])).roles, [
    'administrator',
    'reviewer',
  ])
  assert.deepEqual((await change(admin.id, ['evidence-officer'])).roles, ['evidence-officer'])
})

test('sight: members see, grants open one thing until their date, administrators alone see nothing', async (t) => {
  const desk = await createTestDesk(t)
  const officer = await firstAdministrator(desk)
  const secret = await inTransaction(desk, officer, (tx) =>
    compartments.createCompartment(tx, { name: 'Secret', kind: 'named-reader', memberIds: [officer.id] }),
  )
  const open = await inTransaction(desk, officer, (tx) =>
    compartments.createCompartment(tx, { name: 'Open', kind: 'ordinary', memberIds: [officer.id] }),
  )
  const analyst = await join(desk, 'analyst', ['analyst'])
  const administrator = await join(desk, 'manager', ['administrator'], [open.id])
  const [item, collection] = [desk.newId(), desk.newId()]
  const inSecret = { compartmentId: secret.id, id: item, collectionId: collection }
  const inOpen = { compartmentId: open.id, id: item, collectionId: collection }
  const asks = (actor: Actor, subject: typeof inOpen) => inTransaction(desk, actor, (tx) => sees(tx, subject))

  assert.equal(await asks(officer, inSecret), true)
  assert.equal(await asks(analyst, inSecret), false)
  assert.equal(await asks(administrator, inOpen), false, 'a member, but only an administrator')

  const until = new Date(desk.now().getTime() + 3_600_000).toISOString()
  const base = { personId: analyst.id, purpose: 'case 12', original: false, until }
  const seen = async (): Promise<boolean> => true
  await inTransaction(desk, officer, (tx) =>
    giveGrant(tx, { ...base, subjectKind: 'collection', subjectId: collection }, seen),
  )
  assert.equal(await asks(analyst, inOpen), true)
  assert.equal(
    await asks(analyst, inSecret),
    false,
    'a collection’s grant does not open a named-reader compartment',
  )
  const one = await inTransaction(desk, officer, (tx) =>
    giveGrant(tx, { ...base, subjectKind: 'item', subjectId: item }, seen),
  )
  assert.equal(await asks(analyst, inSecret), true)
  await inTransaction(desk, officer, (tx) => revokeGrant(tx, one.id, 'no longer needed'))
  assert.equal(await asks(analyst, inSecret), false)
  const listed = await inTransaction(desk, analyst, (tx) => listGrants(tx, {}))
  assert.deepEqual(listed.map((grant) => grant.state).sort(), ['revoked', 'running'])

  await inTransaction(desk, analyst, async (tx) => {
    assert.equal(await may(tx, 'item.read', inOpen), true)
    assert.equal(await may(tx, 'item.register', inOpen), false)
    await assert.rejects(requireMay(tx, 'item.read', inSecret), code('not_found'))
    await assert.rejects(requireMay(tx, 'item.register', inOpen), code('not_permitted'))
  })
})

test('a grant ends at its date in the database, too', async (t) => {
  const desk = await createTestDesk(t)
  const officer = await firstAdministrator(desk)
  const analyst = await join(desk, 'analyst', ['analyst'])
  const [compartment] = await inTransaction(desk, officer, (tx) => compartments.listCompartments(tx))
  assert.ok(compartment)
  const subject = { compartmentId: compartment.id, id: desk.newId() }
  const until = new Date(desk.now().getTime() + 1000).toISOString()
  const order = {
    personId: analyst.id,
    subjectKind: 'item',
    subjectId: subject.id,
    purpose: 'case 12',
  } as const
  await inTransaction(desk, officer, (tx) =>
    giveGrant(tx, { ...order, original: false, until }, async () => true),
  )
  assert.equal(await inTransaction(desk, analyst, (tx) => sees(tx, subject)), true)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  assert.equal(await inTransaction(desk, analyst, (tx) => sees(tx, subject)), false)
})

test('only witness-protection officers enter a compartment of source identities', async (t) => {
  const desk = await createTestDesk(t)
  const officer = await firstAdministrator(desk)
  const analyst = await join(desk, 'analyst', ['analyst'])
  const guardian = await join(desk, 'guardian', ['witness-protection-officer'])
  const sources = await inTransaction(desk, officer, (tx) =>
    compartments.createCompartment(tx, {
      name: 'Sources',
      kind: 'source-identity',
      memberIds: [guardian.id],
    }),
  )
  const add = (personId: string) =>
    inTransaction(desk, officer, (tx) => compartments.addMember(tx, sources.id, { personId, why: 'a test' }))
  await assert.rejects(add(analyst.id), code('conflict'))
  await assert.rejects(
    inTransaction(desk, officer, (tx) =>
      people.setRoles(tx, guardian.id, { roles: ['analyst'], why: 'a test' }),
    ),
    code('conflict'),
  )
})

test('an administrator who is no evidence officer does not let themselves in', async (t) => {
  const desk = await createTestDesk(t)
  const manager = await join(desk, 'manager', ['administrator'])
  const other = await join(desk, 'other', ['analyst'])
  const [general] = await inTransaction(desk, manager, (tx) => compartments.listCompartments(tx))
  assert.ok(general)
  const add = (personId: string) =>
    inTransaction(desk, manager, (tx) => compartments.addMember(tx, general.id, { personId, why: 'a test' }))
  await assert.rejects(add(manager.id), code('not_permitted'))
  assert.ok((await add(other.id)).members.some((member) => member.id === other.id))
})

test('two people: proposed, agreed to by somebody else, used once, for exactly that order', async (t) => {
  const desk = await createTestDesk(t)
  const one = await firstAdministrator(desk)
  const order = { items: ['a', 'b'] }
  const proposal = { act: 'evidence.erase', order, summary: 'erase two items', why: 'court order 7' } as const
  const propose = (actor: Actor) => inTransaction(desk, actor, (tx) => approvals.propose(tx, proposal))
  await assert.rejects(propose(one), code('two_people_needed'), 'alone on the desk')

  const two = await join(desk, 'two', ['evidence-officer'])
  const operator = await actorForLocalOperator(desk)
  await assert.rejects(
    propose(operator),
    code('two_people_needed'),
    'whoever sits there could agree as themselves',
  )
  const made = await propose(one)
  const decide = (actor: Actor) =>
    inTransaction(desk, actor, (tx) => approvals.decide(tx, made.id, 'approved', 'read and agreed'))
  const use = (given: Record<string, string[]>) =>
    inTransaction(desk, one, (tx) => approvals.useApproval(tx, made.id, 'evidence.erase', given))
  await assert.rejects(use(order), code('conflict'), 'not agreed to yet')
  await assert.rejects(decide(one), code('two_people_needed'))
  await assert.rejects(decide(operator), code('two_people_needed'))
  assert.equal((await decide(two)).state, 'approved')
  await assert.rejects(use({ items: ['a', 'b', 'c'] }), code('conflict'))
  const agreed = await use(order)
  assert.deepEqual([agreed.proposedBy.id, agreed.decidedBy.id], [one.id, two.id])
  await assert.rejects(use(order), code('conflict'), 'used up')
})

test('an approval is over after two weeks', async (t) => {
  const desk = await createTestDesk(t)
  const one = await firstAdministrator(desk)
  const two = await join(desk, 'two', ['evidence-officer'])
  const proposal = { act: 'evidence.erase', order: {}, summary: 'erase', why: 'court order 7' } as const
  const made = await inTransaction(desk, one, (tx) => approvals.propose(tx, proposal))
  desk.advance(14 * 86_400_000 + 1)
  await assert.rejects(
    inTransaction(desk, two, (tx) => approvals.decide(tx, made.id, 'approved', 'late')),
    code('conflict'),
  )
})

test('every change is on the log', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const analyst = await join(desk, 'analyst', ['analyst'])
  await inTransaction(desk, admin, (tx) =>
    people.setRoles(tx, analyst.id, { roles: ['reviewer'], why: 'moved' }),
  )
  await inTransaction(desk, admin, (tx) => people.suspendPerson(tx, analyst.id, 'left'))
  const kinds = await kindsOnTheLog(t, desk)
  for (const kind of ['identity.person.joined', 'identity.invitation.made', 'identity.roles.changed'])
    assert.ok(kinds.includes(kind), kind)
  for (const kind of ['identity.session.opened', 'identity.session.ended', 'identity.person.suspended'])
    assert.ok(kinds.includes(kind), kind)
})

test('row-level security: another actor’s secrets, sessions and invitations are not there', async (t) => {
  const desk = await createTestDesk(t)
  const admin = await firstAdministrator(desk)
  const analyst = await join(desk, 'analyst', ['analyst'])
  const counts = async (actor: Actor): Promise<Record<string, number>> =>
    inTransaction(desk, actor, async (tx) => {
      const tables = [
        'person',
        'credential',
        'session',
        'invitation',
        'token',
        'challenge',
        'attempt',
        'compartment',
      ]
      const found: Record<string, number> = {}
      for (const name of tables) {
        const rows = await sql<{
          n: number
        }>`select count(*) as n from ${sql.table(`identity.${name}`)}`.execute(tx.sql)
        found[name] = rows.rows[0]!.n
      }
      return found
    })
  const own = {
    person: 1,
    credential: 1,
    session: 1,
    invitation: 0,
    token: 0,
    challenge: 0,
    attempt: 0,
    compartment: 0,
  }
  assert.deepEqual(await counts(analyst), own)
  assert.ok((await counts(admin))['person']! >= 4)
  assert.equal((await counts(admin))['credential'], 1, 'an administrator sees nobody else’s secrets')
  const stranger: Actor = { ...analyst, id: desk.newId(), roles: [...ROLES] }
  assert.deepEqual(
    Object.values(await counts(stranger)),
    [0, 0, 0, 0, 0, 0, 0, 0],
    'roles that a client claims give nothing',
  )
  const impostor: Actor = { ...analyst, kind: 'system' }
  assert.deepEqual(await counts(impostor), own, 'only the desk’s own id with its own kind is the desk')
  await assert.rejects(
    inTransaction(desk, analyst, (tx) =>
      sql`insert into identity.person_role values (${analyst.id}::uuid, 'administrator', ${analyst.id}::uuid, now())`.execute(
        tx.sql,
      ),
    ),
    /row-level security/,
  )
  assert.equal((await actorForPerson(desk, analyst.id))?.roles.join(), 'analyst')
  const account = await inTransaction(desk, analyst, readAccount)
  assert.equal(account.signInName, 'analyst')
})
