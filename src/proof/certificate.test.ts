import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as sample from '../../test/vectors/sample-log.ts'
import { fromHex } from '../base/bytes.ts'
import { nativePrimitives as native } from '../platform/primitives-native.ts'
import { fromCanonical, toCanonical, type JsonObject } from './canonical.ts'
import { formatVerifierKey } from './note.ts'
import { parsePolicy, policyOfKey } from './policy.ts'
import { noblePrimitives as noble } from './primitives-noble.ts'
import type { FindingCode, Report } from './report.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'
import { verifyCertificate } from './verify.ts'

const { AT, GOOD, ORIGINAL } = sample
const trusted = policyOfKey(native, formatVerifierKey(sample.logKey))

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
}

/** Both implementations must give the same report, whatever it is. */
async function verify(
  certificate: Uint8Array,
  original: Uint8Array | null = ORIGINAL,
  policy = trusted as typeof trusted | null,
): Promise<Report> {
  const read = (): AsyncGenerator<Uint8Array> | null => (original === null ? null : pieces(original))
  const report = await verifyCertificate(native, { certificate, original: read(), policy })
  assert.deepEqual(await verifyCertificate(noble, { certificate, original: read(), policy }), report)
  return report
}

function codes(report: Report): FindingCode[] {
  return report.findings.filter((finding) => finding.severity === 'fail').map((finding) => finding.code)
}

test('an unchanged item is INTACT, with every step shown', async () => {
  const report = await verify(await sample.certificate(GOOD))
  assert.equal(report.verdict, 'INTACT')
  assert.deepEqual(report.findings, [])
  assert.deepEqual(
    report.steps.map((step) => `${step.step} ${step.holds}`),
    ['certificate', 'log_key', 'checkpoint', 'inclusion', 'entries', 'item', 'original'].map(
      (step) => `${step} true`,
    ),
  )
  assert.equal(report.item?.registrationNumber, sample.REGISTRATION)
  assert.deepEqual(
    [report.item?.received?.index, report.item?.registered?.index],
    [AT.received, AT.registered],
  )
  assert.equal(report.trust.policyHash, trusted.hash)
})

test('without a trusted key the report says so, and still checks everything', async () => {
  const report = await verify(await sample.certificate(GOOD), ORIGINAL, null)
  assert.equal(report.verdict, 'INTACT')
  assert.equal(report.trust.source, 'certificate')
  assert.deepEqual(
    report.findings.map((finding) => finding.code),
    ['self_asserted_key'],
  )
})

test('every changed byte of the certificate is a FAIL', async () => {
  const good = await sample.certificate(GOOD)
  for (let at = 0; at < good.length; at++)
    for (const flip of [1, 0x20]) {
      const changed = good.slice()
      changed[at]! ^= flip
      const report = await verifyCertificate(native, {
        certificate: changed,
        original: pieces(ORIGINAL),
        policy: trusted,
      })
      assert.equal(report.verdict, 'FAIL', `byte ${at}`)
    }
})

test('a certificate cut anywhere, or with anything added, is a FAIL', async () => {
  const good = await sample.certificate(GOOD)
  for (let end = 0; end < good.length; end++)
    assert.equal(
      (
        await verifyCertificate(native, {
          certificate: good.subarray(0, end),
          original: null,
          policy: trusted,
        })
      ).verdict,
      'FAIL',
    )
  for (const added of ['\n', ' ', '{}', '\0'])
    assert.deepEqual(codes(await verify(toUtf8(fromUtf8(good) + added))), ['malformed'])
})

test('every changed, missing or added byte of the original is a FAIL', async () => {
  const good = await sample.certificate(GOOD)
  for (let at = 0; at < ORIGINAL.length; at++) {
    const changed = ORIGINAL.slice()
    changed[at]! ^= 1
    assert.deepEqual(codes(await verify(good, changed)), ['original_changed'])
  }
  assert.deepEqual(codes(await verify(good, ORIGINAL.subarray(1))), ['original_shorter'])
  assert.deepEqual(codes(await verify(good, new Uint8Array(0))), ['original_shorter'])
  assert.deepEqual(codes(await verify(good, Uint8Array.of(...ORIGINAL, 0))), ['original_longer'])
  assert.deepEqual(codes(await verify(good, null)), ['original_missing'])
})

test('an endless original is not read to its end', async () => {
  let read = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read += 1000
      yield new Uint8Array(1000)
    }
  }
  const report = await verifyCertificate(native, {
    certificate: await sample.certificate(GOOD),
    original: endless(),
    policy: trusted,
  })
  assert.deepEqual(codes(report), ['original_longer'])
  assert.ok(read <= 2000)
})

