import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { formatVerifierKey } from '../../src/proof/note.ts'
import type { Report } from '../../src/proof/report.ts'
import * as sample from './sample-log.ts'

const root = path.join(import.meta.dirname, '../..')
let folder = ''
const at = (...parts: string[]): string => path.join(folder, ...parts)
const key = formatVerifierKey(sample.logKey)

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'verify-'))
  build(at('built'))
  // Alone in a folder: whatever it needed beside itself would be missing here.
  mkdirSync(at('alone'))
  copyFileSync(at('built', 'amanat-verify.mjs'), at('alone', 'amanat-verify.mjs'))
  writeFileSync(at('good'), await sample.certificate(sample.GOOD))
  writeFileSync(at('erased'), await sample.certificate([sample.AT.key, sample.AT.erased]))
  writeFileSync(at('original'), sample.ORIGINAL)
  writeFileSync(at('other'), sample.OTHER)
  writeFileSync(at('policy'), `log ${key}\nquorum none\n`)
  symlinkSync(at('original'), at('link'))
})
after(() => rmSync(folder, { recursive: true }))

function build(out: string): void {
  const done = spawnSync(process.execPath, [path.join(root, 'scripts/build-verifier.mjs'), out], {
    encoding: 'utf8',
  })
  assert.equal(done.status, 0, done.stderr)
}

function run(
  args: readonly string[],
  node = process.execPath,
  input?: Uint8Array,
): { code: number | null; out: string; err: string } {
  const done = spawnSync(node, [at('alone', 'amanat-verify.mjs'), ...args], {
    encoding: 'utf8',
    cwd: folder,
    input: input as Buffer,
  })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

test('verdicts and exit codes are those of the help', () => {
  assert.equal(run(['good', 'original', '--key', key]).code, 0)
  assert.equal(run(['good', 'original', '--policy', 'policy']).code, 0)
  assert.equal(run(['good', '-', '--key', key], process.execPath, sample.ORIGINAL).code, 0)
  assert.equal(run(['good', 'other', '--key', key]).code, 1)
  assert.equal(run(['original', 'original']).code, 1, 'a file that is no certificate is FAIL')
  assert.equal(run(['erased', '--key', key]).code, 3)
  assert.equal(run(['good', 'original', '--key', formatVerifierKey(sample.strangerKey)]).code, 1)
  for (const wrong of [
    [],
    ['good'],
    ['good', 'nowhere'],
    ['nowhere', 'original'],
    ['good', 'link'],
    ['link', 'original'],
    ['good', '.'],
    ['good', 'original', '--key', 'nonsense'],
    ['good', 'original', '--policy', 'original'],
  ]) {
    const { code, out, err } = run(wrong)
    assert.equal(code, 2, wrong.join(' '))
    assert.equal(out, '')
    assert.notEqual(err, '')
  }
})

test('the verdict stands first, and trust in nothing but the certificate is said beside it', () => {
  assert.match(run(['good', 'original', '--key', key]).out, /^INTACT {2}SAMPLE-2026-000001\n/)
  assert.match(run(['good', 'original']).out, /^INTACT, ON THE CERTIFICATE’S OWN WORD/)
  assert.match(run(['erased', '--key', key]).out, /^ERASED {2}[\s\S]*#9/)
  assert.match(
    run(['good', 'other', '--key', key]).out,
    /^FAIL {2}[\s\S]*✗ The file has 32 bytes; 65 bytes were taken in/,
  )
})

test('--json gives the whole report', () => {
  const report = JSON.parse(run(['good', 'other', '--key', key, '--json']).out) as Report
  assert.equal(report.verdict, 'FAIL')
  assert.deepEqual(
    report.findings.map((finding) => finding.code),
    ['original_shorter'],
  )
  assert.equal(report.trust.source, 'key')
})

test('it runs on Node 20, too', (t) => {
  const candidates = ['/usr/bin/node', '/usr/local/bin/node']
  const older = candidates.find((node) =>
    spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.startsWith('v20.'),
  )
  if (older === undefined) return t.skip('no Node 20 here')
  assert.equal(run(['good', 'original', '--key', key], older).code, 0)
  assert.equal(run(['good', 'other', '--key', key], older).code, 1)
})

test('two builds give the same bytes, without a folder of this machine in them', () => {
  build(at('again'))
  for (const name of ['amanat-verify.mjs', 'amanat-verify.html']) {
    const bytes = readFileSync(at('built', name))
    assert.ok(bytes.equals(readFileSync(at('again', name))), name)
    assert.ok(!bytes.includes(root), `${name} holds ${root}`)
  }
  const program = readFileSync(at('built', 'amanat-verify.mjs'), 'utf8')
  const imports = [...program.matchAll(/^import .*from "([^"]+)"/gm)].map((found) => found[1]!)
  assert.ok(imports.length > 0 && imports.every((name) => name.startsWith('node:')), imports.join())
})
