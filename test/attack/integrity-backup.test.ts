import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { checkItem } from '../../src/contract/integrity.ts'
import { requireKnownFolder } from '../../src/modules/integrity/backup.ts'
import { firstAdministrator } from '../support/people.ts'
import {
  audited,
  backedUp,
  certificateOf,
  lay,
  restoreInto,
  startWhole,
  takeIn,
  temporary,
  verdictOf,
} from './integrity-world.ts'

const PAPERS = {
  'one.txt': 'A fictional statement about a blue ledger.',
  'deep/two.csv': 'number,post\n1,gate\n2,stairs\n',
}

function filesBelow(folder: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    found.set(path.relative(folder, file), `${statSync(file).size} ${statSync(file).mtimeMs}`)
  }
  return found
}

function backupOf(folder: string): {
  log: { origin: string; size: number; note: string }
  dump: { address: string; sizeBytes: number }
} {
  return JSON.parse(readFileSync(path.join(folder, 'backup.json'), 'utf8'))
}

test('a backup of a working desk, restored in its place, is the desk', async (t) => {
  const [home, to] = [temporary(t, 'home'), temporary(t, 'backup')]
  const first = await startWhole(t, home)
  const items = await takeIn(first.client, 'Fictional', lay(t, PAPERS))
  const one = items.find((item) => item.name === 'one.txt')!
  const before = await certificateOf(first.client, one.id)
  const { logKey } = JSON.parse(before.toString()) as { logKey: string }
  const done = await backedUp(first.client, to)
  assert.deepEqual([done.blobs, done.copied], [2, 2])
  await first.stop()

  const restored = await restoreInto(home, to)
  assert.deepEqual([restored.missing, restored.blobs, restored.treeSize], [[], 0, done.treeSize])
  assert.equal(restored.keptBefore.length, 2)
  const second = await startWhole(t, home)
  const report = await second.client.call(checkItem, { params: { id: one.id } })
  assert.equal(report.verdict, 'INTACT', JSON.stringify(report.steps))
  const audit = await audited(second.client)
  assert.deepEqual([audit.state, audit.problems], ['intact', []])
  assert.equal(await verdictOf(before, logKey, PAPERS['one.txt']), 'INTACT')
  assert.equal(
    await verdictOf(await certificateOf(second.client, one.id), logKey, PAPERS['one.txt']),
    'INTACT',
  )
  assert.equal(await verdictOf(before, logKey, `${PAPERS['one.txt']}!`), 'FAIL')

  await takeIn(second.client, 'Fictional', lay(t, { 'three.txt': 'A third fictional paper.' }))
  const kept = filesBelow(path.join(to, 'vault'))
  const again = await backedUp(second.client, to)
  assert.deepEqual([again.blobs, again.copied], [3, 1])
  const now = filesBelow(path.join(to, 'vault'))
  const stayed = [...kept].filter(([name, stamp]) => now.get(name) === stamp)
  assert.equal(stayed.length, 2, 'sealed files that were there were not written again')
})

/** A stopped desk with a backup, and the papers in it; each case below damages a copy of the backup. */
async function deskWithBackup(t: TestContext): Promise<{ home: string; to: string }> {
  const [home, to] = [temporary(t, 'home'), temporary(t, 'backup')]
  const { client, stop } = await startWhole(t, home)
  await takeIn(client, 'Fictional', lay(t, PAPERS))
  await backedUp(client, to)
  await stop()
  return { home, to }
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  writeFileSync(file, bytes)
}

function objectIn(folder: string, address: string): string {
  return path.join(folder, 'vault', address.slice(0, 2), address.slice(2, 4), address)
}

function edit(
  folder: string,
  change: (backup: ReturnType<typeof backupOf> & Record<string, unknown>) => void,
): void {
  const backup = backupOf(folder) as never
  change(backup)
  writeFileSync(path.join(folder, 'backup.json'), JSON.stringify(backup))
}

function tileIn(folder: string, part: string): string {
  const name = [...filesBelow(path.join(folder, 'log')).keys()].find((one) => one.includes(part))
  return path.join(folder, 'log', name!)
}

function aBlob(folder: string): string {
  const { dump } = backupOf(folder)
  const names = [...filesBelow(path.join(folder, 'vault')).keys()].map((name) => path.basename(name))
  return objectIn(
    folder,
    names.find((name) => name !== dump.address)!,
  )
}

