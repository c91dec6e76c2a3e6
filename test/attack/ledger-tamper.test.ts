import assert from 'node:assert/strict'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import pg from 'pg'
import { append, appendMany } from '../../src/modules/ledger/append.ts'
import { continueLog } from '../../src/modules/ledger/continue.ts'
import { entriesOf, eraseEntry, readCheckpoint, waitSealed } from '../../src/modules/ledger/read.ts'
import type { LogProblem } from '../../src/modules/ledger/findings.ts'
import { verifyLog } from '../../src/modules/ledger/verify-log.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import {
  appendSome,
  createLedgerDesk,
  openSigner,
  runLedger,
  sealedPlaces,
  type LedgerDesk,
} from './ledger-desk.ts'

/** A stopped desk with 601 sealed entries: two full bundles and a part. */
async function sealedDesk(
  t: TestContext,
  count = 600,
): Promise<LedgerDesk & { logKey: string; ids: string[] }> {
  const made = await createLedgerDesk(t)
  const running = await runLedger(made)
  const ids = await appendSome(made.desk, count)
  await sealedPlaces(made.desk, ids)
  const { logKey } = await running.signer.view()
  await running.stop()
  return { ...made, logKey, ids }
}

async function asOwner(made: LedgerDesk, work: (owner: pg.Client) => Promise<unknown>): Promise<void> {
  const owner = new pg.Client(made.desk.owner)
  await owner.connect()
  try {
    await work(owner)
  } finally {
    await owner.end()
  }
}

async function problemsOf(made: LedgerDesk & { logKey: string }): Promise<readonly LogProblem[]> {
  return (await verifyLog(made.desk, made.logKey)).problems
}

test('an administrator of the database changes a column: the re-derivation names entry and column', async (t) => {
  const made = await sealedDesk(t, 20)
  const target = made.ids[7] ?? ''
  const edits: [string, string, string][] = [
    ['kind', "kind = 'evidence.item.seen'", 'kind'],
    ['at', "at = at - interval '10 years'", 'at'],
    ['actor', "actor_id = '11111111-1111-7111-8111-111111111111'", 'actor_id'],
    ['leaf', 'leaf = set_byte(leaf, 5, get_byte(leaf, 5) # 1)', 'leaf'],
    ['envelope', 'envelope = set_byte(envelope, 60, get_byte(envelope, 60) # 1)', 'envelope'],
    ['salt', 'salt = set_byte(salt, 0, get_byte(salt, 0) # 1)', 'envelope'],
    ['reason', "disclosures = replace(disclosures::text, 'fictional', 'another')::json", 'disclosures'],
    ['erased', 'erased_by = id, envelope = null, salt = null, disclosures = null', 'erased_by'],
  ]
  await asOwner(made, async (owner) => {
    await owner.query('create table public.kept as select * from ledger.entry where id = $1', [target])
    for (const [name, edit, column] of edits) {
      await owner.query(`update ledger.entry set ${edit} where id = $1`, [target])
      const problems = await problemsOf(made)
      assert.ok(
        problems.length > 0 && problems.every((one) => one.entryId === target),
        `${name}: ${JSON.stringify(problems)}`,
      )
      assert.ok(
        problems.some((one) => one.column === column),
        `${name}: ${JSON.stringify(problems)}`,
      )
      await owner.query('delete from ledger.entry where id = $1', [target])
      await owner.query('insert into ledger.entry select * from public.kept')
      assert.deepEqual(await problemsOf(made), [])
    }
    await owner.query("update ledger.subject set id = 'item-of-another' where entry_id = $1", [target])
    assert.deepEqual(
      (await problemsOf(made)).map((one) => [one.entryId, one.column]),
      [[target, 'subjects']],
    )
  })
})

