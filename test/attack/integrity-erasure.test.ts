import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import pg from 'pg'
import { openServer } from '../../src/apps/server/open-database.ts'
import { approveErasure, checkItem, readLogStatus } from '../../src/contract/integrity.ts'
import { evidenceRoutes } from '../../src/contract/evidence.ts'
import { listCompartments } from '../../src/contract/people.ts'
import { carryOut } from '../../src/modules/integrity/carry-out.ts'
import * as erasures from '../../src/modules/integrity/erasures.ts'
import { loadConfig } from '../../src/platform/config.ts'
import type { Actor } from '../../src/platform/actor.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import { zipOf } from '../intake/zip.ts'
import { join } from '../support/people.ts'
import {
  ENVIRONMENT,
  asOwner,
  audited,
  backedUp,
  certificateOf,
  lay,
  restoreInto,
  startWhole,
  takeIn,
  temporary,
  until,
  verdictOf,
  type Running,
  type Taken,
} from './integrity-world.ts'

/** Words that stand nowhere else, each planted in another place. All of it is fictional. */
const WORDS = {
  text: 'zarqashvin',
  persian: 'زرکشوین',
  fileName: 'kulmandafter',
  folderInZip: 'golbargshah',
  zipName: 'bastahnamak',
  subject: 'tavilgardan',
  sender: 'mihrnawishta',
  mailText: 'dastorkhwanak',
  mailFolder: 'namurgesha',
  diskFolder: 'safidsangak',
  asserted: 'gawahiguft',
}

const SECRET = `A fictional statement: ${WORDS.text} spoke of the blue ledger. ${WORDS.persian} نیز آنجا بود.\n`
const KEPT = 'A fictional paper that stays, about the second floor.'

function mailFolder(): string {
  const packed = zipOf({ [`${WORDS.folderInZip}/${WORDS.fileName}.txt`]: SECRET }).toString('base64')
  return [
    'From nobody@example.org Mon Nov 20 10:00:00 2023',
    `From: ${WORDS.sender} <nobody@example.org>`,
    'To: desk@example.org',
    `Subject: ${WORDS.subject}`,
    'Date: Mon, 20 Nov 2023 10:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="cut"',
    '',
    '--cut',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `A fictional letter, ${WORDS.mailText}.`,
    '--cut',
    `Content-Type: application/zip; name="${WORDS.zipName}.zip"`,
    `Content-Disposition: attachment; filename="${WORDS.zipName}.zip"`,
    'Content-Transfer-Encoding: base64',
    '',
    ...(packed.match(/.{1,76}/g) ?? []),
    '--cut--',
    '',
  ].join('\n')
}

interface Scene extends Running {
  readonly home: string
  readonly officers: readonly [Actor, Actor]
  readonly items: readonly Taken[]
  readonly outer: Taken
  readonly inner: Taken
  readonly kept: Taken
}

async function deskWithSecret(t: TestContext): Promise<Scene> {
  const home = temporary(t, 'home')
  const made = await startWhole(t, home)
  const { compartments } = await made.client.call(listCompartments)
  const officer = (name: string): Promise<Actor> =>
    join(made.running.desk, name, ['evidence-officer', 'auditor'], [compartments[0]!.id])
  const officers = [await officer('one'), await officer('two')] as const
  const papers = lay(t, {
    [`${WORDS.diskFolder}/${WORDS.mailFolder}.mbox`]: mailFolder(),
    'kept.txt': KEPT,
  })
  const items = await takeIn(made.client, 'Fictional', papers)
  const named = (part: string): Taken => {
    const found = items.find((item) => item.name.includes(part))
    if (!found) throw new Error(`${part} is not among ${items.map((item) => item.name).join(', ')}`)
    return found
  }
  const [outer, inner, kept] = [named(WORDS.mailFolder), named(WORDS.fileName), named('kept')]
  await made.client.call(evidenceRoutes.describeItem, {
    params: { id: inner.id },
    body: { fields: [{ name: 'Author', value: WORDS.asserted }] },
  })
  return { ...made, home, officers, items, outer, inner, kept }
}

/** Everything that would give the erased file away, with the name to say of it. */
function traces(): [string, Buffer][] {
  const digest = createHash('sha256').update(SECRET).digest()
  const words = Object.entries(WORDS).flatMap(([where, word]): [string, Buffer][] => [
    [`${where} (UTF-8)`, Buffer.from(word)],
    [`${where} (UTF-16LE)`, Buffer.from(word, 'utf16le')],
    [`${where} (UTF-16BE)`, Buffer.from(word, 'utf16le').swap16()],
  ])
  return [
    ...words,
    // As the index writes it: ک and ی folded.
    ['persian, folded', Buffer.from(WORDS.persian.replaceAll('ک', 'ك').replaceAll('ی', 'ي'))],
    ['SHA-256 (hex)', Buffer.from(digest.toString('hex'))],
    ['SHA-256 (base64)', Buffer.from(digest.toString('base64'))],
    ['SHA-256 (raw)', digest],
  ]
}

