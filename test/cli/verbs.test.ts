import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { createPlace, writeTexts, type Place } from './process.ts'

interface Receipt {
  readonly batch: string
  readonly counts: Record<'taken' | 'alreadyHeld' | 'failed' | 'quarantined' | 'unread', number>
  readonly unread: readonly { path: string; step: string; reason: string }[]
}

const INTO = ['--collection', 'پرونده یک', '--source', 'Fictional provider', '--create']

/** The verbs that a help text lists under "Commands:". */
function verbsOf(help: string): string[] {
  const listed = help.slice(help.indexOf('Commands:')).split('\n')
  return listed
    .flatMap((line) => /^ {2}([a-z][a-z-]+)/.exec(line)?.[1] ?? [])
    .filter((verb) => verb !== 'help')
}

test('help stands on every verb, and wrong use ends with 2', async (t) => {
  const place = createPlace(t)
  const help = await place.run(['--help'])
  assert.equal(help.code, 0)
  assert.match(help.out, /Exit codes: 0 done.*7 the desk could not be reached/s)
  const verbs = verbsOf(help.out)
  for (const expected of [
    'start',
    'intake',
    'register',
    'search',
    'show',
    'certify',
    'audit',
    'backup',
    'keys',
  ])
    assert.ok(verbs.includes(expected), `${expected} is listed`)
  const inner = verbsOf((await place.run(['keys', '--help'])).out)
  assert.ok(inner.includes('seal'))
  for (const verb of [...verbs.map((one) => [one]), ...inner.map((one) => ['keys', one])]) {
    const ran = await place.run([...verb, '--help'])
    assert.equal(ran.code, 0, verb.join(' '))
    assert.match(ran.out, /^Usage: amanat /, verb.join(' '))
  }
  for (const wrong of [['sarch', 'x'], ['intake', '.'], ['search'], ['intake', '--colection', 'x']]) {
    const ran = await place.run(wrong)
    assert.deepEqual([ran.code, ran.out], [2, ''], wrong.join(' '))
    assert.match(ran.err, /error: /)
  }
  assert.deepEqual(place.processes(), [], 'none of this starts a desk')
})

test('the main job in an untouched folder, as local operator', async (t) => {
  const place = createPlace(t)
  writeFileSync(path.join(place.files, 'a note.txt'), 'The fictional hospital, 15 August.\n')
  writeFileSync(path.join(place.files, 'یادداشت.txt'), 'بیمارستان خیالی در کابل\n')
  writeFileSync(path.join(place.files, 'broken.pdf'), '%PDF-1.7\nnothing that follows is a document')
  const taken = await place.run(['intake', place.files, ...INTO, '--json'])
  const receipt = JSON.parse(taken.out) as Receipt
  assert.equal(taken.code, 4, 'the receipt names what was not read')
  assert.deepEqual([receipt.counts.taken, receipt.counts.failed, receipt.counts.unread], [3, 0, 1])
  assert.match(receipt.unread[0]?.path ?? '', /broken\.pdf$/)
  assert.ok((receipt.unread[0]?.reason ?? '').length > 10, 'in plain words')

  const registered = await place.json<{ registered: { number: string }[] } | unknown>([
    'register',
    '--batch',
    receipt.batch,
  ])
  assert.match(JSON.stringify(registered), /-000003"/)
  await finds(place)
  await looksAndCertifies(place)
  await refuses(place)
  await audits(place)
})

async function finds(place: Place): Promise<void> {
  const found = await place.run(['search', 'hospital AND "15 August"'])
  assert.equal(found.code, 0, found.err)
  assert.match(found.out, /\[hospital\]/)
  const json = await place.json<{ hits: unknown[]; passages: number }>(['search', 'بيمارستان'])
  assert.deepEqual([json.hits.length, json.passages], [1, 1], 'found with the Arabic letter')
  const csv = await place.run(['search', 'hospital', '--csv'])
  assert.equal(csv.code, 0)
  assert.equal(csv.out.trim().split('\n').length, 2)
  const wrong = await place.run(['search', 'hospital AND ('])
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, /\^/, 'the place is shown')
}

async function looksAndCertifies(place: Place): Promise<void> {
  const listed = await place.run(['collections'])
  assert.match(listed.out, /\u2068پرونده یک\u2069/, 'a name of the other direction is isolated')
  assert.doesNotMatch(listed.out, /\u2068\u2068/, 'once')
  const shown = await place.run(['show', '2026-000001'.replace('2026', String(new Date().getUTCFullYear()))])
  assert.equal(shown.code, 0, shown.err)
  assert.match(shown.out, /Chain of custody:\n.*Received and sealed/)
  assert.doesNotMatch(shown.out, /\u2068\u2068/)
  const certificate = path.join(place.files, 'certificate.json')
  const number = `${new Date().getUTCFullYear()}-000001`
  assert.equal((await place.run(['certify', number, '-o', certificate])).code, 0)
  assert.match(readFileSync(certificate, 'utf8'), /"checkpoint"/)
  const copy = path.join(place.files, 'copy')
  assert.equal((await place.run(['download', number, '-o', copy])).code, 0)
  assert.ok(statSync(copy).size > 0)
}

async function refuses(place: Place): Promise<void> {
  const cases: [string[], number, string][] = [
    [['show', '2026-999999'], 3, 'not_found'],
    [['search', '"never closed'], 2, 'query_syntax'],
    [['intake', path.join(place.files, 'no such folder'), '--collection', 'پرونده یک'], 2, 'invalid_input'],
    [['intake', place.files, '--collection', 'never made'], 3, 'not_found'],
    [['people', '--desk', 'http://127.0.0.1:9'], 6, 'not_signed_in'],
    [['people', '--desk', 'http://127.0.0.1:9', '--token', 'x'], 7, 'desk_unreachable'],
    [['people', '--desk', 'not an address'], 2, 'invalid_input'],
  ]
  for (const [args, code, refused] of cases) {
    const ran = await place.run([...args, '--json'])
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.err}`)
    assert.equal((JSON.parse(ran.out) as { refused: string }).refused, refused)
    assert.ok(ran.err.trim().length > 20, 'said in words, too')
  }
}

/** Changes one byte of one sealed file behind the desk's back. */
function damageOneBlob(home: string): void {
  const vault = path.join(home, 'vault')
  const file = readdirSync(vault, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))[0]
  assert.ok(file, 'the vault holds files')
  const bytes = readFileSync(file)
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

async function audits(place: Place): Promise<void> {
  const clean = await place.run(['audit'])
  assert.equal(clean.code, 0, clean.out + clean.err)
  damageOneBlob(place.home)
  const damaged = await place.run(['audit'])
  assert.equal(damaged.code, 5, damaged.out + damaged.err)
}

test('results go to standard output alone, and a reader that leaves ends nothing badly', async (t) => {
  const place = createPlace(t)
  writeTexts(place.files, 30, 'کلمه word')
  const taken = await place.run(['intake', place.files, ...INTO])
  assert.equal(taken.code, 0, taken.err)
  assert.match(taken.out, /^Receipt for files in \u2068پرونده یک\u2069/)
  assert.doesNotMatch(taken.out, /█|░|Batch/, 'no progress among the results')
  assert.match(taken.err, /Batch [0-9a-f-]{36}/)
  const leaving = place.begin(['search', 'word', '--all', '--json'])
  leaving.child.stdout?.destroy() // as `| head` does once it has enough
  const left = await leaving.ended
  assert.deepEqual([left.code, /Error|EPIPE/.test(left.err)], [0, false], left.err)
})
