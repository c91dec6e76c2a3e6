import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openPool, type Pool } from '../../src/modules/intake/extract/pool.ts'
import {
  corpusIsHere,
  intake,
  LIMITS,
  normalised,
  type Outcome,
  readManifest,
  readRow,
  type Row,
} from './corpus.ts'

const skip = corpusIsHere ? false : 'the shared corpus (testdata/intake) is not on this machine'
const workRoot = mkdtempSync(join(tmpdir(), 'extract-corpus-'))
const outcomes: Outcome[] = []
let pool: Pool
let seconds = 0

/** Labels of the manifest in the words of this program. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  'tar.7z': ['7z'],
  'tar.gz': ['gz'],
  'tar.z': ['z'],
  'tar.lz': ['lz'],
  'tar.xz': ['xz'],
  'tar.zst': ['zst'],
  azw3: ['mobi'],
  wma: ['asf'],
  wmv: ['asf'],
  wb3: ['qpw'],
  ooxml: ['docx'],
}
/** Files whose content is not what their row's format column says, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'archives/End of central directory record signature not found Either not a zip file or file is trunc-yauzl.zip':
    'empty',
  'archives/End of central directory record signature not found Either not a zip file or file is trunc.zip':
    'zip',
  'encodings/GB2312-chromium_gb18030_with_no_encoding_specified.html.xml': 'html',
  'encodings/UTF-16BE-nobom-utf16be.txt': 'csv',
  'encodings/UTF-16LE-nobom-utf16le.txt': 'csv',
  'encodings/UTF-32BE-nobom-utf32be.txt': 'csv',
  'encodings/UTF-32LE-nobom-utf32le.txt': 'csv',
  'encodings/ascii-mozilla_bug638318_text.html': 'txt',
  'images/fixture-json.webp': 'json',
  'office/SampleSS.xml': 'spreadsheetml',
  'office/invalid.xlsx': 'zip',
  'office/testWordPerfect_42.doc': 'wpd',
  'office/testWordPerfect_51_52.doc': 'wpd',
  'office/clusterfuzz-testcase-minimized-XLSX2CSVFuzzer-5636439151607808.xlsx': 'ooxml',
  'warc/post-test-more.warc': 'warc.gz',
}
/** Expected texts that do not come out, each with its reason; docs/operations/formats.md repeats them. */
const MISSES: Readonly<Record<string, string>> = {
  'pdf-text/498264.pdf': 'its content streams were damaged by a line-end conversion; said as “show nothing”',
  'images/lorem-ipsum.im.jpg': 'words in a picture: OCR is a step of its own',
  'images/lorem-ipsum.im.png': 'words in a picture: OCR is a step of its own',
}
/** Encrypted files whose password is known and that stay closed all the same. */
const STAY_CLOSED: Readonly<Record<string, string>> = {
  'pdf-encrypted/bug1782186.pdf': 'PDFium does not accept the password of this file',
  'pdf-encrypted/issue19484_1.pdf': 'opens without a password; PDFium finds no page in it',
}

/** Rows marked active where the file itself holds nothing that acts. */
const NOTHING_ACTIVE: Readonly<Record<string, string>> = {
  'office/link-external-workbook-a.xlsx':
    'is the workbook that another one links to; it has two numbers and no link',
}

before(
  async () => {
    if (skip !== false) return
    pool = await openPool({ workers: 2, workRoot })
    const started = performance.now()
    const waiting = [...readManifest().entries()]
    const lane = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        outcomes.push(await readRow(pool, next[1], workRoot, next[0]))
    }
    await Promise.all([lane(), lane()]) // as many as the pool has workers: a file's time is its own
    seconds = (performance.now() - started) / 1_000
  },
  { timeout: 180_000 },
)
after(async () => {
  await pool?.close()
  rmSync(workRoot, { recursive: true, force: true })
})

const noted = (outcome: Outcome, ...codes: string[]) =>
  outcome.notices.some((notice) => codes.includes(notice.code))
const of = (note: Row['note']) => outcomes.filter((outcome) => outcome.row.note === note)
const names = (found: readonly Outcome[]) => found.map((outcome) => outcome.row.path).sort()

test('every file of the manifest is read to an end, within the time', { skip }, () => {
  assert.equal(outcomes.length, readManifest().length)
  assert.ok(outcomes.length >= 700)
  assert.ok(seconds < 90, `took ${seconds.toFixed(1)} s`)
})

test('each is what its content is', { skip }, () => {
  const wrong = outcomes.filter(({ row, type }) => {
    const format = row.format.split(' ')[0] ?? ''
    const allowed =
      OTHERWISE[row.path] === undefined ? [format, ...(SAME[format] ?? [])] : [OTHERWISE[row.path]]
    const encryptedOffice = row.note === 'encrypted' && type.label === 'ooxml-encrypted'
    return !allowed.includes(type.label) && !encryptedOffice
  })
  assert.deepEqual(
    wrong.map(({ row, type }) => `${row.path}: ${type.label}`),
    [],
  )
})

test('a name that lies is said', { skip }, () => {
  const lying = outcomes.find(({ row }) => row.path === 'images/fixture-json.webp')
  assert.ok(lying && noted(lying, 'lying-extension'))
})