test('a row deleted, added, moved or dropped from the queue is named', async (t) => {
  const made = await sealedDesk(t, 20)
  const [a = '', b = '', c = '', d = ''] = made.ids
  await asOwner(made, async (owner) => {
    await owner.query('delete from ledger.entry where id = $1', [a])
    await owner.query('delete from ledger.position where entry_id = $1', [b])
    const swap =
      'update ledger.position p set entry_id = case when p.entry_id = $1::uuid then $2::uuid else $1::uuid end where p.entry_id in ($1, $2)'
    await owner.query('alter table ledger.position drop constraint position_entry_id_key')
    await owner.query(swap, [c, d])
    await owner.query("insert into ledger.position values (5000, '11111111-1111-7111-8111-111111111111')")
  })
  const named = (await problemsOf(made)).map((one) => `${one.what} ${one.entryId ?? one.index}`)
  assert.deepEqual(
    named.sort(),
    [
      `entry_added ${a}`,
      'entry_added 11111111-1111-7111-8111-111111111111',
      `entry_dropped ${b}`,
      'entry_missing 1',
      'entry_missing 2',
      `entry_reordered ${c}`,
      `entry_reordered ${d}`,
    ].sort(),
  )
})

test('an entry inserted with an old date is a new entry of the log, and one forged into an old place is named', async (t) => {
  const made = await sealedDesk(t, 20)
  made.desk.advance(-10 * 365 * 86_400_000)
  const running = await runLedger(made)
  t.after(() => running.stop())
  const [late = ''] = await appendSome(made.desk, 1)
  assert.equal(
    await waitSealed(made.desk, late),
    21,
    'the place says when it was sealed, whatever the clock says',
  )
  made.desk.advance(20 * 365 * 86_400_000)
  const [early = ''] = await appendSome(made.desk, 1)
  assert.equal(await waitSealed(made.desk, early), 22)
  assert.deepEqual(await problemsOf(made), [])
  await running.stop()
  await asOwner(made, (owner) =>
    owner.query('update ledger.position p set entry_id = $1 where index = 3', [late]).catch(async () => {
      await owner.query('delete from ledger.position where entry_id = $1', [late])
      await owner.query('update ledger.position set entry_id = $1 where index = 3', [late])
    }),
  )
  const problems = await problemsOf(made)
  assert.ok(
    problems.some(
      (one) => one.what === 'entry_reordered' || (one.what === 'entry_changed' && one.index === 3),
    ),
    JSON.stringify(problems),
  )
})

test('a flipped bit in any file of the log is found, located, and never signed over', async (t) => {
  const made = await sealedDesk(t)
  const root = path.join(made.desk.home, 'log')
  const files = listFiles(root)
  assert.ok(files.length >= 7, files.join())
  for (const file of files) {
    const whole = readFileSync(file)
    const places = file.endsWith('checkpoint')
      ? Array.from({ length: Math.ceil(whole.length / 10) }, (_, at) => at * 10)
      : [0, 1, 40, whole.length >> 1, whole.length - 1]
    for (const at of places) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      writeFileSync(file, changed)
      const problems = await filesOnly(made)
      assert.ok(problems.length > 0, `${file} byte ${at}`)
      const name = path.relative(root, file)
      assert.ok(
        problems.some((one) => one.file === name || one.index !== undefined),
        `${name} byte ${at}: ${JSON.stringify(problems)}`,
      )
    }
    writeFileSync(file, whole)
  }
  assert.deepEqual(await problemsOf(made), [])
  // The newest tiles are read at every start: a damaged one stops the log before anything is signed.
  const edge = files.find((file) => file.includes('/entries/') && file.includes('.p/')) ?? ''
  const before = readFileSync(edge)
  const changed = Buffer.from(before)
  changed[10] = (changed[10] ?? 0) ^ 1
  writeFileSync(edge, changed)
  const checkpoint = await readCheckpoint(made.desk)
  await assert.rejects(runLedger(made), { code: 'log_damaged' })
  const [id = ''] = await appendSome(made.desk, 1)
  assert.equal((await readCheckpoint(made.desk)).note, checkpoint.note)
  writeFileSync(edge, before)
  const again = await runLedger(made)
  t.after(() => again.stop())
  assert.equal(await waitSealed(made.desk, id), 601)
})

/** What a check of the files alone finds; the rows are the same in every round. */
async function filesOnly(made: LedgerDesk & { logKey: string }): Promise<readonly LogProblem[]> {
  return (await problemsOf(made)).filter((one) => one.entryId === undefined || one.what !== 'entry_dropped')
}

