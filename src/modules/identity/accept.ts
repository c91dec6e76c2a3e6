import { Refusal } from '../../base/refusal.ts'
import type { Role } from '../../contract/roles.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { append } from '../ledger/append.ts'
import * as credentials from './credentials-store.ts'
import { openInvitation, type InvitationRow, withdrawResets } from './invitations.ts'
import { hashPassword } from './password.ts'
import { openSession, recordEnd, type OpenedSession } from './sessions.ts'
import { onBehalfOf } from './sign-in.ts'
import * as store from './store.ts'

export interface AcceptOrder {
  readonly secret: string
  readonly name?: string | undefined
  readonly signInName?: string | undefined
  readonly password: string
  readonly agent: string
}

/**
 * Joins the desk by an invitation, or sets a new password by a reset link, and signs in. The link is used up in the
 * same transaction.
 *
 * Refuses: link_used_up, invalid_input (name or sign-in name missing), conflict (sign-in name taken).
 */
export async function acceptInvitation(desk: Desk, order: AcceptOrder): Promise<OpenedSession> {
  // Looked at first, so that a stranger cannot make the desk derive passwords; decided again below, under lock.
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => openInvitation(tx, order.secret))
  const hash = await hashPassword(order.password, desk.random(16))
  const personId = desk.newId()
  return inTransaction(desk, onBehalfOf(personId), async (tx) => {
    const invitation = await openInvitation(tx, order.secret)
    const who = invitation.person_id ?? personId
    if (invitation.person_id) await renew(tx, invitation.person_id)
    else await join(tx, who, invitation, order)
    await credentials.setCredential(tx, who, { password_hash: hash, password_set_at: desk.now() })
    await tx.sql
      .updateTable('identity.invitation')
      .set({ used_at: desk.now(), used_by: who })
      .where('id', '=', invitation.id)
      .execute()
    if (invitation.person_id) await withdrawResets(tx, who)
    return openSession(tx, who, ['invitation'], true, order.agent)
  })
}

async function join(tx: Tx, personId: string, invitation: InvitationRow, order: AcceptOrder): Promise<void> {
  const name = order.name ?? invitation.name
  if (name === '' || order.signInName === undefined)
    throw new Refusal('invalid_input', 'Nothing was done: a name and a sign-in name are needed to join.')
  const at = tx.desk.now()
  if (await credentials.findBySignInName(tx, order.signInName))
    throw new Refusal(
      'conflict',
      'That sign-in name is taken on this desk. Choose another one; the link still works.',
    )
  await store.insertPerson(tx, {
    id: personId,
    kind: 'person',
    name,
    sign_in_name: order.signInName,
    created_at: at,
  })
  const roles = invitation.roles as Role[]
  await store.giveRoles(tx, personId, roles, at, invitation.created_by)
  for (const id of invitation.compartment_ids)
    await store.insertMember(tx, id, personId, at, invitation.created_by)
  await append(tx, {
    kind: 'identity.person.joined',
    subjects: [
      { type: 'person', id: personId },
      { type: 'invitation', id: invitation.id },
      ...invitation.compartment_ids.map((id) => ({ type: 'compartment', id })),
    ],
    detail: { roles },
    sealed: { name },
  })
}

/** A reset takes away every other way in: whoever held them may be why it was asked for. */
async function renew(tx: Tx, personId: string): Promise<void> {
  await credentials.setCredential(tx, personId, {
    totp_secret: null,
    totp_confirmed_at: null,
    totp_last_step: null,
  })
  await credentials.deletePasskeys(tx, personId)
  await store.revokeTokens(tx, personId)
  await recordEnd(tx, personId, await store.endSessions(tx, personId, {}), 'a reset link was used')
  await append(tx, { kind: 'identity.person.reset', subjects: [{ type: 'person', id: personId }] })
}
