import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { Signer } from '../../apps/signer/signer.ts'
import { keyPaths, openKeys } from './open.ts'
import { recoverKeys, sealKeys, unsealKeys } from './seal.ts'

const PASSPHRASE = 'a sentence nobody else would say'

async function deskWithKeys(
  t: TestContext,
): Promise<{ home: string; logKey: string; keyId: string; epochs: readonly string[] }> {
  const home = mkdtempSync(path.join(tmpdir(), 'amanat-keys-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const { entryKey, epochs } = await openKeys(home)
  const { logKey } = (await Signer.open(path.join(home, 'signer'), null)).view()
  return { home, logKey, keyId: entryKey.keyId, epochs: epochs.ids() }
}

test('keys are made once, in files that only their owner reads, and are the same at every start', async (t) => {
  const made = await deskWithKeys(t)
  const again = await openKeys(made.home)
  assert.deepEqual([again.entryKey.keyId, again.epochs.ids(), again.sealed], [made.keyId, made.epochs, false])
  for (const file of [keyPaths(made.home).desk, keyPaths(made.home).signer])
    assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('sealed keys open with the passphrase only; three of five shares give them a new one', async (t) => {
  const made = await deskWithKeys(t)
  const { home } = made
  const secret = JSON.parse(readFileSync(keyPaths(home).desk, 'utf8')) as { secrets: { entrySeed: string } }
  const shares = await sealKeys(home, PASSPHRASE)
  assert.equal(shares.length, 5)
  for (const file of Object.values(keyPaths(home)))
    assert.equal(readFileSync(file, 'utf8').includes(secret.secrets.entrySeed), false)
  await assert.rejects(openKeys(home), { code: 'keys_sealed' })
  await assert.rejects(openKeys(home, 'not the right passphrase'), { code: 'passphrase_wrong' })
  const keys = await openKeys(home, PASSPHRASE)
  assert.deepEqual([keys.entryKey.keyId, keys.epochs.ids(), keys.sealed], [made.keyId, made.epochs, true])
  await assert.rejects(Signer.open(path.join(home, 'signer'), null), { code: 'keys_sealed' })
  assert.equal((await Signer.open(path.join(home, 'signer'), keys.signerUnlock)).view().logKey, made.logKey)
  await assert.rejects(sealKeys(home, PASSPHRASE), { code: 'keys_sealed_already' })

  const [one = '', two = '', three = '', four = ''] = shares
  await assert.rejects(recoverKeys(home, [one, two], PASSPHRASE), { code: 'shares_too_few' })
  await assert.rejects(recoverKeys(home, [one, one, two], PASSPHRASE), { code: 'shares_too_few' })
  await assert.rejects(
    recoverKeys(home, [one, two, three.replace(/.-/, (end) => (end === '0-' ? '1-' : '0-'))], PASSPHRASE),
    { code: 'share_mistyped' },
  )
  const other = await deskWithKeys(t)
  const foreign = await sealKeys(other.home, PASSPHRASE)
  await assert.rejects(recoverKeys(home, [one, two, foreign[2] ?? ''], PASSPHRASE), { code: 'shares_wrong' })
  await recoverKeys(home, [four, two, three.toUpperCase()], 'another sentence altogether')
  await assert.rejects(openKeys(home, PASSPHRASE), { code: 'passphrase_wrong' })
  assert.equal((await openKeys(home, 'another sentence altogether')).entryKey.keyId, made.keyId)
  await unsealKeys(home, 'another sentence altogether')
  assert.equal((await openKeys(home)).entryKey.keyId, made.keyId)
})

test('a weak passphrase is refused before anything is written; a changed key file is named', async (t) => {
  const { home } = await deskWithKeys(t)
  await assert.rejects(sealKeys(home, 'short'), { code: 'passphrase_weak' })
  assert.equal((await openKeys(home)).sealed, false)
  const file = keyPaths(home).desk
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20))
  await assert.rejects(openKeys(home), { code: 'keys_damaged' })
})

test('an epoch begun is current and durable; one destroyed is gone; the current one stays', async (t) => {
  const { home } = await deskWithKeys(t)
  await sealKeys(home, PASSPHRASE)
  const keys = await openKeys(home, PASSPHRASE)
  const [old = ''] = keys.epochs.ids()
  const fresh = await keys.epochs.begin()
  assert.equal(keys.epochs.current().id, fresh)
  await assert.rejects(keys.epochs.destroy(fresh), { code: 'conflict' })
  await keys.epochs.destroy(old)
  const again = await openKeys(home, PASSPHRASE)
  assert.deepEqual([again.epochs.ids(), again.epochs.find(old)], [[fresh], null])
})
