import type { TestContext } from 'node:test'
import type { Actor } from '../../src/platform/actor.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { createCollection } from '../../src/modules/evidence/collections.ts'
import { closeBatch, createBatch } from '../../src/modules/intake/batches.ts'
import { announceFiles, listFiles, type BatchFile } from '../../src/modules/intake/files.ts'
import { finishBatches } from '../../src/modules/intake/finish.ts'
import { closeWorkshops } from '../../src/modules/intake/pools.ts'
import { readTasks } from '../../src/modules/intake/read-tasks.ts'
import { readReceipt, type Receipt } from '../../src/modules/intake/receipt.ts'
import { uploadFile } from '../../src/modules/intake/upload.ts'
import { installJobs } from '../../src/modules/jobs/install.ts'
import { makeCompartment, makePerson } from '../search/people.ts'
import { createTestDesk, type TestDesk } from '../support/desk.ts'

/** A desk with one compartment, one collection and one evidence officer; all fictional. */
export interface World {
  readonly desk: TestDesk
  readonly officer: Actor
  readonly compartmentId: string
  readonly collectionId: string
}

export async function createWorld(
  t: Pick<TestContext, 'after'>,
  options: { trustsIntake?: boolean } = {},
): Promise<World> {
  const desk = await createTestDesk(t)
  t.after(() => closeWorkshops(desk))
  await installJobs(desk.owner)
  const compartmentId = await makeCompartment(desk, 'Fictional compartment')
  const officer = await makePerson(desk, 'fictional-officer', ['evidence-officer'], [compartmentId])
  const collection = await inTransaction(desk, officer, (tx) =>
    createCollection(tx, {
      name: 'Fictional collection',
      description: '',
      compartmentId,
      defaultClassification: 'confidential',
      trustsIntake: options.trustsIntake ?? false,
    }),
  )
  return { desk, officer, compartmentId, collectionId: collection.id }
}

export async function openTestBatch(
  { desk, officer, collectionId }: World,
  key = 'a-key-of-a-test',
): Promise<string> {
  const order = { collectionId, sourceId: null, label: 'Fictional batch', key, custody: {} }
  return (await inTransaction(desk, officer, (tx) => createBatch(tx, order))).id
}

export type Files = Readonly<Record<string, string | Uint8Array>>

/** Uploads files as the desk does: announced, then each in one call. */
export async function send(world: World, batchId: string, files: Files): Promise<BatchFile[]> {
  const { desk, officer } = world
  const entries = Object.entries(files).map(([path, content]) => ({
    path,
    content: Buffer.from(content as Uint8Array),
  }))
  const announced = await inTransaction(desk, officer, (tx) =>
    announceFiles(tx, batchId, {
      files: entries.map(({ path, content }) => ({ path, sizeBytes: content.length })),
    }),
  )
  return Promise.all(
    announced.files.map((file, at) =>
      uploadFile(desk, officer, {
        batchId,
        fileId: file.id,
        offset: file.offset,
        body: once(entries[at]?.content),
      }),
    ),
  )
}

export async function* once(bytes: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (bytes && bytes.length > 0) yield bytes
}

/** Reads everything that waits and ends what can end. */
export async function readAll({ desk }: World): Promise<void> {
  await readTasks(desk, desk.signal)
  await finishBatches(desk)
}

/** The whole way of a batch: files in, closed, read; its receipt. */
export async function takeIn(world: World, files: Files, key?: string): Promise<Receipt> {
  const batchId = await openTestBatch(world, key)
  await send(world, batchId, files)
  await inTransaction(world.desk, world.officer, (tx) => closeBatch(tx, batchId))
  await readAll(world)
  return inTransaction(world.desk, world.officer, (tx) => readReceipt(tx, batchId))
}

export async function filesOf({ desk, officer }: World, batchId: string): Promise<BatchFile[]> {
  return (await inTransaction(desk, officer, (tx) => listFiles(tx, batchId, { limit: 200 }))).files
}
