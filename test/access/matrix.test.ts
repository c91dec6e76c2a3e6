import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { HANDLERS } from '../../src/apps/server/handlers.ts'
import { docsHandlers } from '../../src/apps/server/api/docs.ts'
import { spellQuery } from '../../src/contract/client.ts'
import { makeWorld, MARKER, nameOf, type Answer, type Asker, type Call, type World } from './world.ts'

/**
 * What is expected of one route.
 *
 * `who`: a group of the table, `signed-in` or `everyone`. `sight`: `record` — it is about one thing inside the
 * compartment, which does not exist for those outside; `many` — it answers for each thing apart, and says not_found
 * of each to those outside; `list` — what lies inside shows to those inside only;
 * `none` — compartments do not matter. `inside`: the statuses of those who may (200 or 204 unless said).
 * `skip`: why those who may, and see what it is about, do not try.
 */
interface Row {
  readonly who: string
  readonly sight: 'none' | 'record' | 'list' | 'many'
  readonly params?: Record<string, string>
  readonly query?: Record<string, string>
  readonly body?: unknown
  /** Sent as it stands, to a route that takes bytes. */
  readonly raw?: string
  readonly inside?: readonly number[]
  readonly skip?: string
  /** The local operator has neither password nor session: what it gets where that matters. */
  readonly operator?: readonly number[]
}

interface Table {
  readonly groups: Record<string, readonly string[]>
  readonly routes: Record<string, Row>
}

const table = JSON.parse(readFileSync(path.join(import.meta.dirname, 'table.json'), 'utf8')) as Table
const OPERATOR_ROLES = ['administrator', 'evidence-officer', 'witness-protection-officer', 'auditor']

function routesOfServer(): string[] {
  return [...HANDLERS, ...docsHandlers(() => ({}))].map(({ spec }) => `${spec.method} ${spec.path}`)
}

function fill(value: unknown, things: World['things']): unknown {
  const text = JSON.stringify(value).replaceAll(/\$([a-z]+)/g, (_, name: string) => {
    const thing = things[name]
    if (thing === undefined) throw new Error(`the table names $${name}, which the world has not got`)
    return thing
  })
  return JSON.parse(text)
}

function callOf(name: string, row: Row, things: World['things']): Call {
  const [method = '', pattern = ''] = name.split(' ')
  const params = fill(row.params ?? {}, things) as Record<string, string>
  const url = pattern.replaceAll(/:([A-Za-z]+)/g, (_, key: string) => params[key] ?? things['unknown'] ?? '')
  const query = spellQuery(fill(row.query ?? {}, things) as Record<string, unknown>)
  return {
    method,
    url: query ? `${url}?${query}` : url,
    ...(row.body === undefined ? {} : { body: fill(row.body, things) }),
    ...(row.raw === undefined ? {} : { raw: row.raw }),
  }
}

function allowed(row: Row, asker: Asker): boolean {
  if (row.who === 'everyone') return true
  if (asker.role === 'nobody') return false
  if (row.who === 'signed-in') return true
  const group = table.groups[row.who] ?? []
  return asker.role === 'local-operator'
    ? OPERATOR_ROLES.some((role) => group.includes(role))
    : group.includes(asker.role)
}

/** Null where the answer is as it should be, else what is wrong with it. */
function judge(row: Row, asker: Asker, answer: Answer): string | null {
  const said = `${answer.status} ${answer.code ?? ''}`.trim()
  if (answer.status >= 500) return `a fault: ${answer.text}`
  if (!allowed(row, asker)) {
    const expected = asker.role === 'nobody' ? '401 not_signed_in' : '403 not_permitted'
    return said === expected ? null : `expected ${expected}, got ${said}`
  }
  const apart = asker.side === 'outside' && row.sight !== 'none'
  if (apart && answer.text.includes(MARKER)) return 'the answer shows what lies inside the compartment'
  if (apart && row.sight === 'record')
    return said === '404 not_found'
      ? null
      : `expected 404 not_found, got ${said}: ${answer.text.slice(0, 200)}`
  if (apart && row.sight === 'many') {
    const { changed, refused } = JSON.parse(answer.text) as {
      changed: unknown[]
      refused: { code: string }[]
    }
    const hidden =
      changed.length === 0 && refused.length > 0 && refused.every((one) => one.code === 'not_found')
    return hidden ? null : `expected each to be not_found, got ${answer.text.slice(0, 200)}`
  }
  const fine = (asker.role === 'local-operator' ? row.operator : undefined) ?? row.inside ?? [200, 204]
  if (!fine.includes(answer.status))
    return `expected ${fine.join(' or ')}, got ${said}: ${answer.text.slice(0, 300)}`
  const lists = row.sight === 'list' && asker.side === 'inside' && answer.status === 200
  if (lists && !answer.text.includes(MARKER))
    return 'the answer does not show what lies inside the compartment'
  return null
}

test('the table has a row for each route of the server, and no other', () => {
  const server = routesOfServer().sort()
  assert.equal(new Set(server).size, server.length, 'no route twice')
  assert.deepEqual(Object.keys(table.routes).sort(), server)
  for (const [name, row] of Object.entries(table.routes))
    assert.ok(
      row.who === 'everyone' || row.who === 'signed-in' || table.groups[row.who],
      `${name}: who is ${row.who}?`,
    )
})

test('every route × every role × inside and outside the compartment', async (t) => {
  const world = await makeWorld(t)
  const wrong: string[] = []
  let calls = 0
  for (const [name, row] of Object.entries(table.routes)) {
    const call = callOf(name, row, world.things)
    const ask = async (asker: Asker): Promise<void> => {
      const problem = judge(row, asker, await world.ask(asker, call))
      calls++
      if (problem !== null) wrong.push(`${name} · ${nameOf(asker)}: ${problem}`)
    }
    // Those who may not ask first, those inside last: nobody's success changes what another one should get.
    const [may, mayNot] = [
      world.askers.filter((one) => allowed(row, one)),
      world.askers.filter((one) => !allowed(row, one)),
    ]
    await Promise.all(mayNot.map(ask))
    for (const side of ['outside', 'inside'])
      for (const asker of may.filter((one) => one.side === side && !skips(row, one))) await ask(asker)
  }
  t.diagnostic(`${calls} calls`)
  assert.deepEqual(wrong, [])
})

function skips(row: Row, asker: Asker): boolean {
  return row.skip !== undefined && (row.sight === 'none' || asker.side === 'inside')
}

test('the table can fail: a wrong row is found', async () => {
  const row: Row = { who: 'officers', sight: 'record' }
  const outside: Asker = { role: 'evidence-officer', side: 'outside' }
  assert.notEqual(judge(row, outside, { status: 200, code: null, text: '{}' }), null)
  assert.notEqual(
    judge(row, { role: 'analyst', side: 'inside' }, { status: 200, code: null, text: '{}' }),
    null,
  )
  assert.notEqual(
    judge({ who: 'everyone', sight: 'list' }, outside, { status: 200, code: null, text: MARKER }),
    null,
  )
})