/** Empty where the file is gone: a working desk renames its drafts while they are being listed. */
function readStanding(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Which traces stand in which files below a folder. */
function findTraces(folder: string): string[] {
  const found: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    const bytes = readStanding(file)
    for (const [what, trace] of traces())
      if (bytes.includes(trace)) found.push(`${what} in ${path.relative(folder, file)}`)
    for (const [where, word] of Object.entries(WORDS))
      if (file.includes(word)) found.push(`${where} names ${path.relative(folder, file)}`)
  }
  return found
}

const propose = ({ running, officers, outer }: Scene, itemIds = [outer.id]) =>
  inTransaction(running.desk, officers[0], (tx) =>
    erasures.proposeErasure(tx, { itemIds, legalBasis: 'order 7 of a fictional court' }),
  )

async function stepOf({ running }: Running, id: string): Promise<string> {
  const [row] = await asOwner<{ step: string }>(running, 'select step from integrity.erasure where id = $1', [
    id,
  ])
  return row!.step
}

test('an erasure by two people leaves nothing of a file in a zip in a mail, not in an old backup either', async (t) => {
  const scene = await deskWithSecret(t)
  const { home, client, running, officers, inner, kept } = scene
  const renewed = temporary(t, 'renewed')
  await backedUp(client, renewed)
  const old = temporary(t, 'old')
  cpSync(renewed, old, { recursive: true })
  const { verifierKey } = await client.call(readLogStatus)
  const before = await certificateOf(client, inner.id)
  assert.equal(await verdictOf(before, verifierKey, SECRET), 'INTACT')
  await asOwner(running, 'checkpoint')
  const planted = findTraces(home)
  for (const where of [
    'text',
    'persian',
    'fileName',
    'folderInZip',
    'subject',
    'diskFolder',
    'asserted',
    'SHA-256 (raw)',
  ])
    assert.ok(
      planted.some((one) => one.startsWith(where)),
      `${where} can be found before`,
    )

  await assert.rejects(propose(scene, [inner.id]), { code: 'conflict', message: /outermost container/ })
  const erasure = await propose(scene)
  assert.equal(erasure.itemIds.length, scene.items.length - 1)
  const approve = (actor: Actor): Promise<unknown> =>
    inTransaction(running.desk, actor, (tx) => erasures.approveErasure(tx, erasure.id))
  await assert.rejects(approve(officers[0]), { code: 'two_people_needed' })
  await assert.rejects(client.call(approveErasure, { params: { id: erasure.id } }), {
    code: 'two_people_needed',
  })
  await approve(officers[1])
  await until(async () => (await stepOf(scene, erasure.id)) === 'done', 'the erasure is done')

  assert.deepEqual(findTraces(home), [])
  assert.deepEqual(findTraces(renewed), [])
  const [listed] = await inTransaction(running.desk, officers[0], (tx) => erasures.listErasures(tx))
  assert.equal(listed!.state, 'done')
  assert.equal(listed!.unconfirmedCopies.length, 1, listed!.unconfirmedCopies.join('; '))
  assert.match(listed!.unconfirmedCopies[0]!, /every copy of the keys/)
  const confirm = (): Promise<{ unconfirmedCopies: string[] }> =>
    inTransaction(running.desk, officers[0], (tx) => erasures.confirmCopies(tx, erasure.id))
  assert.deepEqual((await confirm()).unconfirmedCopies, [])
  await assert.rejects(confirm(), { code: 'conflict', message: /confirmed already/ })

  assert.equal(
    await verdictOf(before, verifierKey, SECRET),
    'INTACT',
    'what was handed out before stays true',
  )
  const report = await client.call(checkItem, { params: { id: inner.id } })
  assert.equal(report.verdict, 'ERASED', JSON.stringify(report.steps))
  assert.equal(await verdictOf(await certificateOf(client, inner.id), verifierKey, null), 'ERASED')
  assert.equal((await client.call(checkItem, { params: { id: kept.id } })).verdict, 'INTACT')
  assert.equal(await verdictOf(await certificateOf(client, kept.id), verifierKey, KEPT), 'INTACT')
  const audit = await audited(client)
  assert.deepEqual([audit.state, audit.problems], ['intact', []])
  await assert.rejects(propose(scene), { code: 'conflict', message: /erased already/ })

  await scene.stop()
  assert.deepEqual(findTraces(home), [])
  await assert.rejects(restoreInto(home, old), { code: 'keys_missing' })
  await restoreInto(home, renewed)
})

