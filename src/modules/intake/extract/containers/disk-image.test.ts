import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ewfExtractor } from './ewf.ts'
import { readSegmentSet } from './ewf-set.ts'
import { groupSegments } from './segment-sets.ts'
import { codesOf, readWith, valueOf } from '../../../../../test/fixtures/containers/read.ts'

const image = readFileSync(join(import.meta.dirname, '../../../../../test/fixtures/containers/drive.E01'))

test('an E01 shows its case, its medium and its stored hashes', async (t) => {
  const result = await readWith(t, ewfExtractor, { name: 'drive.E01', bytes: image })
  assert.equal(result.outcome, 'read')
  const expected: Readonly<Record<string, unknown>> = {
    'ewf.caseNumber': 'CASE-1',
    'ewf.examiner': 'A. Examiner',
    'ewf.evidenceNumber': 'EV-7',
    'ewf.description': 'Fictional drive',
    'ewf.notes': 'یادداشت',
    'ewf.mediaBytes': 1_253_376,
    'ewf.segment': 1,
    'ewf.lastSegment': true,
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(valueOf(result, name), value, name)
  const medium = Buffer.alloc(1_253_376)
  for (let at = 0; at < medium.length; at++) medium[at] = (at >>> 9) & 255
  for (const name of ['md5', 'sha1'])
    assert.equal(valueOf(result, `ewf.stored.${name}`), createHash(name).update(medium).digest('hex'))
})

test('a cut or damaged image says so', async (t) => {
  assert.ok(
    codesOf(await readWith(t, ewfExtractor, { name: 'drive.E01', bytes: image.subarray(0, 4000) })).includes(
      'truncated',
    ),
  )
  const flipped = Buffer.from(image)
  flipped[13 + 20] = 0xff
  assert.ok(codesOf(await readWith(t, ewfExtractor, { name: 'drive.E01', bytes: flipped })).length > 0)
  const misnamed = await readWith(t, ewfExtractor, { name: 'drive.E02', bytes: image })
  assert.match(misnamed.notices[0]?.words ?? '', /name says segment 2/)
})

test(
  'a set of segments is read as one item, complete or not',
  { skip: existsSync('/usr/bin/ewfacquire') ? false : 'ewf-tools are not installed' },
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ewf-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const medium = Buffer.concat(
      Array.from({ length: 90_000 }, (_, index) => createHash('sha256').update(String(index)).digest()),
    )
    writeFileSync(join(folder, 'medium.bin'), medium)
    const about = [
      '-C',
      'CASE-2',
      '-D',
      'Set',
      '-e',
      'A. Examiner',
      '-E',
      'EV-8',
      '-N',
      'none',
      '-S',
      '1048576',
      '-c',
      'none',
      '-d',
      'sha1',
    ]
    execFileSync('ewfacquire', [
      '-u',
      '-t',
      join(folder, 'set'),
      '-f',
      'encase6',
      ...about,
      join(folder, 'medium.bin'),
    ])
    const [set] = groupSegments(readdirSync(folder))
    assert.ok(set && set.names.length >= 3 && set.missing.length === 0)
    const files = set.names.map((name) => ({ name, path: join(folder, name) }))
    const whole = readSegmentSet(files)
    assert.deepEqual(whole.notices, [])
    assert.equal(whole.outcome, 'read')
    assert.equal(valueOf(whole, 'ewf.complete'), true)
    assert.equal(valueOf(whole, 'ewf.caseNumber'), 'CASE-2')
    const acquired = medium.subarray(0, medium.length - (medium.length % 512))
    assert.equal(valueOf(whole, 'ewf.stored.md5'), createHash('md5').update(acquired).digest('hex'))
    for (const left of [1, files.length - 1]) {
      const gap = readSegmentSet(files.filter((_, index) => index !== left))
      assert.deepEqual(codesOf(gap), ['incomplete-set'])
      assert.equal(valueOf(gap, 'ewf.complete'), false)
    }
  },
)

test('segment sets are grouped by name and number, gaps told', () => {
  const [first, second] = groupSegments([
    'b.E03',
    'b.E01',
    'other.txt',
    'b.e02',
    'c.001',
    'c.002',
    'c.004',
    'lonely.001',
    'x.s01',
  ]).toSorted((a, b) => a.names[0]!.localeCompare(b.names[0]!))
  assert.deepEqual(first, { kind: 'ewf', names: ['b.E01', 'b.e02', 'b.E03'], missing: [] })
  assert.deepEqual(second, { kind: 'raw', names: ['c.001', 'c.002', 'c.004'], missing: [3] })
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const names = Array.from({ length: 99 + 676 + 30 }, (_, index) => {
    if (index < 99) return `d.E${String(index + 1).padStart(2, '0')}`
    const place = index - 99
    return `d.${letters[4 + Math.floor(place / 676)]}${letters[Math.floor((place % 676) / 26)]}${letters[place % 26]}`
  })
  const [long] = groupSegments(names.toReversed())
  assert.deepEqual(long, { kind: 'ewf', names, missing: [] })
  assert.deepEqual(
    groupSegments(names.filter((name) => name !== 'd.EAA' && name !== 'd.E01'))[0]?.missing,
    [1, 100],
  )
  assert.deepEqual(groupSegments(['report.doc', 'a.txt', 'photo.jpg', 'x.exe', 'film.mp4']), [])
})
