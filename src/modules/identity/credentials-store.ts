import { sql, type Selectable, type Updateable } from 'kysely'
import type { IdentityCredential, IdentityPasskey } from '../../platform/database.ts'
import type { Tx } from '../../platform/tx.ts'

export type CredentialRow = Selectable<IdentityCredential>
export type PasskeyRow = Selectable<IdentityPasskey>

export async function findBySignInName(
  tx: Tx,
  signInName: string,
): Promise<{ person_id: string; state: string; password_hash: string | null } | undefined> {
  return tx.sql
    .selectFrom('identity.person as p')
    .innerJoin('identity.credential as c', 'c.person_id', 'p.id')
    .select(['c.person_id', 'p.state', 'c.password_hash'])
    .where(sql`lower(p.sign_in_name)`, '=', signInName.toLowerCase())
    .executeTakeFirst()
}

export async function findCredential(tx: Tx, personId: string): Promise<CredentialRow | undefined> {
  return tx.sql
    .selectFrom('identity.credential')
    .selectAll()
    .where('person_id', '=', personId)
    .executeTakeFirst()
}

export async function setCredential(
  tx: Tx,
  personId: string,
  change: Updateable<IdentityCredential>,
): Promise<void> {
  await tx.sql
    .insertInto('identity.credential')
    .values({ ...change, person_id: personId })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(change))
    .execute()
}

/** Notes the newest time step used; false where this or a later one was used before. */
export async function useTotpStep(tx: Tx, personId: string, step: number): Promise<boolean> {
  const row = await tx.sql
    .updateTable('identity.credential')
    .set({ totp_last_step: step })
    .where('person_id', '=', personId)
    .where((where) => where.or([where('totp_last_step', 'is', null), where('totp_last_step', '<', step)]))
    .returning('person_id')
    .executeTakeFirst()
  return row !== undefined
}

export async function passkeysOf(tx: Tx, personId: string): Promise<PasskeyRow[]> {
  return tx.sql
    .selectFrom('identity.passkey')
    .selectAll()
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .execute()
}

export async function findPasskey(tx: Tx, id: string): Promise<(PasskeyRow & { state: string }) | undefined> {
  return tx.sql
    .selectFrom('identity.passkey as k')
    .innerJoin('identity.person as p', 'p.id', 'k.person_id')
    .selectAll('k')
    .select('p.state')
    .where('k.id', '=', id)
    .executeTakeFirst()
}

export async function insertPasskey(
  tx: Tx,
  row: {
    id: string
    person_id: string
    public_key: Buffer
    counter: number
    transports: string[]
    name: string
  },
): Promise<void> {
  await tx.sql
    .insertInto('identity.passkey')
    .values({ ...row, created_at: tx.desk.now() })
    .execute()
}

export async function usePasskey(tx: Tx, id: string, counter: number): Promise<void> {
  await tx.sql
    .updateTable('identity.passkey')
    .set({ counter, last_used_at: tx.desk.now() })
    .where('id', '=', id)
    .execute()
}

export async function deletePasskeys(tx: Tx, personId: string, id?: string): Promise<number> {
  let query = tx.sql.deleteFrom('identity.passkey').where('person_id', '=', personId)
  if (id !== undefined) query = query.where('id', '=', id)
  return (await query.returning('id').execute()).length
}

export async function insertChallenge(
  tx: Tx,
  row: {
    id: string
    person_id: string | null
    purpose: 'register' | 'sign-in'
    challenge: string
    expires_at: Date
  },
): Promise<void> {
  await tx.sql.deleteFrom('identity.challenge').where('expires_at', '<', tx.desk.now()).execute()
  await tx.sql.insertInto('identity.challenge').values(row).execute()
}

/** Takes a challenge out: each is used once. */
export async function takeChallenge(
  tx: Tx,
  id: string,
  purpose: 'register' | 'sign-in',
): Promise<{ challenge: string; person_id: string | null } | undefined> {
  return tx.sql
    .deleteFrom('identity.challenge')
    .where('id', '=', id)
    .where('purpose', '=', purpose)
    .where('expires_at', '>', tx.desk.now())
    .returning(['challenge', 'person_id'])
    .executeTakeFirst()
}
