import * as contract from '../../../contract/people.ts'
import { sessionsOf } from '../../../modules/identity/account.ts'
import * as approvals from '../../../modules/identity/approvals.ts'
import * as compartments from '../../../modules/identity/compartments.ts'
import { giveGrant, listGrants, revokeGrant } from '../../../modules/identity/grants.ts'
import * as invitations from '../../../modules/identity/invitations.ts'
import { readNames } from '../../../modules/identity/people-list.ts'
import * as people from '../../../modules/identity/people.ts'
import { endSessionsOf } from '../../../modules/identity/sessions.ts'
import { inTransaction } from '../../../platform/tx.ts'
import { handle, type Handled } from '../handle.ts'
import { subjectSeen } from '../subject-seen.ts'

const personHandlers: readonly Handled[] = [
  handle(contract.listNames, ({ desk, actor }) =>
    inTransaction(desk, actor, async (tx) => ({ people: await readNames(tx) })),
  ),
  handle(contract.listPeople, ({ desk, actor }) =>
    inTransaction(desk, actor, async (tx) => ({ people: await people.listPeople(tx) })),
  ),
  handle(contract.readPerson, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, async (tx) => ({
      person: await people.readPerson(tx, params.id),
      sessions: await sessionsOf(tx, params.id),
    })),
  ),
  handle(contract.setRoles, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => people.setRoles(tx, params.id, body)),
  ),
  handle(contract.suspendPerson, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => people.suspendPerson(tx, params.id, body.why)),
  ),
  handle(contract.resumePerson, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => people.resumePerson(tx, params.id, body.why)),
  ),
  handle(contract.endSessionsOf, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => endSessionsOf(tx, params.id, body)),
  ),
  handle(contract.resetPerson, ({ desk, actor, parts }, { params, body }) =>
    inTransaction(desk, actor, (tx) => invitations.resetPerson(tx, params.id, body.why, parts.publicUrl())),
  ),
  handle(contract.listInvitations, ({ desk, actor }) =>
    inTransaction(desk, actor, async (tx) => ({ invitations: await invitations.listInvitations(tx) })),
  ),
  handle(contract.invite, ({ desk, actor, parts }, { body }) =>
    inTransaction(desk, actor, (tx) => invitations.invite(tx, body, parts.publicUrl())),
  ),
  handle(contract.withdrawInvitation, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => invitations.withdrawInvitation(tx, params.id)),
  ),
]

const compartmentHandlers: readonly Handled[] = [
  handle(contract.listCompartments, ({ desk, actor }) =>
    inTransaction(desk, actor, async (tx) => ({ compartments: await compartments.listCompartments(tx) })),
  ),
  handle(contract.createCompartment, ({ desk, actor }, { body }) =>
    inTransaction(desk, actor, (tx) => compartments.createCompartment(tx, body)),
  ),
  handle(contract.addMember, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => compartments.addMember(tx, params.id, body)),
  ),
  handle(contract.removeMember, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => compartments.removeMember(tx, params.id, { ...params, ...body })),
  ),
]

const grantHandlers: readonly Handled[] = [
  handle(contract.listGrants, ({ desk, actor }, { query }) =>
    inTransaction(desk, actor, async (tx) => ({ grants: await listGrants(tx, query) })),
  ),
  handle(contract.giveGrant, ({ desk, actor }, { body }) =>
    inTransaction(desk, actor, (tx) => giveGrant(tx, body, subjectSeen)),
  ),
  handle(contract.revokeGrant, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => revokeGrant(tx, params.id, body.why)),
  ),
]

const approvalHandlers: readonly Handled[] = [
  handle(contract.listApprovals, ({ desk, actor }) =>
    inTransaction(desk, actor, async (tx) => ({ approvals: await approvals.listApprovals(tx) })),
  ),
  handle(contract.approve, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => approvals.decide(tx, params.id, 'approved', body.why)),
  ),
  handle(contract.decline, ({ desk, actor }, { params, body }) =>
    inTransaction(desk, actor, (tx) => approvals.decide(tx, params.id, 'declined', body.why)),
  ),
  handle(contract.withdrawApproval, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => approvals.withdrawApproval(tx, params.id)),
  ),
]

export const peopleHandlers: readonly Handled[] = [
  ...personHandlers,
  ...compartmentHandlers,
  ...grantHandlers,
  ...approvalHandlers,
]
