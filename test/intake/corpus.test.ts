import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { closeWorkshops } from '../../src/modules/intake/pools.ts'
import type { Receipt } from '../../src/modules/intake/receipt.ts'
import { mergeWhenNeeded } from '../../src/modules/search/merge-when-needed.ts'
import { corpusIsHere, intake, readManifest, shared, type Row } from '../extract/corpus.ts'
import { retype } from '../search/retype.ts'
import { tokenise } from '../../src/text/tokenise.ts'
import {
  changedOriginals,
  digestOfSealed,
  finds,
  itemsByPath,
  phraseOf,
  receiptOf,
  sharedWorld,
  takeFolder,
  takenOf,
  unlock,
  type Taken,
} from './taken-corpus.ts'
import type { World } from './world.ts'

/** Snippets that search does not find, each with its reason. */
const MISSES: Readonly<Record<string, string>> = {
  'images/lorem-ipsum.im.jpg': 'words in a picture: OCR is a step of its own',
  'images/lorem-ipsum.im.png': 'words in a picture: OCR is a step of its own',
  'pdf-text/498264.pdf': 'its content streams were damaged by a line-end conversion',
  'office/54084 - Greek - beyond BMP.xlsx': 'mathematical letters (U+1D400…) are not folded to plain ones',
  'pdf-text/bug1937438_from_word.pdf': 'its π is a mathematical letter (U+1D70B), the snippet’s a plain one',
}
/** Good files of which something stays unread, beside those that no reader supports. */
const PARTLY: Readonly<Record<string, string>> = {
  'pdf-features/annotation-fileattachment.pdf': 'encrypted',
  'warc/example-url-agnostic-revisit.warc.gz': 'broken',
}
/** A password is known and the reader does not take it. */
const STAYS_CLOSED = 'pdf-encrypted/bug1782186.pdf'
/** Opens with the empty password, and the reader finds no page in it: no password helps. */
const NO_PAGE = 'pdf-encrypted/issue19484_1.pdf'

const LANGUAGES: Readonly<Record<string, string>> = {
  eng: 'eng',
  prs_dari: 'prs fas pes',
  pes_farsi: 'prs fas pes',
  pbu_pashto: 'pus pbu',
  uig_arab_uyghur: 'uig',
  urd: 'urd',
  arb_arabic: 'ara arb',
  uzn_latn_uzbek: 'uzn uzb',
  uzn_cyrl_uzbek: 'uzn uzb',
  tgk_tajik: 'tgk',
  tuk_latn_turkmen: 'tuk',
  rus: 'rus',
  cmn_hans: 'zho cmn',
  fra: 'fra',
}

const skip = corpusIsHere ? false : 'the shared corpus (testdata/intake) is not on this machine'

