import * as contract from '../../../contract/identity.ts'
import { acceptInvitation } from '../../../modules/identity/accept.ts'
import { changePassword, readAccount, whoAmI } from '../../../modules/identity/account.ts'
import { openInvitation } from '../../../modules/identity/invitations.ts'
import * as passkeys from '../../../modules/identity/passkeys.ts'
import { endOwnSession } from '../../../modules/identity/sessions.ts'
import { signInWithPassword, signInWithTotp, type SignedIn } from '../../../modules/identity/sign-in.ts'
import { createToken, revokeToken } from '../../../modules/identity/tokens.ts'
import { confirmTotp, offerTotp, removeTotp } from '../../../modules/identity/totp.ts'
import { Refusal } from '../../../base/refusal.ts'
import type { Role } from '../../../contract/roles.ts'
import { SYSTEM_ACTOR, type Actor } from '../../../platform/actor.ts'
import { inTransaction } from '../../../platform/tx.ts'
import { handle, type Context, type Handled } from '../handle.ts'

function agentOf({ headers }: Context): string {
  const agent = headers['user-agent']
  return typeof agent === 'string' ? agent : ''
}

function begin(
  context: Context,
  { session, ways }: SignedIn,
): { complete: boolean; ways: SignedIn['ways'][number][] } {
  context.setSession(session.secret, session.expiresAt)
  return { complete: session.complete, ways: [...ways] }
}

function requireHalf({ half }: Context): Actor {
  if (half) return half
  throw new Refusal('not_signed_in', 'The first step of signing in is missing or too long ago. Begin again.')
}

const signIn: readonly Handled[] = [
  handle(contract.readSession, ({ desk, actor, half }) => whoAmI(desk, actor, half)),
  handle(contract.signInWithPassword, async (context, { body }) =>
    begin(context, await signInWithPassword(context.desk, { ...body, agent: agentOf(context) })),
  ),
  handle(contract.signInWithTotp, async (context, { body }) => {
    const order = { code: body.code, agent: agentOf(context) }
    return begin(context, await signInWithTotp(context.desk, requireHalf(context), order))
  }),
  handle(contract.offerPasskeySignIn, ({ desk, parts }) =>
    passkeys.offerPasskeySignIn(desk, parts.publicUrl()),
  ),
  handle(contract.signInWithPasskey, async (context, { body }) => {
    const { desk, half, parts } = context
    const order = { ...body, agent: agentOf(context) }
    return begin(context, await passkeys.signInWithPasskey(desk, half, order, parts.publicUrl()))
  }),
  handle(contract.signOut, async ({ desk, actor, setSession }) => {
    const { sessionId } = actor
    if (sessionId) await inTransaction(desk, actor, (tx) => endOwnSession(tx, sessionId))
    setSession(null)
  }),
  handle(contract.openInvitation, ({ desk }, { body }) =>
    inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
      const row = await openInvitation(tx, body.secret)
      return {
        kind: row.kind as 'join',
        name: row.name,
        roles: row.roles as Role[],
        expiresAt: row.expires_at.toISOString(),
      }
    }),
  ),
  handle(contract.acceptInvitation, async (context, { body }) => {
    const session = await acceptInvitation(context.desk, { ...body, agent: agentOf(context) })
    return begin(context, { session, ways: [] })
  }),
]

const ownAccount: readonly Handled[] = [
  handle(contract.readAccount, ({ desk, actor }) => inTransaction(desk, actor, readAccount)),
  handle(contract.changePassword, ({ desk, actor }, { body }) => changePassword(desk, actor, body)),
  handle(contract.offerTotp, ({ desk, actor }) => inTransaction(desk, actor, offerTotp)),
  handle(contract.confirmTotp, ({ desk, actor }, { body }) =>
    inTransaction(desk, actor, (tx) => confirmTotp(tx, body.code)),
  ),
  handle(contract.removeTotp, ({ desk, actor }, { body }) => removeTotp(desk, actor, body.password)),
  handle(contract.offerPasskey, ({ desk, actor, parts }) =>
    inTransaction(desk, actor, (tx) => passkeys.offerPasskey(tx, parts.publicUrl())),
  ),
  handle(contract.addPasskey, ({ desk, actor, parts }, { body }) =>
    passkeys.addPasskey(desk, actor, body, parts.publicUrl()),
  ),
  handle(contract.removePasskey, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => passkeys.removePasskey(tx, params.id)),
  ),
  handle(contract.createToken, ({ desk, actor }, { body }) =>
    inTransaction(desk, actor, (tx) => createToken(tx, body)),
  ),
  handle(contract.revokeToken, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => revokeToken(tx, params.id)),
  ),
  handle(contract.endSession, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => endOwnSession(tx, params.id)),
  ),
]

export const identityHandlers: readonly Handled[] = [...signIn, ...ownAccount]
