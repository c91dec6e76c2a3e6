import assert from 'node:assert/strict'
import { posix, win32 } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { collisionKey, NameRegister, safeName } from './names.ts'

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        'C:',
        '\0',
        'CON',
        'nul.txt',
        ' ',
        '\u202e',
        'é',
        'e\u0301',
        'نامه',
      ),
      fc.string(),
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''))

test('a safe path never leaves its folder on any system, whatever the name', () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const { safePath } = safeName(name)
      assert.ok(safePath !== '')
      assert.ok(
        !posix.isAbsolute(safePath) && !win32.isAbsolute(safePath) && !/^[a-z]:/i.test(safePath),
        safePath,
      )
      assert.ok(!safePath.split(/[\\/]/).includes('..'), safePath)
      assert.ok(!/[\p{Cc}\u202a-\u202e\u2066-\u2069<>:"|?*\\]/u.test(safePath), JSON.stringify(safePath))
      assert.ok(safePath.split('/').every((part) => part !== '' && Buffer.byteLength(part) <= 255))
    }),
    { numRuns: 2000 },
  )
})

test('names are given once, also where only case or composition differs', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), (names) => {
      const register = new NameRegister()
      const keys = names.map((name) => collisionKey(register.claim(name).safePath))
      assert.equal(new Set(keys).size, keys.length)
    }),
  )
})

test('each reason against a name is told, and a plain name has none', () => {
  assert.deepEqual(safeName('نامه/گزارش ۱۴۰۰.pdf'), { safePath: 'نامه/گزارش ۱۴۰۰.pdf' })
  assert.match(safeName('../../etc/passwd').unsafe ?? '', /climbs out/)
  assert.match(safeName('/etc/passwd').unsafe ?? '', /absolute/)
  assert.match(safeName('C:\\x').unsafe ?? '', /drive letter.*backslash/)
  assert.match(safeName('a\0.txt').unsafe ?? '', /control/)
  assert.match(safeName('photo\u202egpj.exe').unsafe ?? '', /reverses/)
  assert.match(safeName('aux.txt').unsafe ?? '', /reserved/)
  const register = new NameRegister()
  assert.equal(register.claim('A.txt').unsafe, undefined)
  assert.match(register.claim('a.txt').unsafe ?? '', /take for the same/)
  assert.match(register.claim('A.txt').unsafe ?? '', /same name/)
  assert.match(register.claim('é').unsafe ?? 'none', /none/)
  assert.match(register.claim('e\u0301').unsafe ?? '', /take for the same/)
})