describe('the corpus, taken in as the command line does', { skip, timeout: 400_000 }, () => {
  const rows = corpusIsHere ? readManifest() : []
  const cleaning: (() => unknown)[] = []
  let world: World
  let receipt: Receipt
  let taken: Map<string, Taken>
  let opened: Map<string, Taken>
  let byPath: Map<string, string>
  let texts: Map<string, string>
  let readTexts: Map<string, Taken>

  before(async () => {
    world = await sharedWorld(cleaning)
    const batchId = await takeFolder(world, 'the-whole-corpus', [intake])
    receipt = await receiptOf(world, batchId)
    byPath = await itemsByPath(world, batchId)
    taken = byId(await takenOf(world, batchId))
    const locked = rows.filter((row) => row.password !== '')
    await unlock(
      world,
      batchId,
      locked.map((row) => ({ itemId: idOf(row), password: row.password })),
    )
    opened = byId(await takenOf(world, batchId))
    const textBatch = await takeFolder(world, 'the-declarations', [path.join(shared, 'testdata/text')])
    texts = await itemsByPath(world, textBatch)
    readTexts = byId(await takenOf(world, textBatch))
    await mergeWhenNeeded(world.desk) // as the desk's job does
  })
  after(async () => {
    for (const clean of cleaning) await clean()
  })

  const idOf = (row: Row): string => byPath.get(`intake/${row.path}`) ?? ''
  const itemOf = (row: Row, items = taken): Taken => {
    const item = items.get(idOf(row))
    assert.ok(item, `${row.path} became no item`)
    return item
  }
  const noted = (item: Taken, ...codes: string[]) => item.notices.some(({ code }) => codes.includes(code))
  const those = (note: Row['note']) => rows.filter((row) => row.note === note)
  const paths = (some: readonly Row[]) => some.map((row) => row.path).sort()

  test('each file is an item with its own hash; none failed; a receipt says so', () => {
    assert.ok(rows.length >= 700)
    for (const row of rows) assert.equal(itemOf(row).sha256, row.sha256, row.path)
    assert.equal(receipt.state, 'done')
    assert.equal(receipt.counts.failed, 0)
    assert.equal(receipt.counts.waiting, 0)
    assert.equal(receipt.counts.taken + receipt.counts.alreadyHeld + receipt.counts.quarantined, byPath.size)
  })

  test('the bytes that come out of the vault are those that went in; the originals are untouched', async () => {
    for (const row of rows)
      assert.equal(await digestOfSealed(world, itemOf(row).address), row.sha256, row.path)
    assert.deepEqual(changedOriginals(intake, rows), [])
  })

  test('the same bytes under two names are one item with both names', () => {
    const names = new Map<string, string[]>()
    for (const row of rows) names.set(row.sha256, [...(names.get(row.sha256) ?? []), row.path])
    const pairs = [...names.values()].filter((pair) => pair.length > 1)
    assert.ok(pairs.length >= 5)
    const held = new Set(receipt.alreadyHeld.map((one) => one.path))
    for (const pair of pairs) {
      assert.equal(new Set(pair.map((name) => byPath.get(`intake/${name}`))).size, 1, pair.join(' = '))
      assert.equal(
        pair.filter((name) => held.has(`intake/${name}`)).length,
        pair.length - 1,
        pair.join(' = '),
      )
    }
  })

  test('good files are read; what no reader supports is said', () => {
    const unread = those('ok').filter((row) => {
      const item = itemOf(row)
      return item.reading !== 'read' && !noted(item, 'unsupported')
    })
    assert.deepEqual(paths(unread), Object.keys(PARTLY).sort())
    for (const row of unread) assert.ok(noted(itemOf(row), PARTLY[row.path] ?? ''), row.path)
    assert.deepEqual(paths(those('ok').filter((row) => itemOf(row).state === 'quarantined')), [])
  })

  test('locked files are said to be locked; the password opens them', () => {
    const locked = those('encrypted')
    assert.ok(locked.length >= 40)
    const inside = (row: Row) => [...taken.values()].filter((item) => item.root === idOf(row))
    const silent = locked.filter((row) => !inside(row).some((item) => noted(item, 'encrypted')))
    assert.deepEqual(paths(silent), [])
    const mute = locked.filter((row) => {
      const item = itemOf(row)
      return item.reading === 'unread' && !item.notices.some((notice) => notice.retryable)
    })
    assert.deepEqual(
      paths(mute).filter((name) => name !== NO_PAGE),
      [],
    )
    const known = locked.filter((row) => row.password !== '')
    const before = known.filter((row) => itemOf(row).reading === 'unread')
    assert.ok(before.length >= 15)
    const closed = known.filter((row) => itemOf(row, opened).reading !== 'read')
    assert.deepEqual(paths(closed), [STAYS_CLOSED])
  })

  test('broken files are recovered or said to be broken', () => {
    const silent = those('broken').filter((row) => {
      const { parts, found, notices } = itemOf(row)
      return parts + found + notices.length === 0
    })
    assert.deepEqual(paths(silent), [])
    const mute = those('broken').filter((row) => {
      const { reading, notices } = itemOf(row)
      return reading !== 'read' && notices.length === 0
    })
    assert.deepEqual(paths(mute), [])
  })

  test('hostile files meet their limits and cost no other file', () => {
    const hostile = those('malicious')
    assert.ok(hostile.length >= 60)
    const mute = hostile.filter((row) => itemOf(row).reading !== 'read' && itemOf(row).notices.length === 0)
    assert.deepEqual(paths(mute), [])
    for (const name of ['Large.7z', 'Large.gz', 'Large.rar', 'Large.zip'])
      assert.ok(
        hostile.some((row) => row.path === `archives/${name}` && noted(itemOf(row), 'bomb')),
        name,
      )
    const lost = [...taken.values()].filter((item) => noted(item, 'crashed', 'time-limit', 'memory-limit'))
    assert.deepEqual(
      lost.map((item) => item.path),
      [],
    )
  })

  test('names that climb out are quarantined under safe names; nothing is written outside', async () => {
    const unsafe = [...taken.values()].filter((item) => item.depth > 0 && item.words?.startsWith('the name '))
    for (const item of unsafe) assert.equal(item.state, 'quarantined', item.path)
    assert.ok(unsafe.length >= 4)
    for (const item of taken.values())
      assert.ok(!item.path.split('/').includes('..') && !item.path.startsWith('/'), item.path)
    await closeWorkshops(world.desk)
    assert.equal(existsSync(path.join(tmpdir(), 'evil.txt')), false)
    assert.deepEqual(
      readdirSync(world.desk.home).filter((name) => name !== 'vault' && name !== 'keys'),
      [],
    )
  })

  test('at least 98 % of the expected snippets are found by search, and each miss has its reason', async () => {
    const wanted = rows.filter((row) => row.expected_text !== '')
    assert.ok(wanted.length >= 250)
    const missed: string[] = []
    for (const row of wanted) {
      const own = [...opened.values()].filter((item) => item.root === idOf(row))
      const found = await finds(world, phraseOf(row.expected_text), new Set(own.map((item) => item.id)))
      if (!found) missed.push(row.path)
    }
    assert.deepEqual(missed.sort(), Object.keys(MISSES).sort())
    assert.ok(1 - missed.length / wanted.length >= 0.98, `${missed.length} of ${wanted.length} missed`)
  })

  test('the Declarations: language recorded, words found however their letters are typed', async () => {
    const files = [...texts].filter(([name]) => /\/(udhr|reencoded)\/.*\.txt$/.test(name))
    assert.equal(files.length, 25)
    for (const [name, id] of files) {
      const base = path.basename(name).split('.')[0] ?? ''
      const item = readTexts.get(id)
      assert.ok(item, name)
      assert.ok(LANGUAGES[base]?.split(' ').includes(item.language ?? ''), `${name}: ${item.language}`)
      for (const [turn, word] of middleWords(base).entries())
        for (const typed of [word, retype(word, (below) => (turn * 7 + 3) % below)])
          assert.ok(await finds(world, `"${typed}"`, new Set([id])), `${typed} for ${word} in ${name}`)
    }
  })
})

function byId(items: readonly Taken[]): Map<string, Taken> {
  return new Map(items.map((item) => [item.id, item]))
}

/** Three words of the middle of a Declaration; the longest ones there. */
function middleWords(base: string): string[] {
  const text = readFileSync(path.join(shared, 'testdata/text/udhr', `${base}.txt`), 'utf8')
  const middle = text.slice(text.length * 0.48, text.length * 0.52)
  const inner = middle.slice(middle.indexOf(' ') + 1, middle.lastIndexOf(' '))
  const { terms, starts, ends } = tokenise(inner === '' ? middle : inner)
  const words = new Set(terms.map((_term, at) => inner.slice(starts[at], ends[at])))
  return [...words]
    .filter((word) => !/["():*~«»]/.test(word))
    .toSorted((a, b) => b.length - a.length)
    .slice(0, 3)
}
