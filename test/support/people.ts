import { acceptInvitation } from '../../src/modules/identity/accept.ts'
import { firstAdministratorLink, invite } from '../../src/modules/identity/invitations.ts'
import { actorForLocalOperator, ensureLocalOperator } from '../../src/modules/identity/local-operator.ts'
import { actorForSession } from '../../src/modules/identity/resolve.ts'
import type { Role } from '../../src/contract/roles.ts'
import type { Actor } from '../../src/platform/actor.ts'
import { inTransaction, type Desk } from '../../src/platform/tx.ts'

export const URL_OF_DESK = new URL('http://127.0.0.1:7420/')
/** Every fictional person's. */
export const PASSWORD = 'a long enough sentence'

/** The secret behind an invitation's link. */
export function secretOf(link: string): string {
  return new URL(link).hash.slice(1)
}

/** A fictional person with these roles, who joined by an invitation of the local operator. */
export async function join(
  desk: Desk,
  signInName: string,
  roles: Role[],
  compartmentIds: string[] = [],
): Promise<Actor> {
  const operator = await actorForLocalOperator(desk)
  const order = { name: `Fictional ${signInName}`, roles, compartmentIds, days: 1 }
  const { link } = await inTransaction(desk, operator, (tx) => invite(tx, order, URL_OF_DESK))
  return accept(desk, link, { signInName })
}

/** The fictional first administrator, who joined by the link that the first start prints. */
export async function firstAdministrator(desk: Desk): Promise<Actor> {
  await ensureLocalOperator(desk)
  const link = await firstAdministratorLink(desk, URL_OF_DESK)
  if (link === null) throw new Error('there is an administrator already')
  return accept(desk, link, { name: 'Fictional First', signInName: 'first' })
}

async function accept(
  desk: Desk,
  link: string,
  names: { name?: string; signInName: string },
): Promise<Actor> {
  const order = { secret: secretOf(link), ...names, password: PASSWORD, agent: 'test' }
  const session = await acceptInvitation(desk, order)
  const found = await actorForSession(desk, session.secret)
  if (!found?.complete) throw new Error('the session is not complete')
  return found.actor
}
