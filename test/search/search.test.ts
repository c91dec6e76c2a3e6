import { setTimeout as sleep } from 'node:timers/promises'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Actor } from '../../src/platform/actor.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { eraseSubject, purgeErased } from '../../src/modules/search/erase-subject.ts'
import { exportCsv } from '../../src/modules/search/export-csv.ts'
import { indexSubject, removeSubjects, type IndexOrder } from '../../src/modules/search/index-subject.ts'
import { LiveIndex } from '../../src/modules/search/live.ts'
import { mergeWhenNeeded } from '../../src/modules/search/merge-when-needed.ts'
import { rebuildIndex } from '../../src/modules/search/rebuild-index.ts'
import { search, type SearchOrder, type SearchResult } from '../../src/modules/search/search.ts'
import { createTestDesk, type TestDesk } from '../support/desk.ts'
import { asOwner, grantItem, makeCompartment, makePerson } from './people.ts'

const FIRST = { sort: 'relevance', after: null, limit: 50, withFacets: true } as const

describe('search on PostgreSQL', () => {
  let desk: TestDesk
  let open: string
  let secret: string
  let narrow: Actor
  let wide: Actor

  const cleaning: (() => Promise<void>)[] = []

  after(async () => {
    for (const clean of cleaning) await clean()
  })
  before(async () => {
    desk = await createTestDesk({ after: (clean: () => Promise<void>) => cleaning.push(clean) } as never)
    open = await makeCompartment(desk, 'open')
    secret = await makeCompartment(desk, 'secret')
    narrow = await makePerson(desk, 'narrow', ['analyst'], [open])
    wide = await makePerson(desk, 'wide', ['evidence-officer'], [open, secret])
  })

  const find = (actor: Actor, query: string, more: Partial<SearchOrder> = {}): Promise<SearchResult> =>
    search(desk, actor, { query, ...FIRST, ...more })
  const names = async (actor: Actor, query: string): Promise<string[]> =>
    [...new Set((await find(actor, query)).hits.map((hit) => hit.name))].sort()

  async function put(
    name: string,
    text: string,
    compartmentId: string,
    more: Partial<IndexOrder> = {},
  ): Promise<string> {
    const subjectId = more.subjectId ?? desk.newId()
    await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
      indexSubject(tx, {
        subjectType: 'item',
        subjectId,
        compartmentId,
        collectionId: null,
        name,
        facets: { type: 'document', language: 'fas' },
        firstDay: null,
        lastDay: null,
        passages: [{ label: 'page 1', start: 0, end: text.length, text }],
        ...more,
      }),
    )
    return subjectId
  }

  /** The search tables whose files hold some bytes. */
  async function filesHolding(word: string): Promise<string[]> {
    const holding: string[] = []
    for (const table of ['subject', 'passage', 'segment', 'segment_part', 'gone']) {
      const { rows } = await asOwner(
        desk,
        `with files as (
           select pg_relation_filepath(c.oid) as main, pg_relation_filepath(nullif(c.reltoastrelid, 0)) as toast
           from pg_class c where c.oid = ('search.' || $1)::regclass)
         select position($2::bytea in pg_read_binary_file(main)) > 0
           or coalesce(position($2::bytea in pg_read_binary_file(toast)), 0) > 0 as holds from files`,
        [table, Buffer.from(word)],
      )
      if ((rows[0] as { holds: boolean }).holds) holding.push(table)
    }
    return holding
  }

  test('an indexed text is found at once, in other letters, with its place', async () => {
    await put('letter-one', 'گزارش در بارۀ كتابخانهٔ كابل', open)
    const result = await find(narrow, 'کتابخانه کابل')
    assert.equal(result.passages, 1)
    const [hit] = result.hits
    assert.deepEqual(
      hit?.highlights.map(([start, end]) => hit.text.slice(start, end)),
      ['كتابخانهٔ', 'كابل'],
    )
    assert.deepEqual([hit?.label, hit?.subjectType], ['page 1', 'item'])
    assert.deepEqual(await names(narrow, 'name:letter'), ['letter-one'])
  })

  test('nothing from outside reaches a narrow reader: hits, counts, facets, scores', async () => {
    await put('seen', 'harvest report quiet', open)
    const alone = await find(narrow, 'harvest OR quiet')
    const hiddenId = await put('hidden', 'harvest harvest quietude witness', secret, {
      facets: { type: 'hidden-type' },
    })
    assert.deepEqual(await names(wide, 'witness'), ['hidden'])
    for (const query of [
      'witness',
      'wit*',
      'witnes~1',
      '"harvest quietude"',
      'type:hidden-type',
      'name:hidden',
      'NOT seen witness',
    ]) {
      const result = await find(narrow, query)
      assert.deepEqual(
        [result.hits, result.passages, result.subjects, result.facets.flatMap((f) => f.values)],
        [[], 0, 0, []],
        query,
      )
    }
    assert.deepEqual(await find(narrow, 'harvest OR quiet'), alone, 'not even the scores moved')
    await grantItem(desk, narrow, hiddenId, 1)
    assert.deepEqual(await names(narrow, 'witness'), ['hidden'])
    await asOwner(desk, `update identity.dated_grant set until = now() - interval '1 day'`)
    assert.deepEqual(await names(narrow, 'witness'), [])
  })

  test('row-level security hides the text itself from the application login', async () => {
    const count = await inTransaction(desk, narrow, (tx) =>
      tx.sql
        .selectFrom('search.passage' as never)
        .select((e) => e.fn.countAll().as('n'))
        .where('body' as never, 'like', '%witness%' as never)
        .executeTakeFirst(),
    )
    assert.equal(Number((count as { n: number } | undefined)?.n), 0)
  })

  test('an index that lets something through is a fault, not a hit', async () => {
    const id = await put('moved', 'quince orchard', open)
    await asOwner(desk, 'update search.passage set compartment_id = $1 where subject_id = $2', [secret, id])
    await assert.rejects(find(narrow, 'quince'), /row-level security hides/)
    await inTransaction(desk, SYSTEM_ACTOR, (tx) => removeSubjects(tx, [id]))
  })

  test('an administrator sees no content, and who has no role may not search', async () => {
    const administrator = await makePerson(desk, 'admin', ['administrator'], [open, secret])
    await assert.rejects(find(administrator, 'کابل'), { code: 'not_permitted' })
  })

  test('a wrong query is refused with its place', async () => {
    await assert.rejects(find(narrow, 'a OR (b'), (refusal: { code: string; facts: { at: number } }) => {
      assert.deepEqual([refusal.code, refusal.facts.at], ['query_syntax', 5])
      return true
    })
  })

  test('each search is in the log before its results are out', async () => {
    await find(narrow, 'harvest')
    const { rows } = await asOwner(desk, `select * from ledger.entry order by 1 desc limit 1`)
    const text = JSON.stringify(rows[0], (_, value: unknown) =>
      (value as { type?: string } | null)?.type === 'Buffer'
        ? Buffer.from((value as { data: number[] }).data).toString('latin1')
        : value,
    )
    assert.match(text, /search\.query\.run/)
  })

  test('a changed subject is found as it is now, in its new compartment only', async () => {
    const id = await put('draft', 'apricot first version', open)
    await put('draft', 'apricot second version', secret, { subjectId: id })
    assert.deepEqual(await names(narrow, 'apricot'), [])
    const [hit] = (await find(wide, 'apricot')).hits
    assert.equal(hit?.text, 'apricot second version')
    assert.equal((await find(wide, 'apricot first')).passages, 0)
  })

  test('dates, facets, sort and pages', async () => {
    for (let day = 0; day < 12; day++)
      await put(`plum-${day}`, `plum ${'plum '.repeat(day)}`, open, {
        firstDay: 19_000 + day,
        lastDay: 19_000 + day,
        facets: { type: day % 2 ? 'mail' : 'sheet' },
      })
    const newest = await find(narrow, '"plum plum" OR plum type:mail', { sort: 'newest', limit: 5 })
    assert.equal(newest.hits[0]?.name, 'plum-11')
    const all: string[] = []
    let next: string | null = null
    do {
      const page: SearchResult = await find(narrow, 'plum', { after: next, limit: 5 })
      all.push(...page.hits.map((hit) => `${hit.name}/${hit.label}`))
      next = page.next
    } while (next !== null)
    assert.equal(new Set(all).size, 24, 'twelve texts and twelve names, each once')
    assert.equal(all.length, 24)
    assert.equal((await find(narrow, 'plum date:2022-01-08..2022-01-10')).subjects, 3)
    const types = (await find(narrow, 'plum')).facets.find((facet) => facet.facet === 'type')?.values
    assert.deepEqual(types, [
      { value: 'mail', subjects: 6 },
      { value: 'sheet', subjects: 6 },
    ])
  })

  test('the CSV holds every hit, and no cell runs as a formula', async () => {
    await put('=cmd', 'walnut "quoted", and more', open)
    let csv = ''
    for await (const chunk of exportCsv(desk, wide, { query: 'walnut', sort: 'relevance' })) csv += chunk
    assert.match(csv, /^\uFEFF"subject_type"/)
    assert.match(csv, /"'=cmd"/)
    assert.match(csv, /"walnut ""quoted"", and more"/)
    await assert.rejects(
      async () => {
        for await (const _ of exportCsv(desk, await makePerson(desk, 'reader', ['reviewer'], [open]), {
          query: 'walnut',
          sort: 'relevance',
        }))
          assert.fail('a line came out')
      },
      { code: 'not_permitted' },
    )
  })

  test('merging and rebuilding change no answer, also while others write', async () => {
    const queries = ['plum', 'harvest', 'کابل', 'type:mail', 'NOT plum', 'plu* date:2022']
    const answers = async (): Promise<unknown[]> =>
      Promise.all(
        queries.map(async (query) => {
          const { passages, subjects, hits } = await find(wide, query)
          return [passages, subjects, hits.map((hit) => [hit.passageNo, hit.score])]
        }),
      )
    const was = await answers()
    assert.ok((await mergeWhenNeeded(desk)) > 0)
    assert.deepEqual(await answers(), was)
    const writes = Array.from({ length: 20 }, (_, i) => put(`late-${i}`, `medlar ${i}`, open))
    await Promise.all([rebuildIndex(desk), ...writes])
    assert.equal((await find(wide, 'medlar')).subjects, 20)
    await inTransaction(desk, SYSTEM_ACTOR, async (tx) => removeSubjects(tx, await Promise.all(writes)))
    assert.deepEqual(await answers(), was)
  })

  test('another process sees a commit at its next question', async () => {
    const other = new LiveIndex(desk.db)
    const beforeCount = (await other.refresh()).reduce(
      (sum, segment) => sum + segment.head.columns.docs - segment.goneCount,
      0,
    )
    const id = await put('shared', 'pomegranate', open)
    const count = async (): Promise<number> =>
      (await other.refresh()).reduce((sum, segment) => sum + segment.head.columns.docs - segment.goneCount, 0)
    assert.equal(await count(), beforeCount + 2)
    await inTransaction(desk, SYSTEM_ACTOR, (tx) => removeSubjects(tx, [id]))
    assert.equal(await count(), beforeCount)
  })

  test('a rolled-back change is never found', async () => {
    await assert.rejects(
      inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
        await indexSubject(tx, {
          subjectType: 'item',
          subjectId: desk.newId(),
          compartmentId: open,
          collectionId: null,
          name: 'never',
          facets: {},
          firstDay: null,
          lastDay: null,
          passages: [],
        })
        throw new Error('stop')
      }),
      /stop/,
    )
    assert.deepEqual(await names(wide, 'never'), [])
  })

  test('an erased word is in no table file', async () => {
    const word = 'zarghunaxq'
    const id = await put('to be erased', `the ${word} account`, open)
    await mergeWhenNeeded(desk)
    assert.equal((await find(wide, word)).passages, 1)
    await inTransaction(desk, SYSTEM_ACTOR, (tx) => eraseSubject(tx, [id]))
    assert.equal((await find(wide, word)).passages, 0)
    await asOwner(desk, 'checkpoint')
    assert.ok((await filesHolding(word)).includes('passage'), 'before the purge the word is still on a page')
    // A snapshot that was open when the rows went (an analysing autovacuum's, say) keeps them through one purge;
    // it ends by itself. An erasure waits for such snapshots (integrity/rewrite-tables).
    let left = ['not looked yet']
    for (let tries = 0; tries < 40 && left.length > 0; tries++) {
      if (tries > 0) await sleep(250)
      await purgeErased(desk)
      await asOwner(desk, 'checkpoint')
      left = await filesHolding(word)
    }
    assert.deepEqual(left, [])
  })
})