test('no reader fell over', { skip }, () => {
  assert.deepEqual(names(outcomes.filter((outcome) => noted(outcome, 'crashed'))), [])
})

test('expected texts come out of at least 98 %, and each miss is named', { skip }, () => {
  const wanted = outcomes.filter(({ row }) => row.expected_text !== '')
  const missed = wanted.filter(({ row, text }) => !text.includes(normalised(row.expected_text)))
  assert.deepEqual(
    names(missed).filter((path) => MISSES[path] === undefined),
    [],
  )
  assert.ok(wanted.length >= 250)
  assert.ok(1 - missed.length / wanted.length >= 0.98, `${missed.length} of ${wanted.length} missed`)
})

test('encrypted files are called encrypted, not corrupt, and open with their password', { skip }, () => {
  const silent = of('encrypted').filter((outcome) => !noted(outcome, 'encrypted'))
  assert.deepEqual(names(silent), [])
  const closed = of('encrypted').filter(({ row, outcome }) => row.password !== '' && outcome === 'unread')
  assert.deepEqual(
    names(closed).filter((path) => STAY_CLOSED[path] === undefined),
    [],
  )
  const unknown = of('encrypted').filter(
    ({ row, outcome }) => /password unknown/.test(row.detail) && outcome !== 'unread',
  )
  assert.deepEqual(names(unknown), [])
  for (const outcome of of('encrypted').filter(
    ({ row, outcome: end }) => end === 'unread' && STAY_CLOSED[row.path] === undefined,
  ))
    assert.ok(
      outcome.ownNotices.some((notice) => notice.retryable),
      outcome.row.path,
    )
})

test('broken files are recovered or named, never silent', { skip }, () => {
  const silent = of('broken').filter(
    (one) => one.parts.length + one.children + one.metadata.length + one.notices.length === 0,
  )
  assert.deepEqual(names(silent), [])
  const mute = of('broken').filter((one) => one.outcome === 'unread' && one.ownNotices.length === 0)
  assert.deepEqual(names(mute), [])
})

test('malicious files stay within their limits', { skip }, () => {
  for (const outcome of of('malicious')) {
    assert.ok(outcome.ms < LIMITS.timeMs + 5_000, `${outcome.row.path}: ${Math.round(outcome.ms)} ms`)
    assert.ok(outcome.text.length < 70_000_000, outcome.row.path)
  }
  const bombs = outcomes.filter(({ row }) => /^archives\/Large\.(7z|gz|rar|zip)$/.test(row.path))
  assert.equal(bombs.length, 4)
  for (const bomb of bombs) assert.ok(noted(bomb, 'bomb'), bomb.row.path)
  const entities = outcomes.filter(({ row }) => /xmlbomb|ExternalEntity/.test(row.path))
  for (const outcome of entities) assert.ok(noted(outcome, 'external-reference'), outcome.row.path)
})

test('active content is flagged', { skip }, () => {
  const active = outcomes.filter(({ row }) => row.active_content === 'yes')
  assert.ok(active.length >= 19)
  const silent = active.filter((outcome) => !noted(outcome, 'active-content', 'external-reference'))
  assert.deepEqual(names(silent), Object.keys(NOTHING_ACTIVE))
})

test('pages with an unusable text layer are marked for OCR; a readable one is not', { skip }, () => {
  const page = (name: string) => outcomes.find(({ row }) => row.path === `pdf-scripts/${name}.pdf`)
  for (const name of ['ThuluthFeatures', 'complex_ttf_font', 'arial_unicode_ab_cidfont', 'issue5874'])
    assert.equal(page(name)?.parts[0]?.needsOcr, true, name)
  for (const name of ['XiaoBiaoSong', 'ArabicCIDTrueType', 'issue11656', 'issue6387', 'issue15340'])
    assert.notEqual(page(name)?.parts[0]?.needsOcr, true, name)
  assert.match(page('XiaoBiaoSong')?.text ?? '', /关 ?于 ?红 ?军/)
})

test('pages and sheets are counted as other tools count them', { skip }, () => {
  const wrong = of('ok').flatMap(({ row, metadata, type }) => {
    const [, what, count] = /(pages|sheets|slides)=(\d+)/.exec(row.expected_meta) ?? []
    if (what === undefined || (what === 'pages' && type.label !== 'pdf')) return []
    const name = { pages: 'document.pages', sheets: 'document.sheetCount', slides: 'document.slideCount' }[
      what
    ]
    const found = metadata.find((one) => one.name === name)?.value
    return found === Number(count) ? [] : [`${row.path}: ${what} ${String(found)}, not ${count}`]
  })
  assert.deepEqual(wrong, [])
})

test('originals are untouched and nothing is left outside the work root', { skip }, () => {
  for (const { row } of outcomes) {
    const bytes = readFileSync(join(intake, row.path))
    assert.equal(createHash('sha256').update(bytes).digest('hex'), row.sha256, row.path)
  }
  const left = readdirSync(workRoot).filter((name) => statSync(join(workRoot, name)).isDirectory())
  assert.deepEqual(left, [])
  assert.equal(existsSync(join(workRoot, '..', 'evil.txt')), false)
})
