import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { readCustody } from '../../src/modules/evidence/custody.ts'
import { readItem, type ItemDetail } from '../../src/modules/evidence/detail.ts'
import { registerItems } from '../../src/modules/evidence/register.ts'
import { adler32 } from '../../src/modules/intake/extract/containers/adler32.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { takenOf, type Taken } from './taken-corpus.ts'
import { createWorld, takeIn, type Files, type World } from './world.ts'

const image = readFileSync(path.join(import.meta.dirname, '../fixtures/containers/drive.E01'))
const SECTION_BYTES = 76

/** The fictional drive as one segment of several: its own number, and whether another follows. */
function segment(number: number, last: boolean): Buffer {
  const bytes = Buffer.from(image)
  bytes.writeUInt16LE(number, 9)
  const end = bytes.length - SECTION_BYTES
  assert.equal(bytes.toString('latin1', end, end + 4), 'done')
  if (last) return bytes
  bytes.write('next', end, 'latin1')
  bytes.writeUInt32LE(adler32(bytes.subarray(end, end + SECTION_BYTES - 4)), end + SECTION_BYTES - 4)
  return bytes
}

async function taken(world: World, files: Files, key?: string): Promise<Map<string, Taken>> {
  const { batch } = await takeIn(world, files, key)
  return new Map((await takenOf(world, batch)).map((item) => [item.path, item]))
}

function look({ desk, officer }: World, item: Taken | undefined): Promise<ItemDetail> {
  return inTransaction(desk, officer, (tx) => readItem(tx, item?.id ?? ''))
}

const valueOf = (detail: ItemDetail, name: string) => detail.found.find((one) => one.name === name)?.value

test('a disk image in three files is one item, registered once, with its stored hashes', async (t) => {
  const world = await createWorld(t)
  const { desk, officer } = world
  const files = {
    'phone/drive.E03': segment(3, true),
    'phone/drive.E01': segment(1, false),
    'phone/drive.E02': segment(2, false),
    'phone/notes.txt': 'Fictional notes beside the image.',
  }
  const items = await taken(world, files)
  const head = items.get('phone/drive.E01')
  assert.deepEqual(
    [...items.values()]
      .filter((item) => item.depth === 0)
      .map((item) => item.path)
      .sort(),
    ['phone/drive.E01', 'phone/notes.txt'],
  )
  for (const name of ['phone/drive.E02', 'phone/drive.E03'])
    assert.equal(items.get(name)?.root, head?.id, name)
  const detail = await look(world, head)
  assert.equal(valueOf(detail, 'ewf.segments'), 3)
  assert.equal(valueOf(detail, 'ewf.complete'), true)
  assert.match(String(valueOf(detail, 'ewf.stored.md5')), /^[0-9a-f]{32}$/)
  assert.equal(valueOf(detail, 'ewf.caseNumber'), 'CASE-1')
  assert.deepEqual(detail.notices, [])

  const alone = await registerItems(desk, officer, { items: [items.get('phone/drive.E02')?.id ?? ''] })
  assert.deepEqual(
    alone.refused.map((one) => one.code),
    ['part_of_image'],
  )
  const batch = (await look(world, head)).acquisitions[0]?.batchId ?? ''
  const registered = await registerItems(desk, officer, { batch })
  assert.equal(registered.changedCount, 2)
  const second = await look(world, items.get('phone/drive.E02'))
  assert.deepEqual([second.state, second.registrationNumber], ['processed', null])
  const custody = await inTransaction(desk, officer, (tx) => readCustody(tx, head?.id ?? ''))
  assert.ok(
    custody.some((event) => event.words === 'Joined with the other files of one disk image: 3 segments.'),
  )
})

test('a missing segment is said; the image sent again whole finds its place', async (t) => {
  const world = await createWorld(t)
  const items = await taken(world, { 'd.E01': segment(1, false), 'd.E03': segment(3, false) })
  const cut = await look(world, items.get('d.E01'))
  assert.deepEqual(
    cut.notices.map((notice) => notice.words),
    [
      "Of the image's segments 2 are missing.",
      'The last segment of the image is missing; 3 is not the last.',
    ],
  )
  assert.equal(cut.reading, 'partly')
  assert.equal(valueOf(cut, 'ewf.complete'), false)
  const whole = { 1: segment(1, false), 2: segment(2, false), 3: segment(3, false), 4: segment(4, true) }
  const files = Object.fromEntries(Object.entries(whole).map(([number, bytes]) => [`d.E0${number}`, bytes]))
  const receipt = await takeIn(world, files, 'the-image-again')
  assert.deepEqual([receipt.counts.taken, receipt.counts.alreadyHeld], [2, 2])
  const mended = await look(world, items.get('d.E01'))
  assert.equal(valueOf(mended, 'ewf.complete'), true)
  assert.equal(valueOf(mended, 'ewf.segments'), 4)
  assert.deepEqual(mended.notices, [])
  assert.equal(mended.childCount, 3)
})

test('a collection that registers at once gives an image one number; pages called .001 stay pages', async (t) => {
  const world = await createWorld(t, { trustsIntake: true })
  const raw = (seed: number) =>
    Buffer.concat(Array.from({ length: 4_000 }, (_, at) => hash('sha256', `${seed} ${at}`, 'buffer')))
  const items = await taken(world, {
    'd.E01': segment(1, false),
    'd.E02': segment(2, true),
    'raw/disk.001': raw(0x91),
    'raw/disk.002': raw(0x92),
    'raw/disk.004': raw(0x94),
    'text/page.001': 'The first fictional page, in plain words.',
    'text/page.002': 'The second fictional page, in plain words.',
  })
  const numberOf = async (name: string) => (await look(world, items.get(name))).registrationNumber
  assert.notEqual(await numberOf('d.E01'), null)
  assert.equal(await numberOf('d.E02'), null)
  assert.equal(items.get('d.E02')?.state, 'processed')
  assert.equal(items.get('raw/disk.004')?.root, items.get('raw/disk.001')?.id)
  const disk = await look(world, items.get('raw/disk.001'))
  assert.ok(disk.notices.some((notice) => notice.words === "Of the image's segments 3 are missing."))
  assert.equal(items.get('text/page.002')?.depth, 0)
})