const DAMAGES: Record<string, (folder: string) => void> = {
  'a byte of the dump': (folder) => flip(objectIn(folder, backupOf(folder).dump.address), 5000),
  'a dump that is cut': (folder) => {
    const file = objectIn(folder, backupOf(folder).dump.address)
    writeFileSync(file, readFileSync(file).subarray(0, -100))
  },
  'a dump that is missing': (folder) => rmSync(objectIn(folder, backupOf(folder).dump.address)),
  'a dump said to be shorter': (folder) => edit(folder, (backup) => (backup.dump.sizeBytes -= 1)),
  'a missing tile': (folder) => rmSync(tileIn(folder, 'tile/0/')),
  'a changed tile': (folder) => flip(tileIn(folder, 'tile/0/'), 40),
  'a changed bundle': (folder) => flip(tileIn(folder, 'tile/entries/'), 90),
  'a cut bundle': (folder) => {
    const file = tileIn(folder, 'tile/entries/')
    writeFileSync(file, readFileSync(file).subarray(0, -3))
  },
  'a log said to be empty': (folder) => edit(folder, (backup) => (backup.log = null as never)),
  'a checkpoint of another size': (folder) => edit(folder, (backup) => (backup.log.size -= 1)),
  'a changed key of the dump': (folder) =>
    edit(folder, (backup) => {
      const dump = backup.dump as unknown as { wrappedKey: string }
      dump.wrappedKey = `${dump.wrappedKey.startsWith('A') ? 'B' : 'A'}${dump.wrappedKey.slice(1)}`
    }),
  'a backup.json that is cut': (folder) =>
    writeFileSync(
      path.join(folder, 'backup.json'),
      readFileSync(path.join(folder, 'backup.json')).subarray(0, 80),
    ),
  'an unknown field': (folder) => edit(folder, (backup) => (backup['extra'] = 1)),
}

test('over the network a backup is renewed, never aimed at a new folder', async (t) => {
  const [home, to] = [temporary(t, 'home'), temporary(t, 'backup')]
  const { running, client } = await startWhole(t, home)
  const officer = await firstAdministrator(running.desk)
  await assert.rejects(requireKnownFolder(running.desk, officer, to), { code: 'not_permitted' })
  await backedUp(client, to)
  await requireKnownFolder(running.desk, officer, `${to}/`)
})

test('a damaged backup is refused, whatever part of it, and nothing is changed', async (t) => {
  const { home, to } = await deskWithBackup(t)
  const stateOf = (): string[] =>
    [...filesBelow(home)]
      .filter(([name]) => /^(vault|log|signer|keys)\//.test(name))
      .map((pair) => pair.join(' '))
  const before = stateOf()
  for (const [what, damage] of Object.entries(DAMAGES)) {
    const copy = temporary(t, 'damaged')
    cpSync(to, copy, { recursive: true })
    damage(copy)
    await assert.rejects(restoreInto(home, copy), { code: 'backup_damaged' }, what)
    assert.deepEqual(stateOf(), before, what)
    assert.deepEqual(
      readdirSync(home).filter((name) => name.includes('before') || name === 'restored.json'),
      [],
      what,
    )
  }
  const { client } = await startWhole(t, home)
  assert.equal((await audited(client)).state, 'intact')
})

test('sealed files that the backup lost come from the vault, or are named; nothing else is given up', async (t) => {
  const { home, to } = await deskWithBackup(t)
  const blob = aBlob(to)
  flip(blob, 30)
  const own = objectIn(home, path.basename(blob))
  const whole = readFileSync(own)
  rmSync(own)
  await assert.rejects(restoreInto(home, to), {
    code: 'backup_damaged',
    message: /sealed files are missing or changed/,
  })
  assert.ok(!existsSync(own), 'nothing was put into the vault')
  const restored = await restoreInto(home, to, { incomplete: true })
  assert.deepEqual(restored.missing, [path.basename(blob)])
  mkdirSync(path.dirname(own), { recursive: true })
  writeFileSync(own, whole)
  const { client } = await startWhole(t, home)
  assert.equal((await audited(client)).state, 'intact')
})

test('a restore mends sealed files that were changed in the vault', async (t) => {
  const { home, to } = await deskWithBackup(t)
  flip(objectIn(home, path.basename(aBlob(to))), 30)
  assert.equal((await restoreInto(home, to)).blobs, 1)
  const { client } = await startWhole(t, home)
  assert.equal((await audited(client)).state, 'intact')
})

test('a backup cut off half way leaves the one before whole', async (t) => {
  const [home, to] = [temporary(t, 'home'), temporary(t, 'backup')]
  const first = await startWhole(t, home)
  await takeIn(first.client, 'Fictional', lay(t, PAPERS))
  await backedUp(first.client, to)
  const before = backupOf(to)
  await takeIn(first.client, 'Fictional', lay(t, { 'three.txt': 'A third fictional paper.' }))
  // Everything of the second backup but its last step: what a kill just before it leaves.
  const second = temporary(t, 'second')
  cpSync(to, second, { recursive: true })
  await backedUp(first.client, second)
  assert.notEqual(backupOf(second).log.size, before.log.size)
  cpSync(path.join(second, 'vault'), path.join(to, 'vault'), { recursive: true })
  cpSync(path.join(second, 'log'), path.join(to, 'log'), { recursive: true })
  await first.stop()
  const restored = await restoreInto(home, to)
  assert.deepEqual([restored.treeSize, restored.missing], [before.log.size, []])
})
