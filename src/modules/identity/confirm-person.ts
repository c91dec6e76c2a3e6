import { rolesGive, type Verb } from '../../contract/verbs.ts'
import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { attemptKey, checkAttempts, countFailure, wrongSignIn } from './attempts.ts'
import * as credentials from './credentials-store.ts'
import { verifyPassword } from './password.ts'
import { readPeople } from './people-list.ts'

/**
 * That a person is there and knows their password, for an act on a stopped desk; opens no session.
 *
 * Refuses: sign_in_failed, too_many_tries, not_permitted (no role of theirs gives the verb).
 */
export async function confirmPerson(
  desk: Desk,
  order: { readonly signInName: string; readonly password: string },
  verb: Verb,
): Promise<{ id: string; name: string }> {
  const key = attemptKey('password', order.signInName)
  const found = await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    await checkAttempts(tx, key)
    return credentials.findBySignInName(tx, order.signInName)
  })
  const right = await verifyPassword(order.password, found?.password_hash ?? null)
  if (!found || !right || found.state !== 'active') {
    await inTransaction(desk, SYSTEM_ACTOR, (tx) => countFailure(tx, key))
    throw wrongSignIn()
  }
  const [person] = await inTransaction(desk, SYSTEM_ACTOR, (tx) => readPeople(tx, found.person_id))
  if (!person || !rolesGive(person.roles, verb))
    throw new Refusal(
      'not_permitted',
      `None of ${order.signInName}'s roles allows "${verb}". Nothing was done.`,
      { verb },
    )
  return { id: person.id, name: person.name }
}
