import { randomBytes } from 'node:crypto'
import { installJobs } from '../src/modules/jobs/install.ts'
import { createCollection } from '../src/modules/evidence/collections.ts'
import type { Actor } from '../src/platform/actor.ts'
import { inTransaction } from '../src/platform/tx.ts'
import { openLogBenchDesk, type LogBenchDesk } from './log-desk.ts'

const SYSTEM = '00000000-0000-7000-8000-000000000001'

export interface EvidenceBench extends LogBenchDesk {
  readonly officer: Actor
  readonly compartmentId: string
  readonly collectionId: string
}

/** A desk with log and signer at work, one compartment, one trusting collection, one fictional officer. */
export async function openEvidenceBench(): Promise<EvidenceBench> {
  const bench = await openLogBenchDesk()
  const { desk, owner } = bench
  await installJobs(bench.ownerLogin)
  const [compartmentId, id] = [desk.newId(), desk.newId()]
  await owner.query(`insert into identity.compartment values ($1, 'Bench', 'ordinary', $2, now())`, [
    compartmentId,
    SYSTEM,
  ])
  await owner.query(
    `insert into identity.person (id, kind, name, sign_in_name, created_at) values ($1, 'person', 'Fictional officer', $2, now())`,
    [id, randomBytes(6).toString('hex')],
  )
  await owner.query(`insert into identity.person_role values ($1, 'evidence-officer', $2, now())`, [
    id,
    SYSTEM,
  ])
  await owner.query(`insert into identity.membership values ($1, $2, $3, now())`, [compartmentId, id, SYSTEM])
  const officer: Actor = {
    id,
    kind: 'person',
    name: 'Fictional officer',
    sessionId: null,
    roles: ['evidence-officer'],
    onBehalfOf: null,
  }
  const order = {
    name: 'Bench',
    description: '',
    compartmentId,
    defaultClassification: 'internal',
    trustsIntake: true,
  } as const
  const collection = await inTransaction(desk, officer, (tx) => createCollection(tx, order))
  return { ...bench, officer, compartmentId, collectionId: collection.id }
}
