import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readCustody } from '../../src/modules/evidence/custody.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { digestOfSealed, finds, receiptOf, takeFolder, takenOf, type Taken } from './taken-corpus.ts'
import { createWorld } from './world.ts'
import { zipOf } from './zip.ts'

const GOOD = 'A fictional letter among hostile files, which none of them may cost.'
const RAW_NAME = Buffer.from([0x6e, 0x61, 0xff, 0xfe, 0x6d, 0x65]) // na··me: not UTF-8
const BIDI_NAME = 'invoice\u202efdp.exe'

function hostileFolder(t: TestContext): string {
  const root = mkdtempSync(path.join(tmpdir(), 'hostile-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const folder = path.join(root, 'given')
  mkdirSync(folder)
  const put = (name: string, content: string | Uint8Array) => writeFileSync(path.join(folder, name), content)
  put('good.txt', GOOD)
  put('empty.txt', '')
  put('slip.zip', zipOf({ '../../outside-of-everything.txt': 'Climbs out.', 'inside.txt': 'Stays in.' }))
  put('bomb.gz', gzipSync(Buffer.alloc(256 * 1024 * 1024), { level: 9 }))
  put('photo.jpg', '%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\ntrailer <<>>\n%%EOF\n')
  put('long.zip', zipOf({ [`${'x'.repeat(4_000)}.txt`]: 'A very long name.' }))
  put(
    'message.eml',
    mailWith(zipOf({ 'deep.zip': zipOf({ 'deep.txt': 'Fictional words at the very bottom.' }) })),
  )
  put(BIDI_NAME, 'Its name runs backwards.')
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), RAW_NAME]), 'Its name is not UTF-8.')
  writeFileSync(path.join(root, 'secret.txt'), 'Lies outside of what was given.')
  symlinkSync(path.join(root, 'secret.txt'), path.join(folder, 'link.txt'))
  return folder
}

function mailWith(attachment: Buffer): string {
  return [
    'From: "Fictional Sender" <sender@example.org>',
    'Subject: Fictional subject',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'Fictional body.',
    '--b',
    'Content-Type: application/zip; name="outer.zip"',
    'Content-Disposition: attachment; filename="outer.zip"',
    'Content-Transfer-Encoding: base64',
    '',
    attachment.toString('base64'),
    '--b--',
    '',
  ].join('\r\n')
}

test('a folder of hostile files: each kept, each named, none costs another', async (t) => {
  const world = await createWorld(t)
  const batchId = await takeFolder(world, 'a-hostile-folder', [hostileFolder(t)])
  const receipt = await receiptOf(world, batchId)
  const taken = await takenOf(world, batchId)
  const named = (name: string): Taken => {
    const item = taken.find((one) => one.path.endsWith(name))
    assert.ok(item, name)
    return item
  }
  const codes = (name: string) => named(name).notices.map((notice) => notice.code)

  assert.deepEqual(
    receipt.failed.map(({ path: name, reason }) => [path.basename(name), reason]),
    [['link.txt', 'It is a link; links are not followed.']],
  )
  assert.equal(named('good.txt').reading, 'read')
  assert.ok(await finds(world, '"none of them may cost"', new Set([named('good.txt').id])))
  assert.equal(await finds(world, '"outside of what was given"', new Set(taken.map((one) => one.id))), false)
  assert.deepEqual([named('empty.txt').reading, ...codes('empty.txt')], ['read', 'empty'])
  assert.ok(codes('bomb.gz').includes('bomb'))
  assert.ok(codes('photo.jpg').includes('lying-extension'))

  const outside = named('outside-of-everything.txt')
  assert.equal(outside.state, 'quarantined')
  assert.ok(!outside.path.includes('..'))
  assert.equal(named('inside.txt').reading, 'read')

  const deep = named('deep.txt')
  assert.deepEqual([deep.depth, deep.root], [3, named('message.eml').id])
  assert.ok(await finds(world, '"at the very bottom"', new Set([deep.id])))

  for (const item of taken) {
    // oxlint-disable-next-line no-control-regex -- what must not be in a shown path is named here
    assert.doesNotMatch(item.path, /[\u0000-\u001f\u202a-\u202e\u2066-\u2069\ufffd]/u, item.path)
    assert.equal(await digestOfSealed(world, item.address), item.sha256)
  }
})

test('the chain of custody names the person for whom the desk took a file in', async (t) => {
  const world = await createWorld(t)
  const root = mkdtempSync(path.join(tmpdir(), 'custody-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  writeFileSync(path.join(root, 'a.txt'), GOOD)
  const batchId = await takeFolder(world, 'a-batch-of-custody', [root])
  const [item] = await takenOf(world, batchId)
  const custody = await inTransaction(world.desk, world.officer, (tx) => readCustody(tx, item?.id ?? ''))
  const received = custody.find((event) => event.kind === 'evidence.item.received')
  assert.equal(received?.who, `desk, for ${world.officer.name}`)
})
