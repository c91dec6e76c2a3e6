import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { Gathering, LimitReached, safePathOf } from './gather.ts'
import { DEFAULT_LIMITS, type Limits } from './port.ts'

function gathering(t: TestContext, limits: Partial<Limits> = {}, sizeBytes = 1_000): Gathering {
  const workFolder = mkdtempSync(join(tmpdir(), 'gather-'))
  t.after(() => rmSync(workFolder, { recursive: true, force: true }))
  const type = { mediaType: 'text/plain', label: 'txt', family: 'text', confidence: 'certain' } as const
  return new Gathering(
    {
      path: '',
      name: '',
      sizeBytes,
      type,
      passwords: [],
      limits: { ...DEFAULT_LIMITS, ...limits },
      workFolder,
    },
    'test 1',
  )
}

test('long text goes on in further parts and joins to what it was, surrogate pairs whole', (t) => {
  const gathered = gathering(t)
  const text = `${'x'.repeat(999_999)}\u{1F600}${'y'.repeat(1_200_000)}`
  gathered.part('body', text, { body: true })
  const { parts } = gathered.finish()
  assert.equal(parts.map((part) => part.text).join(''), text)
  assert.equal(parts.length, 3)
  assert.ok(parts.every((part) => part.text.isWellFormed()))
  assert.deepEqual(parts[1]?.locator, { body: true, piece: 2 })
})

test('text beyond the limit is cut and said', (t) => {
  const gathered = gathering(t)
  for (let at = 0; at < 66; at++) gathered.part(`part ${at}`, 'z'.repeat(1_000_000), { at })
  const result = gathered.finish()
  assert.equal(result.parts.length, 64)
  assert.deepEqual(
    result.notices.map((notice) => notice.code),
    ['truncated'],
  )
  assert.equal(result.outcome, 'partly')
})

test('children beyond the ratio or the count stop with what was there', async (t) => {
  const bomb = gathering(t, { expansionRatio: 100 }, 1_000)
  const ended = await bomb.attempt('unpack', 'Damaged', () => {
    for (;;) bomb.child('x', new Uint8Array(1024 ** 2))
  })
  assert.equal(ended, false)
  const result = bomb.finish()
  assert.equal(result.children.length, 16)
  assert.deepEqual(
    result.notices.map((notice) => notice.code),
    ['bomb'],
  )
  const many = gathering(t, { maxChildren: 3 })
  assert.throws(
    () => {
      for (let at = 0; at < 4; at++) many.child(`${at}`, new Uint8Array(1))
    },
    (error) => error instanceof LimitReached && error.code === 'too-many',
  )
})

test('children land in the work folder under names of our own, whatever their own are', (t) => {
  const gathered = gathering(t)
  const names = [
    '../../etc/passwd',
    'C:\\Windows\\x.exe',
    '/abs',
    'a\u0000b',
    'same',
    'same',
    'e\u0301',
    '\u00e9',
    '..',
    '',
  ]
  for (const name of names) gathered.child(name, Buffer.from(name))
  const { children } = gathered.finish()
  assert.deepEqual(
    children.map((child) => child.path),
    names,
  )
  assert.equal(readdirSync(gathered.input.workFolder).length, names.length)
  for (const child of children) assert.match(child.file, /\/\d{6}(\.[a-z0-9]{1,8})?$/)
})

test('safe paths are safe for any name', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(fc.constantFrom('..', '.', '', 'a', 'C:', '\\', '\u202e')).map((steps) => steps.join('/')),
      ),
      (name) => {
        const safe = safePathOf(name)
        assert.ok(safe.length > 0 && safe.length <= 1_024)
        assert.ok(!safe.startsWith('/') && !safe.includes('\\') && !/^[A-Za-z]:/.test(safe))
        assert.ok(safe.split('/').every((step) => step !== '..' && step !== '.' && step !== ''))
        assert.doesNotMatch(safe, /\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
        assert.equal(safePathOf(safe), safe)
      },
    ),
  )
})

test('a result without anything says so', (t) => {
  const result = gathering(t).finish()
  assert.deepEqual([result.outcome, result.notices[0]?.code], ['read', 'empty'])
})
