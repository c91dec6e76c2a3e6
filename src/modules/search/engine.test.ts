import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { analyse } from '../../text/analyse.ts'
import { editDistance } from '../../text/edit-distance.ts'
import type { Query } from '../../text/query.ts'
import { readQuery } from '../../text/read-query.ts'
import { tokenise } from '../../text/tokenise.ts'
import { ask } from './engine.ts'
import { FuzzyTerms } from './fuzzy-terms.ts'
import { mergeSegments } from './merge.ts'
import { NAME_MARK, planQuery } from './plan.ts'
import { decodeHead } from './segment-format.ts'
import { SegmentWriter, type IndexDoc, type SegmentBytes } from './segment-writer.ts'
import { Segment } from './segment.ts'
import type { Sight } from './visible.ts'

interface Sample {
  readonly no: number
  readonly text: string
  readonly compartment: string
  readonly type: string
  readonly day: number | null
  readonly segment: number
  readonly gone: boolean
}

const WORDS = [
  'کابل',
  'كابل',
  'زندان',
  'می‌رود',
  'میرود',
  'torture',
  'tortured',
  'права',
  '联合国',
  'state',
  'sate',
  'AF-12',
]
const samples = fc.array(
  fc.record({
    text: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 8 }).map((words) => words.join(' ')),
    compartment: fc.constantFrom('c1', 'c2', 'c3'),
    type: fc.constantFrom('pdf', 'mail'),
    day: fc.option(fc.integer({ min: 18_000, max: 18_010 })),
    segment: fc.integer({ min: 0, max: 2 }),
    gone: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
)
const QUERIES = [
  'کابل',
  'می‌رود',
  '"کابل زندان"',
  'tort*',
  'state~1',
  'state~2',
  'کابل AND torture',
  'کابل OR права',
  'NOT کابل',
  'torture NOT state',
  'type:pdf',
  'type:p*',
  'کابل type:mail',
  '联合国',
  '合国',
  'date:1398-01',
  'date:2019-04-15..2019-04-18 state',
  'name:af',
  '(کابل OR state) AND NOT "state sate"',
  'AF12',
  '"AF 12"',
  '"می‌رود state"',
]

const PHRASES =
  '"a1 b1" | "b1 a1 c1" | "a1 a1" | "a1 a1 a1" | "a1 b1 c1 a1" | "r1 a1" | "a1 r1 b1" | ' +
  '"a1 b1 r2" | "c1 می رود" | "a1 d-1" | d1 "می رود b1" | "a1 b1" NOT "b1 c1"'

function toDoc(sample: Sample): IndexDoc {
  const text = tokenise(sample.text)
  const name = tokenise(`af ${sample.type}`)
  const facets = {
    collection: 'x',
    type: sample.type,
    language: '',
    classification: '',
    state: '',
    source: '',
  }
  return {
    passageNo: sample.no,
    subjectId: `s${sample.no}`,
    compartmentId: sample.compartment,
    collectionId: null,
    firstDay: sample.day,
    lastDay: sample.day,
    facets,
    length: text.length,
    terms: [...text.terms, ...name.terms.map((term) => NAME_MARK + term)],
    positions: [...text.positions, ...name.positions],
  }
}

function open(id: number, bytes: SegmentBytes): Segment {
  return new Segment(id, decodeHead(bytes.head), {
    read: (start, end) => Promise.resolve(bytes.body.subarray(start, end)),
  })
}

function build(all: readonly Sample[]): Segment[] {
  return [0, 1, 2].flatMap((number) => {
    const own = all.filter((sample) => sample.segment === number)
    if (own.length === 0) return []
    const writer = new SegmentWriter()
    for (const sample of own) writer.add(toDoc(sample))
    const segment = open(number, writer.finish())
    for (const sample of own) if (sample.gone) segment.markGone(sample.no)
    return [segment]
  })
}

/** Reads the texts one by one: slow, and too simple to be wrong. */
function naive(query: Query, sample: Sample, name = false): boolean {
  const text = name ? `af ${sample.type}` : sample.text
  const tokens = tokenise(text)
  switch (query.kind) {
    case 'and':
      return query.parts.every((part) => naive(part, sample, name))
    case 'or':
      return query.parts.some((part) => naive(part, sample, name))
    case 'not':
      return !naive(query.part, sample, name)
    case 'name':
      return naive(query.part, sample, true)
    case 'word':
    case 'phrase':
      return analyse(query.text).some((sequence) =>
        tokens.positions.some((start) =>
          sequence.every((slot) =>
            tokens.terms.some((term, i) => term === slot.term && tokens.positions[i] === start + slot.at),
          ),
        ),
      )
    case 'prefix':
      return tokens.terms.some((term) => term.startsWith(query.text))
    case 'fuzzy':
      return tokens.terms.some((term) => editDistance(term, query.text, query.distance) <= query.distance)
    case 'field':
      return query.value.endsWith('*')
        ? sample.type.startsWith(query.value.slice(0, -1))
        : sample.type === query.value
    case 'date':
      return (
        sample.day !== null &&
        sample.day >= (query.firstDay ?? -Infinity) &&
        sample.day <= (query.lastDay ?? Infinity)
      )
  }
}