test('a log file cut short or removed is named; a missing newest tile stops the start', async (t) => {
  const made = await sealedDesk(t)
  const root = path.join(made.desk.home, 'log')
  for (const file of listFiles(root)) {
    const whole = readFileSync(file)
    for (const length of [0, 35, whole.length - 1].filter((one) => one < whole.length)) {
      truncateSync(file, length)
      assert.notDeepEqual(await problemsOf(made), [], `${file} cut to ${length}`)
      writeFileSync(file, whole)
    }
    rmSync(file)
    const named = await problemsOf(made)
    assert.ok(
      named.some((one) => one.file === path.relative(root, file)),
      `${file}: ${JSON.stringify(named)}`,
    )
    writeFileSync(file, whole)
  }
  rmSync(path.join(root, 'tile/0/002.p'), { recursive: true })
  await assert.rejects(runLedger(made), { code: 'log_damaged' })
})

test("yesterday's files and database in today's place: the start is refused, and can be continued openly by two people", async (t) => {
  const made = await sealedDesk(t, 30)
  const { desk } = made
  const yesterday = mkdtempSync(path.join(tmpdir(), 'amanat-yesterday-'))
  t.after(() => rmSync(yesterday, { recursive: true, force: true }))
  cpSync(path.join(desk.home, 'log'), yesterday, { recursive: true })
  await asOwner(made, async (owner) => {
    for (const table of ['entry', 'subject', 'position', 'head', 'pending'])
      await owner.query(`create table public.old_${table} as select * from ledger.${table}`)
  })
  const today = await runLedger(made)
  await sealedPlaces(desk, await appendSome(desk, 10))
  await today.stop()
  const lastKnown = (await readCheckpoint(desk)).note

  // Only the files, only the database, then both.
  const newer = mkdtempSync(path.join(tmpdir(), 'amanat-today-'))
  t.after(() => rmSync(newer, { recursive: true, force: true }))
  cpSync(path.join(desk.home, 'log'), newer, { recursive: true })
  putBack(yesterday, desk.home)
  await assert.rejects(runLedger(made), { code: 'log_rolled_back' })
  putBack(newer, desk.home)
  await asOwner(made, async (owner) => {
    for (const table of ['entry', 'subject', 'position', 'head', 'pending']) {
      await owner.query(`delete from ledger.${table}`)
      await owner.query(`insert into ledger.${table} select * from public.old_${table}`)
    }
  })
  await assert.rejects(runLedger(made), { code: 'log_rolled_back' })
  putBack(yesterday, desk.home)
  await assert.rejects(runLedger(made), { code: 'log_rolled_back' })

  const signer = await openSigner(desk)
  const old = await signer.view()
  const order = { lastKnownCheckpoint: lastKnown }
  await assert.rejects(continueLog(desk, signer, { ...order, approvals: ['one', 'one'] }), {
    code: 'two_people_needed',
  })
  const view = await continueLog(desk, signer, { ...order, approvals: ['one', 'two'] })
  assert.equal(view.origin, `${old.origin}/2`)
  await assert.rejects(signer.sign({ size: old.size, root: old.root, proof: [] }), { code: 'log_refused' })
  await signer.stop()
  const running = await runLedger(made)
  t.after(() => running.stop())
  const [id = ''] = await appendSome(desk, 1)
  assert.equal(await waitSealed(desk, id), 31)
  assert.deepEqual((await verifyLog(desk, view.logKey)).problems, [])
})

function putBack(from: string, home: string): void {
  rmSync(path.join(home, 'log'), { recursive: true })
  cpSync(from, path.join(home, 'log'), { recursive: true })
}

test('a database restored beside older files: refused; continued openly, what it holds beyond them is sealed anew', async (t) => {
  const made = await sealedDesk(t, 10)
  const { desk } = made
  const old = mkdtempSync(path.join(tmpdir(), 'amanat-older-'))
  t.after(() => rmSync(old, { recursive: true, force: true }))
  cpSync(path.join(desk.home, 'log'), old, { recursive: true })
  const running = await runLedger(made)
  const ids = await appendSome(desk, 5)
  await sealedPlaces(desk, ids)
  await running.stop()
  const { note } = await readCheckpoint(desk)
  putBack(old, desk.home)
  await assert.rejects(runLedger(made), { code: 'log_rolled_back' })
  const signer = await openSigner(desk)
  const view = await continueLog(desk, signer, { lastKnownCheckpoint: note, approvals: ['one', 'two'] })
  await signer.stop()
  const again = await runLedger(made)
  t.after(() => again.stop())
  const [late = ''] = await appendSome(desk, 1)
  assert.deepEqual(
    (await sealedPlaces(desk, [...ids, late])).sort((a, b) => a - b),
    [11, 12, 13, 14, 15, 16],
  )
  assert.deepEqual((await verifyLog(desk, view.logKey)).problems, [])
})

