import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { auditProblem, checkStep, erasure } from '../../src/contract/integrity.ts'
import * as shapes from '../../src/contract/evidence-shapes.ts'
import { REFUSALS } from '../../src/contract/refusals.ts'
import { ROLES } from '../../src/contract/roles.ts'
import { CUSTODY_KINDS } from '../../src/modules/evidence/custody-words.ts'

/** Every code that the server can send has words in both languages; none is shown as it is. */
const SOURCE = path.join(import.meta.dirname, '../../src')
const read = (file: string): string => readFileSync(path.join(SOURCE, file), 'utf8')
const catalogue = (language: string): Record<string, string> =>
  JSON.parse(read(`apps/desk/language/messages/${language}.json`)) as Record<string, string>

function assertSaid(group: string, codes: readonly string[], atLeast: number): void {
  assert.ok(codes.length >= atLeast, `only ${codes.length} codes of ${group} were found`)
  for (const language of ['en', 'prs']) {
    const messages = catalogue(language)
    const unsaid = codes.filter((code) => !messages[`${group}.${code}`])
    assert.deepEqual(unsaid, [], `${group} without words in ${language}`)
  }
}

test('refusals', () => assertSaid('refusal', Object.keys(REFUSALS), 40))

test('kinds of a chain of custody', () => assertSaid('custody', CUSTODY_KINDS, 15))

test('notices of extraction', () => {
  const [, union = ''] =
    /export type NoticeCode =([^]*?)\n\n/.exec(read('modules/intake/extract/port.ts')) ?? []
  assertSaid(
    'noticeCode',
    [...union.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code),
    20,
  )
})

test('problems of an audit, by object and kind', () => {
  assertSaid('problem', auditProblem.shape.kind.options, 5)
  const kinds = auditProblem.shape.kind.options.join('|')
  const sources = read('modules/integrity/audit.ts') + read('modules/integrity/audit-items.ts')
  const objects = 'blob|entry|tile|checkpoint|row|signer'
  const pairs = [
    ...sources.matchAll(new RegExp(`\\['(${kinds})', '(${objects})'\\]`, 'g')),
    ...sources.matchAll(new RegExp(`kind: '(${kinds})',\\s+object: '(${objects})'`, 'g')),
    ...[...sources.matchAll(new RegExp(`\\['(${kinds})', '[^']{12,}'\\]`, 'g'))].map(([, kind]) => [
      '',
      kind,
      'blob',
    ]),
  ].map(([, kind, object]) => `${object}.${kind}`)
  assertSaid('problemSays', [...new Set(pairs)], 8)
})

test('steps of a check, held and failed', () => {
  const steps = checkStep.shape.step.options
  assertSaid('checkStep', steps, 7)
  assertSaid(
    'checkSays',
    steps.flatMap((step) => [`${step}.holds`, `${step}.fails`]),
    14,
  )
})

test('words that the contract lists', () => {
  assertSaid('state', shapes.ITEM_STATES, 5)
  assertSaid('class', shapes.CLASSIFICATIONS, 3)
  assertSaid('flag', shapes.ITEM_FLAGS, 3)
  assertSaid('family', shapes.FAMILIES, 10)
  assertSaid('quarantineReason', shapes.QUARANTINE_REASONS, 4)
  assertSaid('permission', shapes.PERMISSIONS, 4)
  assertSaid('erasureState', erasure.shape.state.options, 4)
  assertSaid('role', ROLES, 10)
})
