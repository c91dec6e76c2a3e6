import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { checkItem, type CheckReport } from '../../src/contract/integrity.ts'
import { evidenceRoutes } from '../../src/contract/evidence.ts'
import { appendMany } from '../../src/modules/ledger/append.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { inTransaction } from '../../src/platform/tx.ts'
import {
  asOwner,
  audited,
  lay,
  startWhole,
  takeIn,
  temporary,
  until,
  type Running,
} from './integrity-world.ts'

interface Scene extends Running {
  readonly home: string
  readonly id: string
  readonly number: string
  readonly other: string
  /** The item's sealed file. */
  readonly blob: string
}

async function makeScene(t: TestContext): Promise<Scene> {
  const home = temporary(t, 'home')
  const made = await startWhole(t, home)
  const items = await takeIn(
    made.client,
    'Fictional',
    lay(t, {
      'one.txt': 'A fictional statement about a blue ledger.',
      'two.txt': 'A second fictional paper.',
    }),
  )
  const [one, two] = ['one.txt', 'two.txt'].map((name) => items.find((item) => item.name === name)!)
  const [row] = await asOwner<{ address: string }>(
    made.running,
    'select address from evidence.item where id = $1',
    [one!.id],
  )
  const address = row!.address
  const blob = path.join(home, 'vault', address.slice(0, 2), address.slice(2, 4), address)
  // Past the log's first full tile.
  const entries = Array.from({ length: 300 }, (_, at) => ({
    kind: 'evidence.item.described',
    subjects: [{ type: 'note', id: `fictional-${at}` }],
  }))
  await inTransaction(made.running.desk, SYSTEM_ACTOR, (tx) => appendMany(tx, entries))
  await until(async () => existsSync(path.join(home, 'log/tile/0/000')), 'the first tile is full')
  return { ...made, home, id: one!.id, number: one!.number!, other: two!.id, blob }
}

interface Attack {
  readonly what: string
  readonly change: (scene: Scene) => Promise<unknown> | unknown
  /** The step at which a check of the item fails; null: this item's proof is not touched. */
  readonly failsAt: CheckReport['steps'][number]['step'] | null
  /** One problem that the audit must name. */
  readonly named: { kind: string; object: string; name: RegExp | ((scene: Scene) => string); words: RegExp }
}

/** Past every trigger, as the owner of the tables can. */
const sql =
  (text: string) =>
  ({ running, id, other }: Scene): Promise<unknown> =>
    asOwner(
      running,
      `set session_replication_role = replica; ${text.replaceAll('$item', `'${id}'`).replaceAll('$other', `'${other}'`)}`,
    )

const ofItem = ({ number }: Scene): string => number
const row = (words: RegExp): Attack['named'] => ({ kind: 'changed', object: 'row', name: ofItem, words })

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at]! ^= 1
  writeFileSync(file, bytes)
}

/** A full tile: partial ones are written anew while the log grows, and the audit itself makes it grow. */
const fullTile = ({ home }: Scene, level: string): string => path.join(home, 'log/tile', level, '000')

const blobOfItem = `(select address from evidence.item where id = $item)`
const receivedOf = (item: string): string => `(select received_entry from evidence.item where id = ${item})`

