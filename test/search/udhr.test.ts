import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { indexSubject } from '../../src/modules/search/index-subject.ts'
import { search } from '../../src/modules/search/search.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { recogniseLanguage } from '../../src/text/language.ts'
import { splitPassages } from '../../src/text/passages.ts'
import { tokenise } from '../../src/text/tokenise.ts'
import { createTestDesk, type TestDesk } from '../support/desk.ts'
import { needs, sharedData } from '../vectors/shared.ts'
import { retype } from './retype.ts'

const FOLDER = sharedData('text', 'udhr')
const FILES: Readonly<Record<string, string>> = {
  eng: 'eng',
  prs_dari: 'fas',
  pes_farsi: 'fas',
  pbu_pashto: 'pus',
  uig_arab_uyghur: 'uig',
  urd: 'urd',
  arb_arabic: 'ara',
  uzn_latn_uzbek: 'uzn',
  uzn_cyrl_uzbek: 'uzn',
  tgk_tajik: 'tgk',
  tuk_latn_turkmen: 'tuk',
  rus: 'rus',
  cmn_hans: 'zho',
  fra: 'fra',
}

describe('the Declaration of Human Rights in fourteen languages', needs(FOLDER), () => {
  let desk: TestDesk
  const texts = new Map<string, string>()
  const ids = new Map<string, string>()
  const cleaning: (() => Promise<void>)[] = []

  before(async () => {
    desk = await createTestDesk({ after: (clean: () => Promise<void>) => cleaning.push(clean) } as never)
    for (const file of Object.keys(FILES)) {
      const text = readFileSync(path.join(FOLDER ?? '', `${file}.txt`), 'utf8')
      const subjectId = desk.newId()
      texts.set(file, text)
      ids.set(file, subjectId)
      await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
        indexSubject(tx, {
          subjectType: 'item',
          subjectId,
          compartmentId: desk.newId(),
          collectionId: null,
          name: file,
          facets: { language: recogniseLanguage(text).language },
          firstDay: null,
          lastDay: null,
          passages: splitPassages([{ label: '', text }]),
        }),
      )
    }
  })
  after(async () => {
    for (const clean of cleaning) await clean()
  })

  const find = (query: string, limit = 200) =>
    search(desk, SYSTEM_ACTOR, { query, sort: 'relevance', after: null, limit, withFacets: false })

  for (const [file, language] of Object.entries(FILES))
    test(`${file}: named, and so is nearly every passage of it`, () => {
      const text = texts.get(file) ?? ''
      const guess = recogniseLanguage(text)
      assert.equal(guess.language, language)
      assert.ok(guess.confidence >= 0.6, `confidence ${guess.confidence}`)
      const sentences = text.split('\n').filter((line) => [...line].length >= (language === 'zho' ? 12 : 60))
      const right = sentences.filter((line) => recogniseLanguage(line).language === language).length
      assert.ok(right / sentences.length >= 0.95, `${right} of ${sentences.length} passages`)
    })

  for (const file of Object.keys(FILES))
    test(`${file}: every word of its middle is found, however it is typed`, async () => {
      const text = texts.get(file) ?? ''
      const middle = text
        .slice(text.length * 0.45, text.length * 0.55)
        .split('\n')
        .slice(1, -1)
        .join('\n')
      const tokens = tokenise(middle)
      const words = [
        ...new Set(tokens.terms.map((_, i) => middle.slice(tokens.starts[i], tokens.ends[i]))),
      ].filter((word) => !/^(?:AND|OR|NOT)$/.test(word) && !/["():*~«»]/.test(word))
      assert.ok(words.length > 20)
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...words),
          fc.infiniteStream(fc.nat(1000)),
          async (word, numbers) => {
            const typed = retype(word, (below) => (numbers.next().value as number) % below)
            const { hits } = await find(`name:${file} OR "${typed}"`)
            const own = hits.filter((hit) => hit.subjectId === ids.get(file) && hit.label !== 'name')
            assert.ok(
              own.some((hit) => hit.highlights.length > 0),
              `${typed} for ${word}`,
            )
          },
        ),
        { numRuns: 25 },
      )
    })

  test('the known passage is first: asked with six of its own words', async () => {
    let reciprocal = 0
    let asked = 0
    for (const [file, text] of texts)
      for (const passage of splitPassages([{ label: '', text }]).filter((_, i) => i % 3 === 1)) {
        const tokens = tokenise(passage.text)
        const step = Math.max(1, Math.floor(tokens.terms.length / 6))
        const words = tokens.terms.filter((term, i) => i % step === 0 && term.length > 1).slice(0, 6)
        const { hits } = await find(words.map((word) => `"${word}"`).join(' OR '), 10)
        const rank = hits.findIndex(
          (hit) => hit.subjectId === ids.get(file) && hit.start === passage.start && hit.label !== 'name',
        )
        reciprocal += rank < 0 ? 0 : 1 / (rank + 1)
        asked++
      }
    assert.ok(asked > 40)
    assert.ok(reciprocal / asked > 0.85, `MRR@10 is ${(reciprocal / asked).toFixed(3)} over ${asked}`)
  })
})
