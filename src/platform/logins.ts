import { createHash } from 'node:crypto'
import pg from 'pg'

/**
 * The database's group roles. Migrations grant to these; each desk logs in through logins of its own.
 *
 * `app`: the application; owns nothing, can neither change nor delete a log entry.
 * `sequencer`: gives indexes to entries; reads nothing else.
 */
export type LoginRole = 'app' | 'sequencer'

/**
 * Makes (or renews the password of) the login that stands in for a group role, and returns how to connect.
 * The login's name depends on the database, so that several desks may share one external server.
 */
export async function openLogin(
  owner: pg.ClientConfig,
  role: LoginRole,
  password: string,
): Promise<pg.ClientConfig> {
  const database = owner.database ?? 'postgres'
  const suffix = createHash('sha256').update(database).digest('hex').slice(0, 8)
  const name = `amanat_${role}_${suffix}`
  const client = new pg.Client(owner)
  await client.connect()
  try {
    // A session-wide lock: roles belong to the whole server, and two databases may be opened at once.
    await client.query('select pg_advisory_lock(1634557294)')
    const exists = await client.query('select 1 from pg_roles where rolname = $1', [name])
    const verb = exists.rowCount === 0 ? 'create' : 'alter'
    await client.query(`${verb} role ${name} login inherit password ${client.escapeLiteral(password)}`)
    await client.query(`grant amanat_${role} to ${name}`)
    await client.query(`grant connect on database ${client.escapeIdentifier(database)} to ${name}`)
  } finally {
    await client.end()
  }
  return { ...owner, user: name, password }
}