test("the signer's folder put back or emptied: nothing is signed", async (t) => {
  const made = await sealedDesk(t, 5)
  const { desk } = made
  const folder = path.join(desk.home, 'signer')
  const old = mkdtempSync(path.join(tmpdir(), 'amanat-signer-'))
  t.after(() => rmSync(old, { recursive: true, force: true }))
  cpSync(folder, old, { recursive: true })
  const running = await runLedger(made)
  await sealedPlaces(desk, await appendSome(desk, 5))
  await running.stop()
  cpSync(old, folder, { recursive: true })
  await assert.rejects(runLedger(made), { code: 'log_rolled_back' })
  rmSync(path.join(folder, 'state.json'))
  await assert.rejects(runLedger(made), { code: 'log_refused' })
  rmSync(folder, { recursive: true })
  await assert.rejects(runLedger(made), { code: 'log_rolled_back' })

  const signer = await openSigner(desk)
  const { note } = await readCheckpoint(desk)
  const view = await continueLog(desk, signer, { lastKnownCheckpoint: note, approvals: ['one', 'two'] })
  await signer.stop()
  const again = await runLedger(made)
  t.after(() => again.stop())
  const [id = ''] = await appendSome(desk, 1)
  assert.equal(await waitSealed(desk, id), 11)
  assert.deepEqual((await verifyLog(desk, view.logKey)).problems, [])
})

test('an erased entry is not found, not a problem, and keeps its place; without an order it cannot be erased', async (t) => {
  const made = await sealedDesk(t, 5)
  const { desk } = made
  const running = await runLedger(made)
  t.after(() => running.stop())
  const [target = '', other = ''] = made.ids
  await inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const order = await append(tx, {
      kind: 'integrity.item.erased',
      subjects: [{ type: 'entry', id: target }],
    })
    assert.equal(await eraseEntry(tx, target, order), true)
  })
  await assert.rejects(
    inTransaction(desk, SYSTEM_ACTOR, (tx) => eraseEntry(tx, other, target)),
    /does not order/,
  )
  const [late = ''] = await appendSome(desk, 1)
  await waitSealed(desk, late)
  const report = await verifyLog(desk, made.logKey)
  assert.deepEqual([report.problems, report.entriesErased], [[], 1])
  const found = await inTransaction(desk, SYSTEM_ACTOR, (tx) => entriesOf(tx, { type: 'item', id: 'item-0' }))
  assert.ok(found.every((row) => row.id !== target))
})

test('nothing that is planted in entries can be found in the files of the log', async (t) => {
  const made = await createLedgerDesk(t)
  const running = await runLedger(made)
  t.after(() => running.stop())
  const planted = 'f00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeed'
  const ids = await inTransaction(made.desk, SYSTEM_ACTOR, (tx) =>
    appendMany(tx, [
      {
        kind: 'evidence.item.received',
        subjects: [{ type: 'item', id: planted }],
        why: 'planted reason',
        detail: { sha256: planted },
      },
    ]),
  )
  await sealedPlaces(made.desk, ids)
  for (const file of listFiles(path.join(made.desk.home, 'log'))) {
    const bytes = readFileSync(file)
    for (const needle of [planted, 'planted', ids[0] ?? '', Buffer.from(planted, 'hex')])
      assert.equal(bytes.includes(needle), false, file)
  }
})

test('the application can neither change nor delete what is on the log', async (t) => {
  const made = await sealedDesk(t, 1)
  const { sql } = await import('kysely')
  for (const table of ['entry', 'subject', 'position', 'pending', 'head', 'entry_key'])
    for (const statement of [
      `delete from ledger.${table}`,
      `update ledger.${table} set ${table === 'head' ? 'size = 1' : table === 'entry_key' ? "key_id = ''" : table === 'entry' ? "kind = ''" : 'entry_id = null'}`,
    ])
      await assert.rejects(sql.raw(statement).execute(made.desk.db), /permission denied/, statement)
})

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((file) => statSync(file).isFile() && !file.includes('/staged/'))
    .sort()
}