function parse(text: string): Query {
  const reading = readQuery(text)
  assert.ok(reading.ok, text)
  return reading.query
}

const sightOf = (compartments: readonly string[]): Sight => ({
  everything: false,
  compartments,
  ordinary: [],
  granted: [],
})

async function run(segments: readonly Segment[], text: string, sight: Sight, limit = 100) {
  return ask(segments, {
    plan: planQuery(parse(text)),
    sight,
    sort: 'relevance',
    limit,
    after: null,
    withFacets: true,
  })
}

test('finds exactly what a scan finds, inside what may be seen', async () => {
  await fc.assert(
    fc.asyncProperty(
      samples,
      fc.subarray(['c1', 'c2', 'c3']),
      fc.constantFrom(...QUERIES),
      async (drawn, compartments, text) => {
        const all = drawn.map((sample, i) => ({ ...sample, no: i + 1 }))
        const result = await run(build(all), text, sightOf(compartments))
        const wanted = all.filter(
          (sample) => !sample.gone && compartments.includes(sample.compartment) && naive(parse(text), sample),
        )
        assert.deepEqual(
          result.hits.map((hit) => hit.passageNo).sort((a, b) => a - b),
          wanted.map((sample) => sample.no),
        )
        assert.equal(result.passages, wanted.length)
        const types = result.facets.find((facet) => facet.facet === 'type')?.values ?? []
        for (const { value, subjects } of types)
          assert.equal(subjects, wanted.filter((sample) => sample.type === value).length)
      },
    ),
    { numRuns: 1500 },
  )
})

test('a narrow reader gets to the last digit what an index of only her passages gives', async () => {
  await fc.assert(
    fc.asyncProperty(samples, fc.constantFrom(...QUERIES), async (drawn, text) => {
      const all = drawn.map((sample, i) => ({ ...sample, no: i + 1 }))
      const own = all.filter((sample) => sample.compartment === 'c1' && !sample.gone)
      const inAll = await run(build(all), text, sightOf(['c1']))
      const inOwn = await run(build(own), text, sightOf(['c1']))
      assert.deepEqual(inAll, inOwn)
    }),
    { numRuns: 500 },
  )
})

test('merging changes no answer and drops the words of what is gone', async () => {
  await fc.assert(
    fc.asyncProperty(samples, fc.constantFrom(...QUERIES), async (drawn, text) => {
      const all = drawn.map((sample, i) => ({ ...sample, no: i + 1 }))
      const segments = build(all)
      const merged = await mergeSegments(segments)
      const kept = all.filter((sample) => !sample.gone)
      if (!merged) return assert.equal(kept.length, 0)
      const sight = sightOf(['c1', 'c2'])
      assert.deepEqual(await run([open(9, merged)], text, sight), await run(segments, text, sight))
      const terms = (await open(9, merged).allTerms()).map((entry) => entry.term)
      assert.deepEqual(terms, [...new Set(kept.flatMap((sample) => toDoc(sample).terms))].sort())
    }),
    { numRuns: 500 },
  )
})

test('pages put together are the whole list, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(
      samples,
      fc.constantFrom('relevance' as const, 'newest' as const, 'oldest' as const),
      async (drawn, sort) => {
        const segments = build(drawn.map((sample, i) => ({ ...sample, no: i + 1 })))
        const plan = planQuery(parse('کابل OR state OR torture OR type:mail'))
        const order = { plan, sight: sightOf(['c1', 'c2', 'c3']), sort, withFacets: false }
        const whole = (await ask(segments, { ...order, limit: 100, after: null })).hits
        const paged = []
        let after = null
        for (;;) {
          const page = await ask(segments, { ...order, limit: 3, after })
          paged.push(...page.hits)
          const last = page.hits.at(-1)
          if (!last) break
          after = { key: last.key, passageNo: last.passageNo, statistics: page.statistics }
        }
        assert.deepEqual(paged, whole)
      },
    ),
  )
})

