import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { LiveIndex } from '../../src/modules/search/live.ts'
import { search } from '../../src/modules/search/search.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { createTestDesk } from '../support/desk.ts'
import { asOwner } from './people.ts'

test('killed at any moment: what was acknowledged is found, and index and text agree', async (t) => {
  const desk = await createTestDesk(t)
  const acknowledged: string[] = []
  for (let round = 0; round < 4; round++) {
    const order = JSON.stringify({ login: desk.owner, home: desk.home })
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'index-forever.ts'), order], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    while (!said.includes('\n')) await sleep(20)
    await sleep(150 + round * 170)
    child.kill('SIGKILL')
    await once(child, 'close')
    acknowledged.push(...said.split('\n').slice(0, -1))
  }
  assert.ok(acknowledged.length > 20)

  const { hits } = await search(desk, SYSTEM_ACTOR, {
    query: 'survivor',
    sort: 'relevance',
    after: null,
    limit: 100_000,
    withFacets: false,
  })
  const found = new Set(hits.map((hit) => hit.subjectId))
  assert.deepEqual(
    acknowledged.filter((id) => !found.has(id)),
    [],
  )

  const { rows } = await asOwner(desk, 'select passage_no from search.passage order by 1')
  const indexed = (await new LiveIndex(desk.db).refresh()).flatMap((segment) =>
    Array.from(segment.head.columns.passageNos).filter((_, doc) => segment.gone[doc] !== 1),
  )
  assert.deepEqual(
    indexed.sort((a, b) => a - b),
    (rows as { passage_no: number }[]).map((row) => Number(row.passage_no)),
  )
})
