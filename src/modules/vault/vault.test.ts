import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { createTestDesk, type TestDesk } from '../../../test/support/desk.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { openKeys } from '../../platform/keys/open.ts'
import { openFolderStore } from '../../platform/objects/folder.ts'
import type { ObjectStore } from '../../platform/objects/port.ts'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { inTransaction } from '../../platform/tx.ts'
import { decryptPayload } from '../../proof/age.ts'
import { append } from '../ledger/append.ts'
import type { SealedBlob } from './blob.ts'
import { destroyOldEpochs, newEpoch, rewrapAll } from './epochs.ts'
import { eraseBlob, removeErased } from './erase.ts'
import { keepBlob } from './keep.ts'
import { openBlob } from './open.ts'
import { rehashAll, rehashBlob } from './rehash.ts'
import { sealBlob } from './seal.ts'
import { startVault, stopVault } from './start.ts'
import { sweepOrphans } from './sweep.ts'

const CHUNK = 65_536
const MIB = 1024 * 1024

async function gather(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return Buffer.concat(parts)
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) parts.push(Uint8Array.from(bytes.subarray(at, at + size)))
  return parts
}

async function sealAndKeep(desk: TestDesk, bytes: Uint8Array): Promise<SealedBlob> {
  const sealed = await sealBlob(desk, pieces(bytes, 100_000))
  await inTransaction(desk, SYSTEM_ACTOR, (tx) => keepBlob(tx, sealed))
  return sealed
}

function fileOf(desk: TestDesk, address: string): string {
  return path.join(desk.home, 'vault', address.slice(0, 2), address.slice(2, 4), address)
}

async function deskOf(t: TestContext): Promise<TestDesk> {
  const desk = await createTestDesk(t)
  t.after(() => stopVault(desk))
  return desk
}

test('what is sealed is an age payload under its own hash, and opens to what went in, whole and by range', async (t) => {
  const desk = await deskOf(t)
  const sizes = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, MIB, 3 * MIB + 17]
  for (const size of sizes) {
    const plain = randomBytes(size)
    const sealed = await sealBlob(desk, pieces(plain, 70_001), { alsoDigest: ['sha1', 'md5'] })
    const stored = readFileSync(fileOf(desk, sealed.address))
    assert.equal(sealed.address, createHash('sha256').update(stored).digest('hex'), `size ${size}`)
    for (const name of ['sha256', 'sha1', 'md5'] as const)
      assert.equal(sealed[name], createHash(name).update(plain).digest('hex'))
    const opened = await gather(
      decryptPayload(
        nativePrimitives,
        sealed.fileKey,
        (async function* () {
          yield stored
        })(),
      ),
    )
    assert.ok(opened.equals(plain))
    await inTransaction(desk, SYSTEM_ACTOR, (tx) => keepBlob(tx, sealed))
    assert.ok((await gather(openBlob(desk, sealed.address))).equals(plain))
    for (const [start, end] of [
      [0, 1],
      [CHUNK - 1, CHUNK + 1],
      [CHUNK, 2 * CHUNK],
      [size - 1, size],
      [size, size],
    ] as const) {
      if (start < 0 || end > size) continue
      assert.ok(
        (await gather(openBlob(desk, sealed.address, { start, end }))).equals(plain.subarray(start, end)),
        `${size}: ${start}-${end}`,
      )
    }
  }
  assert.deepEqual(
    (await Array.fromAsync(rehashAll(desk))).map((one) => one.state),
    sizes.map(() => 'intact'),
  )
})

test('a damaged, cut, lengthened, swapped or missing file is named and never given out', async (t) => {
  const desk = await deskOf(t)
  const plain = randomBytes(3 * CHUNK + 5)
  const damages: [string, (file: string) => void, string, string][] = [
    ['flipped', (file) => flip(file, 16 + CHUNK + 100), 'blob_damaged', 'changed'],
    ['nonce', (file) => flip(file, 3), 'blob_damaged', 'changed'],
    ['cut at a chunk', (file) => truncateSync(file, 16 + 2 * (CHUNK + 16)), 'blob_damaged', 'changed'],
    ['cut to nothing', (file) => truncateSync(file, 0), 'blob_damaged', 'changed'],
    ['gone', (file) => rmSync(file), 'blob_missing', 'missing'],
  ]
  for (const [name, damage, refusal, state] of damages) {
    const sealed = await sealAndKeep(desk, plain)
    damage(fileOf(desk, sealed.address))
    await assert.rejects(gather(openBlob(desk, sealed.address)), { code: refusal }, name)
    assert.equal((await rehashBlob(desk, sealed.address)).state, state, name)
  }
  const longer = await sealAndKeep(desk, plain)
  appendFileSync(fileOf(desk, longer.address), 'x')
  assert.equal((await rehashBlob(desk, longer.address)).state, 'changed')
})

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