test('grants open one subject, and a collection only in ordinary compartments', async () => {
  const base = { text: 'کابل', type: 'pdf', day: null, segment: 0, gone: false }
  const writer = new SegmentWriter()
  for (const [no, compartment] of [
    [1, 'c1'],
    [2, 'c2'],
    [3, 'secret'],
  ] as const)
    writer.add({ ...toDoc({ ...base, no, compartment }), collectionId: 'k' })
  const segments = [open(1, writer.finish())]
  const found = async (granted: readonly string[]): Promise<number[]> =>
    (
      await run(segments, 'کابل', {
        everything: false,
        compartments: ['c1'],
        ordinary: ['c1', 'c2'],
        granted,
      })
    ).hits.map((hit) => hit.passageNo)
  assert.deepEqual(await found([]), [1])
  assert.deepEqual(await found(['s3']), [1, 3])
  assert.deepEqual(await found(['k']), [1, 2])
})

test('fuzzy terms are those within the edit distance', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcدسب'), minLength: 1, maxLength: 9 })
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { maxLength: 30 }),
      word,
      fc.constantFrom(1, 2),
      (terms, asked, most) => {
        const walk = (take: (letters: Uint16Array, length: number) => void): void =>
          terms.forEach((term) =>
            take(
              Uint16Array.from(term, (letter) => letter.charCodeAt(0)),
              term.length,
            ),
          )
        const found = new FuzzyTerms(terms.length, walk).find(asked, most).map((number) => terms[number])
        assert.deepEqual(
          found,
          terms.filter((term) => editDistance(term, asked, most) <= most),
        )
      },
    ),
    { numRuns: 2000 },
  )
})

test('scores are uncapped BM25, worked out anew from the texts', async () => {
  const words = ['کابل', 'زندان', 'torture', 'права', 'state']
  const bodies = fc.array(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 30,
  })
  await fc.assert(
    fc.asyncProperty(bodies, fc.subarray(words, { minLength: 1, maxLength: 3 }), async (drawn, asked) => {
      const all = drawn.map((body, i) => ({
        no: i + 1,
        text: body.join(' '),
        compartment: 'c1',
        type: 'pdf',
        day: null,
        segment: i % 3,
        gone: false,
      }))
      const average = drawn.reduce((sum, body) => sum + body.length, 0) / drawn.length
      const scoreOf = (body: readonly string[]): number =>
        asked.reduce((sum, word) => {
          const holding = drawn.filter((one) => one.includes(word)).length
          const count = body.filter((one) => one === word).length
          const idf = Math.log(1 + (drawn.length - holding + 0.5) / (holding + 0.5))
          return sum + (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * body.length) / average))
        }, 0)
      const { hits } = await run(build(all), asked.join(' OR '), sightOf(['c1']))
      for (const hit of hits) assert.ok(Math.abs(hit.score - scoreOf(drawn[hit.passageNo - 1] ?? [])) < 1e-9)
      const order = hits.map((hit) => hit.score)
      assert.deepEqual(
        order,
        [...order].sort((a, b) => b - a),
      )
    }),
    { numRuns: 300 },
  )
})

test('phrases over many documents are those of a scan, whatever may be seen', async () => {
  const word = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('a1', 'b1', 'c1', 'می', 'رود', 'd-1') },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }).map((number) => `r${number}`) },
  )
  const many = fc.array(fc.array(word, { minLength: 1, maxLength: 7 }), { minLength: 260, maxLength: 420 })
  await fc.assert(
    fc.asyncProperty(
      many,
      fc.integer({ min: 1, max: 90 }),
      fc.constantFrom(...PHRASES.split(' | ')),
      fc.integer({ min: 0, max: 2 }),
      async (drawn, share, text, cut) => {
        const all = drawn.map((words, i) => ({
          no: i + 1,
          text: words.join(' '),
          compartment: i % share === 0 ? 'c1' : 'c2',
          type: 'pdf',
          day: null,
          segment: cut > 0 && i % 3 === 0 ? cut : 0,
          gone: i % 17 === 3,
        }))
        const own = all.filter((one) => !one.gone && one.compartment === 'c1')
        const wanted = own.filter((one) => naive(parse(text), one)).map((one) => one.no)
        const segments = build(all)
        const merged = await mergeSegments(segments)
        const inOwn = await run(build(own), text, sightOf(['c1']), 1000)
        for (const asked of [segments, merged ? [open(9, merged)] : []]) {
          const { hits } = await run(asked, text, sightOf(['c1']), 1000)
          assert.deepEqual(
            hits.map((hit) => hit.passageNo).sort((a, b) => a - b),
            wanted,
          )
          assert.deepEqual(hits, inOwn.hits) // scores too: own passages are fewer, most often too few for pairs
        }
      },
    ),
    { numRuns: 120 },
  )
})