test('a log that nobody trusts is a FAIL, also when it signs well', async () => {
  const forged = await sample.certificate(GOOD, { signers: ['stranger'], statedKey: sample.strangerKey })
  assert.deepEqual(codes(await verify(forged)), ['untrusted_log'])
  assert.equal((await verify(forged, ORIGINAL, null)).verdict, 'INTACT', 'self-asserted, and said so')
})

test('the checkpoint must be signed by that log, under its own name', async () => {
  assert.deepEqual(codes(await verify(await sample.certificate(GOOD, { signers: ['stranger'] }))), [
    'checkpoint_unsigned',
  ])
  assert.deepEqual(codes(await verify(await sample.certificate(GOOD, { origin: 'other.example/log' }))), [
    'other_origin',
  ])
})

test('pieces of two good certificates do not make a third', async () => {
  const one = fromCanonical(await sample.certificate(GOOD), 1e6) as {
    [name: string]: unknown
    entries: JsonObject[]
  }
  const two = fromCanonical(
    await sample.certificate([AT.key, AT.secondKey, AT.otherReceived, AT.otherRegistered], { size: 9 }),
    1e6,
  ) as typeof one
  const splice = (checkpoint: unknown, entries: JsonObject[]): Uint8Array =>
    toCanonical({ ...one, checkpoint, entries } as unknown as JsonObject)
  assert.deepEqual(
    new Set(codes(await verify(splice(two['checkpoint'], one.entries)))),
    new Set(['not_included']),
  )
  const crossed = [one.entries[0]!, one.entries[1]!, two.entries[1]!, two.entries[3]!]
  assert.ok(codes(await verify(splice(one['checkpoint'], crossed))).includes('other_item'))
  const swapped = [...one.entries]
  swapped[1] = { ...one.entries[1], salt: one.entries[2]!['salt']! } as JsonObject
  assert.deepEqual(codes(await verify(splice(one['checkpoint'], swapped))), ['not_included'])
})

test('entries out of a mixed log do not make a story', async () => {
  const story = async (places: readonly number[]): Promise<FindingCode[]> =>
    codes(await verify(await sample.certificate(places)))
  assert.deepEqual(await story([AT.key, AT.received]), ['entry_missing'])
  assert.deepEqual(await story([AT.key, AT.registered]), ['entry_missing'])
  assert.deepEqual(await story([AT.received, AT.registered]), ['unauthorised_key', 'unauthorised_key'])
  assert.deepEqual(await story([AT.key, AT.received, AT.forged]), ['unauthorised_key'])
  assert.deepEqual(await story([AT.key, AT.received, AT.registeredBySecond]), ['unauthorised_key'])
  assert.deepEqual(await story([AT.key, AT.received, AT.secondKey, AT.registeredBySecond]), [])
  assert.deepEqual(await story([...GOOD, AT.again]), ['unexpected_entry'])
  assert.deepEqual(await story([...GOOD, 1]), ['unexpected_entry'])
  assert.deepEqual(await story([AT.key]), ['malformed'])
})

test('an erased item is ERASED by its entry, with or without the file', async () => {
  const certificate = await sample.certificate([AT.key, AT.erased])
  for (const original of [null, sample.OTHER]) {
    const report = await verify(certificate, original)
    assert.equal(report.verdict, 'ERASED')
    assert.equal(report.item?.erased?.index, AT.erased)
    assert.deepEqual(
      report.findings.map(({ code, index }) => [code, index]),
      [['erased', AT.erased]],
    )
  }
  const before = [AT.key, AT.secondKey, AT.otherReceived, AT.otherRegistered]
  assert.equal(
    (await verify(await sample.certificate(before, { size: 9 }), sample.OTHER)).verdict,
    'INTACT',
    'the older one stays true',
  )
  assert.equal(
    (await verify(await sample.certificate([...before, AT.erased]), sample.OTHER)).verdict,
    'ERASED',
  )
})

