import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ewfExtractor } from './ewf.ts'
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
