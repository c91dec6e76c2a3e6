import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { ROLES } from '../../src/contract/roles.ts'
import type { Actor } from '../../src/platform/actor.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { makeWorld, MARKER, type World } from './world.ts'

/** Tables and views that the application's login may read. */
async function readable(world: World): Promise<string[]> {
  const rows = await sql<{ name: string }>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pgboss', 'platform')
      and has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select') order by 1`.execute(
    world.desk.db,
  )
  return rows.rows.map((row) => row.name)
}

/** The tables of which an actor, by plain SQL without any condition, gets a row that holds the marker. */
async function showsTo(world: World, actor: Actor, tables: readonly string[]): Promise<string[]> {
  const shown: string[] = []
  for (const name of tables) {
    const found = await inTransaction(world.desk, actor, async (tx) => {
      // Column rights may leave some columns out; what cannot be read whole is read by its readable columns.
      const columns = await sql<{ name: string }>`
        select quote_ident(attname) as name from pg_attribute where attrelid = ${name}::regclass and attnum > 0
          and not attisdropped and has_column_privilege(attrelid, attnum, 'select')`.execute(tx.sql)
      const list = sql.raw(columns.rows.map((column) => column.name).join(', '))
      const rows = await sql<{ held: boolean }>`
        select true as held from (select ${list} from ${sql.raw(name)}) r
        where row_to_json(r)::text like ${`%${MARKER}%`} limit 1`.execute(tx.sql)
      return rows.rows.length > 0
    })
    if (found) shown.push(name)
  }
  return shown
}

test('plain SQL through the application’s login shows nothing of a compartment to those outside it', async (t) => {
  const world = await makeWorld(t)
  const tables = await readable(world)
  assert.ok(tables.includes('evidence.item') && tables.includes('identity.compartment'), tables.join())
  const actor = (id: string): Actor => ({
    id,
    kind: 'person',
    name: 'Fictional',
    sessionId: null,
    roles: [...ROLES],
    onBehalfOf: null,
  })
  const idOf = (name: string): string => world.things[name] ?? ''

  const inside = await showsTo(world, actor(idOf('analystinside')), tables)
  for (const name of ['evidence.item', 'evidence.collection', 'evidence.source', 'intake.batch'])
    assert.ok(inside.includes(name), `${name} shows to a member, so that its silence below means something`)
  assert.deepEqual(await showsTo(world, actor(idOf('analystoutside')), tables), [])
  assert.deepEqual(await showsTo(world, actor(idOf('administratorinside')), tables), ['identity.compartment'])
  assert.deepEqual(await showsTo(world, actor(world.desk.newId()), tables), [], 'an id that nobody has')
  const impostor: Actor = { ...actor(idOf('analystoutside')), kind: 'system' }
  assert.deepEqual(await showsTo(world, impostor, tables), [], 'who merely says to be the desk')
})

test('every table of the application’s with rows about evidence or people is under row-level security', async (t) => {
  const world = await makeWorld(t)
  const rows = await sql<{ name: string }>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname in ('identity', 'evidence', 'intake') and not c.relrowsecurity
      and has_table_privilege(c.oid, 'select') order by 1`.execute(world.desk.db)
  assert.deepEqual(
    rows.rows.map((row) => row.name),
    [],
  )
})
