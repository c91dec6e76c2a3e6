import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { evidenceRoutes } from '../../src/contract/evidence.ts'
import { checkItem } from '../../src/contract/integrity.ts'
import { integrityOf } from '../../src/modules/integrity/start.ts'
import { certificateOf, collectionOf, lay, startWhole, takeIn, temporary, until } from './integrity-world.ts'

test('an item is checked before it is registered, while it waits for the log, and never without bytes', async (t) => {
  const { client, running } = await startWhole(t, temporary(t, 'home'))
  const files = { 'one.csv': 'number,post\n1,fictional gate\n' }
  const [item] = await takeIn(client, 'Fictional', lay(t, files), false)
  const { id } = item!
  const verdict = async (): Promise<string> => (await client.call(checkItem, { params: { id } })).verdict

  await t.test('not registered: checked, not certified', async () => {
    assert.equal(item!.number, null)
    assert.equal(await verdict(), 'INTACT')
    await assert.rejects(certificateOf(client, id), { code: 'conflict', message: /not registered yet/ })
  })

  await t.test('not sealed yet: pending, then intact', async () => {
    const holder = new pg.Client(integrityOf(running.desk).owner)
    await holder.connect()
    try {
      await holder.query('begin')
      await holder.query('lock table ledger.position in share row exclusive mode')
      await client.call(evidenceRoutes.registerItems, { body: { items: [id] } })
      assert.equal(await verdict(), 'PENDING')
    } finally {
      await holder.end()
    }
    await until(async () => (await verdict()) === 'INTACT', 'the registration is sealed')
    await certificateOf(client, id)
  })

  await t.test('a physical thing has no bytes', async () => {
    const thing = await client.call(evidenceRoutes.createPhysicalItem, {
      body: {
        collectionId: await collectionOf(client, 'Fictional', false),
        name: 'A fictional telephone',
        condition: 'screen broken',
      },
    })
    const physical = thing.id
    await assert.rejects(client.call(checkItem, { params: { id: physical } }), {
      code: 'conflict',
      message: /physical thing/,
    })
    await assert.rejects(certificateOf(client, physical), { code: 'conflict', message: /physical thing/ })
  })
})