test('what is held, or may help a defence, is not erased, and nobody agrees with himself', async (t) => {
  const scene = await deskWithSecret(t)
  const { client, running, officers, outer, inner } = scene
  const hold = (held: boolean): Promise<unknown> =>
    client.call(evidenceRoutes.holdItem, {
      params: { id: inner.id },
      body: { hold: held, reason: 'a fictional order' },
    })
  await hold(true)
  await assert.rejects(propose(scene), { code: 'legal_hold', message: /under legal hold/ })
  await hold(false)
  const erasure = await propose(scene)
  await client.call(evidenceRoutes.flagItem, {
    params: { id: outer.id },
    body: { flags: ['exculpatory'], reason: 'may help a fictional defence' },
  })
  await assert.rejects(
    inTransaction(running.desk, officers[1], (tx) => erasures.approveErasure(tx, erasure.id)),
    { code: 'legal_hold', message: /exculpatory/ },
  )
  assert.equal(await stepOf(scene, erasure.id), 'proposed')
  await assert.rejects(propose(scene), { code: 'legal_hold' })
  const check = await client.call(checkItem, { params: { id: inner.id } })
  assert.equal(check.verdict, 'INTACT')
})

/** Lets a desk of its own process begin an approved erasure, and kills it when rows and keys are gone and files are not. */
async function killInTheMiddle(home: string, person: string, erasure: string): Promise<void> {
  const server = await openServer(home, loadConfig(home, ENVIRONMENT))
  const reader = new pg.Client(server.owner)
  await reader.connect()
  try {
    const program = path.join(import.meta.dirname, 'integrity-child.ts')
    const child = spawn(process.execPath, [program, home, person, erasure], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const ended = once(child, 'exit')
    // A reader of the table holds the rewriting up.
    await reader.query('begin')
    await reader.query('lock table intake.batch_file in access share mode')
    const step = async (): Promise<string | undefined> =>
      (await reader.query<{ step: string }>('select step from integrity.erasure where id = $1', [erasure]))
        .rows[0]?.step
    try {
      await until(async () => (await step()) === 'destroyed', 'rows and keys are destroyed')
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  } finally {
    await reader.end()
  }
}

test('a desk killed in the middle of an erasure ends it at the next start; what a restore had kept goes, too', async (t) => {
  const scene = await deskWithSecret(t)
  const { home, officers } = scene
  const backup = temporary(t, 'backup')
  await backedUp(scene.client, backup)
  await scene.stop()
  const { keptBefore } = await restoreInto(home, backup)
  assert.equal(keptBefore.length, 2)
  const again = await startWhole(t, home)
  const erasure = await inTransaction(again.running.desk, officers[0], (tx) =>
    erasures.proposeErasure(tx, { itemIds: [scene.outer.id], legalBasis: 'order 8 of a fictional court' }),
  )
  await again.stop()
  await killInTheMiddle(home, officers[1].id, erasure.id)
  assert.notDeepEqual(findTraces(home), [], 'not all of it was destroyed when the desk was killed')

  const last = await startWhole(t, home)
  await until(async () => (await stepOf(last, erasure.id)) === 'done', 'the erasure is done')
  assert.deepEqual(findTraces(home), [])
  assert.deepEqual(
    readdirSync(home).filter((name) => name.includes('.before-')),
    [],
  )
  const databases = await asOwner<{ datname: string }>(last.running, 'select datname from pg_database')
  assert.deepEqual(
    databases.map((row) => row.datname).filter((name) => /_before_|_restored_/.test(name)),
    [],
  )
  assert.equal((await last.client.call(checkItem, { params: { id: scene.inner.id } })).verdict, 'ERASED')
  const audit = await audited(last.client)
  assert.deepEqual([audit.state, audit.problems], ['intact', []])
  // Each step may be repeated: a crash just before its mark makes it run again.
  for (const step of ['approved', 'destroyed', 'rewritten', 'rekeyed']) {
    await asOwner(last.running, `update integrity.erasure set state = 'approved', step = $1`, [step])
    await carryOut(last.running.desk, erasure.id)
    assert.equal(await stepOf(last, erasure.id), 'done')
  }
  assert.equal((await audited(last.client)).state, 'intact')
})
