import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPlace, kill, processOf, writeTexts, type Place } from './process.ts'

const INTO = ['--collection', 'Fictional case', '--source', 'Fictional provider', '--create']

interface Receipt {
  readonly batch: string
  readonly counts: Record<'taken' | 'alreadyHeld' | 'failed' | 'quarantined', number>
}

/** Every text is there, findable, once; and the desk's own audit agrees. */
async function holdsEachOnce(place: Place, count: number): Promise<void> {
  const { collections } = await place.json<{ collections: { counts: { items: number } }[] }>(['collections'])
  assert.equal(collections[0]?.counts.items, count, 'nothing doubled, nothing lost')
  const found = await place.json<{ subjects: number }>(['search', 'kept', '--limit', '1'])
  assert.equal(found.subjects, count)
  const audit = await place.run(['audit', '--json'])
  assert.equal(audit.code, 0, audit.out + audit.err)
}

function supervisors(place: Place): number[] {
  return place
    .processes()
    .filter(({ words }) => / serve /.test(words))
    .map(({ pid }) => pid)
}

test('two commands at once on a stopped desk start one supervisor; it ends after its last client', async (t) => {
  const place = createPlace(t, { AMANAT_IDLE_SECONDS: '2' })
  const both = [place.begin(['collections']), place.begin(['people'])]
  for (const { ended } of both) {
    const ran = await ended
    assert.equal(ran.code, 0, ran.err)
  }
  assert.equal(supervisors(place).length, 1)
  for (let tries = 0; tries < 200 && place.processes().length > 0; tries++) await sleep(100)
  assert.deepEqual(place.processes(), [], 'no client, no process')

  // A command that meets the supervisor as it stops waits for it and starts the next one.
  assert.equal((await place.run(['collections'])).code, 0)
  const stopping = place.begin(['stop'])
  await sleep(300)
  const meeting = await place.run(['collections'])
  assert.equal(meeting.code, 0, meeting.err)
  assert.equal((await stopping.ended).code, 0)
})

test('an intake goes on with the same command after kill -9 of the command and of the supervisor', async (t) => {
  const place = createPlace(t)
  const count = 120
  writeTexts(place.files, count, 'kept')
  const args = ['intake', place.files, ...INTO]

  const first = place.begin(args)
  const batch = await first.says(/Batch ([0-9a-f-]{36})/)
  first.child.kill('SIGKILL')
  await first.ended

  for (const waitMs of [50, 400]) {
    const again = place.begin(args)
    await again.says(/Batch/)
    await sleep(waitMs)
    kill(await processOf(place, 'supervisor'), 'SIGKILL')
    const ran = await again.ended
    if (ran.code === 0) break // it was done before the blow
    assert.equal(ran.code, 7, ran.err)
    assert.match(ran.err, /cannot be reached/)
  }
  const last = await place.run([...args, '--json'])
  assert.equal(last.code, 0, last.err)
  const receipt = JSON.parse(last.out) as Receipt
  assert.equal(receipt.counts.failed + receipt.counts.quarantined, 0)
  assert.equal(receipt.counts.taken + receipt.counts.alreadyHeld, count)
  assert.match(batch, /^[0-9a-f-]{36}$/)
  await holdsEachOnce(place, count)
})

test('a desk whose PostgreSQL or signer is killed goes on by itself', async (t) => {
  const place = createPlace(t)
  writeTexts(place.files, 3, 'kept')
  assert.equal((await place.run(['intake', place.files, ...INTO])).code, 0)
  const supervisor = await processOf(place, 'supervisor')

  kill(await processOf(place, 'postgres'), 'SIGKILL')
  const during = await place.run(['collections', '--json'])
  if (during.code !== 0) {
    assert.equal((JSON.parse(during.out) as { refused: string }).refused, 'database_lost', during.err)
    assert.equal(during.code, 7)
  }
  await untilOk(place, ['collections'])

  kill(await processOf(place, 'signer'), 'SIGKILL')
  const more = path.join(place.files, 'more')
  writeTexts(more, 2, 'kept also')
  const taken = await untilOk(place, ['intake', more, ...INTO])
  assert.match(taken, /taken 2/)
  const log = await untilOk(place, ['log', '--json'])
  assert.match(log, /"treeSize":\d+/)
  assert.equal(await processOf(place, 'supervisor'), supervisor, 'the desk itself never went away')
  await holdsEachOnce(place, 5)
})

/** What a person does who is told to try again in a moment. */
async function untilOk(place: Place, args: readonly string[]): Promise<string> {
  let last = ''
  for (let tries = 0; tries < 15; tries++) {
    const ran = await place.run(args)
    if (ran.code === 0) return ran.out
    last = ran.err
    await sleep(500)
  }
  throw new Error(`amanat ${args.join(' ')} keeps failing: ${last}`)
}