test('a wrapped key moved to another blob opens nothing', async (t) => {
  const desk = await deskOf(t)
  const [a, b] = [await sealAndKeep(desk, randomBytes(10)), await sealAndKeep(desk, randomBytes(10))]
  const { default: pg } = await import('pg')
  const owner = new pg.Client(desk.owner)
  await owner.connect()
  await owner.query(
    'update vault.blob set wrapped_key = (select wrapped_key from vault.blob where address = $1) where address = $2',
    [a.address, b.address],
  )
  await owner.end()
  await assert.rejects(gather(openBlob(desk, b.address)), { code: 'blob_damaged' })
  assert.equal((await gather(openBlob(desk, a.address))).length, 10)
})

test('a source that fails and a disk that is full leave nothing behind', async (t) => {
  const desk = await deskOf(t)
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < 20; at++) yield new Uint8Array(300_000)
    throw new Error('the line broke')
  }
  await assert.rejects(sealBlob(desk, failing()), /the line broke/)
  assert.deepEqual(readdirSync(path.join(desk.home, 'vault', 'drafts')), [])
  stopVault(desk)
  const { epochs } = await openKeys(desk.home)
  startVault(desk, { store: fullAfter(openFolderStore(path.join(desk.home, 'vault')), 2 * MIB), epochs })
  await assert.rejects(sealBlob(desk, pieces(new Uint8Array(5 * MIB), MIB)), { code: 'ENOSPC' })
  assert.deepEqual(readdirSync(path.join(desk.home, 'vault', 'drafts')), [])
})

/** A store whose disk ends after so many bytes. */
function fullAfter(store: ObjectStore, bytes: number): ObjectStore {
  return {
    ...store,
    draft: async () => {
      const draft = await store.draft()
      let written = 0
      return {
        write: async (part) => {
          written += part.length
          if (written > bytes) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
          await draft.write(part)
        },
        commit: (name) => draft.commit(name),
        abandon: () => draft.abandon(),
      }
    },
  }
}

test('erasing needs an entry that orders it; afterwards key and bytes are gone', async (t) => {
  const desk = await deskOf(t)
  const sealed = await sealAndKeep(desk, randomBytes(100))
  const order = (subject: string): Promise<boolean> =>
    inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
      const entryId = await append(tx, {
        kind: 'evidence.item.erased',
        subjects: [{ type: 'blob', id: subject }],
      })
      return eraseBlob(tx, sealed.address, entryId)
    })
  await assert.rejects(order('0'.repeat(64)), /does not order/)
  assert.equal(await order(sealed.address), true)
  await assert.rejects(gather(openBlob(desk, sealed.address)), { code: 'blob_erased' })
  assert.equal((await rehashBlob(desk, sealed.address)).state, 'erased_but_there')
  await removeErased(desk, [sealed.address])
  assert.equal((await rehashBlob(desk, sealed.address)).state, 'erased')
})

test('rewrapping keeps every blob open; a destroyed epoch closes an old register for good', async (t) => {
  const desk = await deskOf(t)
  const blobs = [await sealAndKeep(desk, randomBytes(50)), await sealAndKeep(desk, randomBytes(60))]
  const old = await sql<{
    wrapped_key: Buffer
    epoch_id: string
    address: string
  }>`select * from vault.find(${blobs.map((b) => b.address)}::text[])`.execute(desk.db)
  const epochId = await newEpoch(desk)
  assert.equal(await rewrapAll(desk), 2)
  assert.equal((await destroyOldEpochs(desk)).length, 1)
  for (const blob of blobs) assert.equal((await gather(openBlob(desk, blob.address))).length, blob.sizeBytes)
  const keys = await openKeys(desk.home)
  assert.deepEqual(keys.epochs.ids(), [epochId])
  assert.ok(old.rows.every((row) => keys.epochs.find(row.epoch_id) === null))
})

test('orphans older than an hour are swept; young and kept ones stay', async (t) => {
  const desk = await deskOf(t)
  const kept = await sealAndKeep(desk, randomBytes(10))
  const [young, orphan] = [await sealBlob(desk, [randomBytes(10)]), await sealBlob(desk, [randomBytes(10)])]
  const longAgo = new Date(Date.now() - 2 * 3_600_000)
  for (const blob of [kept, orphan]) utimesSync(fileOf(desk, blob.address), longAgo, longAgo)
  assert.equal(await sweepOrphans(desk), 1)
  assert.deepEqual(
    [kept, young, orphan].map((blob) => existsSync(fileOf(desk, blob.address))),
    [true, true, false],
  )
})

test('the application login reads and writes the register through functions only', async (t) => {
  const desk = await deskOf(t)
  await sealAndKeep(desk, randomBytes(10))
  await assert.rejects(sql`select * from vault.blob`.execute(desk.db), /permission denied/)
  await assert.rejects(sql`delete from vault.blob`.execute(desk.db), /permission denied/)
})