test('cosigners count as the policy says', async () => {
  const lines = [
    `log ${formatVerifierKey(sample.logKey)}`,
    `witness peer ${formatVerifierKey(sample.cosignerKey)}`,
  ]
  const policy = (quorum: string): typeof trusted =>
    parsePolicy(native, toUtf8(`# sample\n${lines.join('\n')}\n${quorum}\n`))
  const signed = await sample.certificate(GOOD, { signers: ['log', 'cosigner'] })
  const report = await verify(signed, ORIGINAL, policy('group all all peer\nquorum all'))
  assert.equal(report.verdict, 'INTACT')
  assert.deepEqual(
    report.cosigners.map((cosigner) => cosigner.name),
    ['peer.example'],
  )
  const unsigned = await sample.certificate(GOOD)
  assert.deepEqual(codes(await verify(unsigned, ORIGINAL, policy('quorum peer'))), ['quorum_missed'])
  assert.equal((await verify(unsigned, ORIGINAL, policy('quorum none'))).verdict, 'INTACT')
  assert.deepEqual(
    (await verify(signed)).findings.map((finding) => finding.code),
    ['unchecked_signatures'],
  )
})

test('policies of another form are refused', () => {
  const log = `log ${formatVerifierKey(sample.logKey)}`
  const witness = `witness a ${formatVerifierKey(sample.cosignerKey)}`
  for (const bad of [
    '',
    log,
    'quorum none',
    `${log}\nquorum b`,
    `${log}\nquorum none\nquorum none`,
    `${log}\n${witness}\n${witness}\nquorum a`,
    `${log}\n${witness}\n${witness.replace('a', 'b')}\nquorum a`,
    `${log}\n${witness}\ngroup g 2 a\nquorum g`,
    `${log}\n${witness}\ngroup g 1 a a\nquorum g`,
    `${log}\nwitness a ${formatVerifierKey(sample.logKey)}\nquorum a`,
    `log ${formatVerifierKey(sample.cosignerKey)}\nquorum none`,
    `${log}\nfrobnicate\nquorum none`,
  ])
    assert.throws(() => parsePolicy(native, toUtf8(bad)), { code: 'malformed' }, bad)
})

test('sealed fields are shown only when disclosed, and cannot be disclosed as something else', async () => {
  assert.ok(!fromUtf8(await sample.certificate(GOOD)).includes('fictional officer'))
  const { why } = sample.entries[AT.received]!.disclosures as { why: { salt: string; value: string } }
  const [input] = [await sample.certificateInput(GOOD)]
  const withField = (name: string, value: string): Uint8Array => {
    const shown = JSON.parse(fromUtf8(toCanonical(fromCanonical(good, 1e6)))) as {
      entries: { disclosed: object }[]
    }
    shown.entries[1]!.disclosed = { [name]: { salt: why.salt, value } }
    return toCanonical(shown as unknown as JsonObject)
  }
  const good = await sample.certificate(GOOD)
  assert.ok(input !== undefined)
  assert.equal((await verify(withField('why', 'sample'))).verdict, 'INTACT')
  for (const bad of [withField('why', 'other'), withField('actor', 'sample'), withField('nothing', 'sample')])
    assert.deepEqual(codes(await verify(bad)), ['disclosure_mismatch'])
})

test('whatever bytes come, there is a report and never an exception', async () => {
  const good = await sample.certificate(GOOD)
  const text = fromUtf8(good)
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 400 }),
      async (bytes) => (await verify(bytes)).verdict === 'FAIL',
    ),
    { numRuns: 200 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length),
      fc.nat(300),
      fc.uint8Array({ maxLength: 20 }),
      async (at, cut, put) => {
        const changed = Uint8Array.of(...good.subarray(0, at), ...put, ...good.subarray(at + cut))
        const report = await verify(changed)
        return report.verdict === 'FAIL' || Buffer.from(changed).equals(Buffer.from(good))
      },
    ),
    { numRuns: 300 },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue({ maxDepth: 4 }),
      fc.constantFrom('checkpoint', 'entries', 'logKey', 'format'),
      async (value, name) => {
        const changed = toCanonical({ ...(JSON.parse(text) as JsonObject), [name]: value } as JsonObject)
        return (await verify(changed)).verdict === 'FAIL'
      },
    ),
    { numRuns: 200 },
  )
  const hostile = [
    '['.repeat(1e6),
    `{"a":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`,
    text.replace('"index":3', '"index":3e0'),
    text.replace('"index":3', '"index":9007199254740993'),
    text.replace('"index":3', '"index":-0'),
    text.replace('"format"', '"format":1,"format"'),
    text.replace('"entries":[', '"entries":[null,'),
    text.replace('"disclosed":{}', '"disclosed":{"__proto__":{"salt":"","value":1}}'),
  ]
  for (const bad of hostile)
    assert.deepEqual(codes(await verify(toUtf8(bad))), ['malformed'], bad.slice(0, 60))
  assert.deepEqual(codes(await verify(new Uint8Array(9 * 1024 * 1024).fill(0x20))), ['malformed'])
  assert.equal(fromHex('zz'), null)
})