const ON_ROWS: readonly Attack[] = [
  {
    what: 'the SHA-256 of the item',
    change: sql(`update evidence.item set sha256 = sha256(sha256) where id = $item`),
    failsAt: 'registration',
    named: row(/SHA-256 in the database/),
  },
  {
    what: 'the size of the item',
    change: sql(`update evidence.item set size_bytes = size_bytes + 1 where id = $item`),
    failsAt: 'registration',
    named: row(/size in the database/),
  },
  {
    what: 'the address of the item, to that of another',
    change: sql(
      `update evidence.item set address = (select address from evidence.item where id = $other) where id = $item`,
    ),
    failsAt: 'registration',
    named: row(/vault address/),
  },
  {
    what: 'the registration number',
    change: sql(`update evidence.item set registration_number = 'E-2099-0999' where id = $item`),
    failsAt: 'registration',
    named: { kind: 'changed', object: 'row', name: /E-2099-0999/, words: /registration number/ },
  },
  {
    what: 'the entry that took it in, to that of another',
    change: sql(`update evidence.item set received_entry = ${receivedOf('$other')} where id = $item`),
    failsAt: null,
    named: row(/about another item/),
  },
  {
    what: 'an erasure that nobody ordered',
    change: sql(
      `update evidence.item set erased_by = ${receivedOf('$other')}, state = 'disposed' where id = $item`,
    ),
    failsAt: 'plaintext',
    named: row(/no entry of the log ordered it/),
  },
  {
    what: 'the item’s row deleted',
    change: sql(
      `delete from evidence.text_part where item_id = $item; delete from evidence.reading where item_id = $item;
       delete from evidence.acquisition where item_id = $item; delete from evidence.item where id = $item`,
    ),
    failsAt: null,
    named: { kind: 'missing', object: 'row', name: ({ id }) => id, words: /no row of it/ },
  },
  {
    what: 'the vault’s key of another item',
    change: sql(
      `update vault.blob set wrapped_key = (select wrapped_key from vault.blob b join evidence.item i on i.address = b.address
         where i.id = $other) where address = ${blobOfItem}`,
    ),
    failsAt: 'plaintext',
    named: row(/file key in the vault/),
  },
  {
    what: 'the vault’s size',
    change: sql(`update vault.blob set size_bytes = size_bytes + 7 where address = ${blobOfItem}`),
    failsAt: 'registration',
    named: row(/size in the vault/),
  },
  {
    what: 'the vault’s row deleted',
    change: sql(`delete from vault.blob where address = ${blobOfItem}`),
    failsAt: 'vault',
    named: { kind: 'missing', object: 'row', name: ofItem, words: /vault’s register has no row/ },
  },
  {
    what: 'the vault’s row said to be erased',
    change: sql(
      `update vault.blob set wrapped_key = null, erased_by = ${receivedOf('$item')} where address = ${blobOfItem}`,
    ),
    failsAt: 'plaintext',
    named: row(/register says that its bytes were erased/),
  },
  {
    what: 'what an entry says',
    change: sql(
      `update ledger.entry set envelope = convert_to(replace(convert_from(envelope, 'UTF8'), 'payload', 'payl0ad'), 'UTF8')
         where id = ${receivedOf('$item')}`,
    ),
    failsAt: 'entries',
    named: { kind: 'changed', object: 'entry', name: /^#\d+ /, words: /column envelope/ },
  },
  {
    what: 'an entry deleted',
    change: sql(
      `delete from ledger.subject where entry_id = ${receivedOf('$item')};
       delete from ledger.position where entry_id = ${receivedOf('$item')};
       delete from ledger.entry where id = ${receivedOf('$item')}`,
    ),
    failsAt: 'registration',
    named: { kind: 'missing', object: 'entry', name: /^#\d+$/, words: /database has no row/ },
  },
  {
    what: 'two entries in each other’s place',
    change: sql(
      `create temporary table swap as select entry_id, index from ledger.position
         where entry_id in (${receivedOf('$item')}, ${receivedOf('$other')});
       delete from ledger.position where entry_id in (select entry_id from swap);
       insert into ledger.position (entry_id, index) select a.entry_id, b.index from swap a join swap b on a.entry_id <> b.entry_id`,
    ),
    failsAt: 'inclusion',
    named: { kind: 'reordered', object: 'entry', name: /^#\d+ /, words: /the log has entry/ },
  },
  {
    what: 'an entry put in',
    change: sql(
      `insert into ledger.entry (id, kind, at, actor_id, leaf, envelope, salt, disclosures)
         select gen_random_uuid(), kind, at, actor_id, substring(leaf for 1) || sha256(leaf), envelope, salt, disclosures from ledger.entry
         where id = ${receivedOf('$item')}`,
    ),
    failsAt: null,
    named: { kind: 'missing', object: 'entry', name: /^[0-9a-f-]{36}$/, words: /no place in the log/ },
  },
]

const ON_FILES: readonly Attack[] = [
  {
    what: 'a bit of the sealed file',
    change: ({ blob }) => flip(blob, 20),
    failsAt: 'vault',
    named: { kind: 'changed', object: 'blob', name: ({ blob }) => path.basename(blob), words: /SHA-256/ },
  },
  {
    what: 'the sealed file cut',
    change: ({ blob }) => writeFileSync(blob, readFileSync(blob).subarray(0, -1)),
    failsAt: 'vault',
    named: { kind: 'changed', object: 'blob', name: ({ blob }) => path.basename(blob), words: /SHA-256/ },
  },
  {
    what: 'the sealed file lengthened',
    change: ({ blob }) => writeFileSync(blob, Buffer.concat([readFileSync(blob), Buffer.from('x')])),
    failsAt: 'vault',
    named: { kind: 'changed', object: 'blob', name: ({ blob }) => path.basename(blob), words: /SHA-256/ },
  },
  {
    what: 'the sealed file removed',
    change: ({ blob }) => rmSync(blob),
    failsAt: 'vault',
    named: {
      kind: 'missing',
      object: 'blob',
      name: ({ blob }) => path.basename(blob),
      words: /not in the vault/,
    },
  },
  {
    what: 'a sealed file put in',
    change: ({ home }) => {
      const file = path.join(home, 'vault/ab/cd', `abcd${'0'.repeat(60)}`)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, 'what nobody registered')
      utimesSync(file, new Date(0), new Date(0))
    },
    failsAt: null,
    named: { kind: 'added', object: 'blob', name: /^abcd0/, words: /nobody registered/ },
  },
  {
    what: 'a bit of a hash tile',
    change: (scene) => flip(fullTile(scene, '0'), 40),
    failsAt: null,
    named: { kind: 'changed', object: 'tile', name: /tile\/0/, words: /byte 40/ },
  },
  {
    what: 'a hash tile removed',
    change: (scene) => rmSync(fullTile(scene, '0')),
    failsAt: 'inclusion',
    named: { kind: 'missing', object: 'tile', name: /tile\/0/, words: /missing/ },
  },
  {
    what: 'a bit of a bundle',
    change: (scene) => flip(fullTile(scene, 'entries'), 40),
    failsAt: null,
    named: { kind: 'changed', object: 'entry', name: /^#1 /, words: /leaf/ },
  },
]

function failed(report: CheckReport): string[] {
  return report.steps.filter((step) => !step.holds).map((step) => step.step)
}

test('an untouched desk is intact; the audit says how much it reread', async (t) => {
  const { client, id } = await makeScene(t)
  const audit = await audited(client)
  assert.deepEqual([audit.state, audit.problems], ['intact', []])
  assert.equal(audit.total.bytes, 42 + 25)
  assert.deepEqual([audit.done.blobs, audit.done.bytes], [audit.total.blobs, audit.total.bytes])
  assert.ok(audit.done.entries >= audit.total.entries && audit.total.entries > 0)
  const report = await client.call(checkItem, { params: { id } })
  assert.deepEqual([report.verdict, failed(report)], ['INTACT', []])
  const { items } = await client.call(evidenceRoutes.listItems, { query: {} })
  assert.equal(items.length, 2)
})

for (const [round, attacks] of [ON_ROWS, ON_FILES].entries())
  test(`whatever is changed ${round === 0 ? 'in the database' : 'on disk'} is named by audit and check`, async (t) => {
    const scene = await makeScene(t)
    for (const attack of attacks) {
      await t.test(attack.what, async () => {
        const undo = await snapshot(scene)
        try {
          await attack.change(scene)
          const audit = await audited(scene.client)
          const { kind, object, name, words } = attack.named
          const isNamed = audit.problems.some(
            (one) =>
              one.kind === kind &&
              one.object === object &&
              words.test(one.words) &&
              (typeof name === 'function' ? one.name === name(scene) : name.test(one.name)),
          )
          assert.ok(isNamed, `named: ${JSON.stringify(audit.problems)}`)
          if (attack.failsAt !== null) {
            const report = await scene.client.call(checkItem, { params: { id: scene.id } })
            assert.equal(report.verdict, 'FAIL')
            assert.ok(failed(report).includes(attack.failsAt), JSON.stringify(report.steps))
          }
        } finally {
          await undo()
        }
      })
    }
    const audit = await audited(scene.client)
    assert.deepEqual([audit.state, audit.problems], ['intact', []], 'with everything put back')
  })

const COPIED = [
  'evidence.item',
  'evidence.text_part',
  'evidence.reading',
  'evidence.acquisition',
  'vault.blob',
]
const LOGGED = ['ledger.entry', 'ledger.subject', 'ledger.position']

/** Remembers the rows and files that attacks change; the answer puts them back, entries made since stay. */
async function snapshot({ running, home }: Scene): Promise<() => Promise<void>> {
  const copy = (table: string): string => `snapshot_${table.replace('.', '_')}`
  const tables = [...COPIED, ...LOGGED]
  await asOwner(
    running,
    tables
      .map((table) => `drop table if exists ${copy(table)}; create table ${copy(table)} as table ${table}`)
      .join(';'),
  )
  const files = ['vault', 'log'].flatMap((folder) =>
    readdirSync(path.join(home, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name)),
  )
  const bytes = new Map(files.map((file) => [file, readFileSync(file)]))
  return async () => {
    const restore = [
      ...COPIED.map((table) => `delete from ${table}; insert into ${table} select * from ${copy(table)}`),
      `delete from ledger.position p using ${copy('ledger.position')} c where p.entry_id = c.entry_id`,
      `insert into ledger.position select * from ${copy('ledger.position')}`,
      `delete from ledger.entry e where not exists (select 1 from ledger.position p where p.entry_id = e.id)
         and not exists (select 1 from ledger.pending w where w.entry_id = e.id)`,
      `delete from ledger.entry e using ${copy('ledger.entry')} c where e.id = c.id`,
      `insert into ledger.entry select * from ${copy('ledger.entry')}`,
      `insert into ledger.subject select * from ${copy('ledger.subject')} on conflict do nothing`,
    ]
    await asOwner(running, `set session_replication_role = replica; begin; ${restore.join(';')}; commit`)
    rmSync(path.join(home, 'vault/ab/cd', `abcd${'0'.repeat(60)}`), { force: true })
    for (const [file, content] of bytes)
      if (/\/vault\/|\/tile\/\w+\/000$/.test(file)) writeFileSync(file, content)
  }
}
