import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, toBase64, toHex } from '../../src/base/bytes.ts'
import { nativePrimitives as p } from '../../src/platform/primitives-native.ts'
import type { JsonValue } from '../../src/proof/canonical.ts'
import { leafHash } from '../../src/proof/merkle.ts'
import { formatVerifierKey } from '../../src/proof/note.ts'
import { fromUtf8, toUtf8 } from '../../src/proof/utf8.ts'
import * as sample from './sample-log.ts'

/** The project's own vectors, made anew: `own/*.json` must hold exactly these. */
export async function makeVectors(): Promise<Record<string, JsonValue>> {
  return {
    'leaf.json': sample.entries.map((entry) => ({
      salt: toBase64(entry.salt),
      signedEntry: fromUtf8(entry.bytes),
      leaf: toHex(entry.leaf),
      leafHash: toHex(leafHash(p, entry.leaf)),
    })),
    'ed25519.json': signatures(),
    'certificate.json': await certificates(),
  }
}

const { AT, GOOD, ORIGINAL } = sample
const trusted = formatVerifierKey(sample.logKey)

interface Given {
  readonly name: string
  readonly certificate: string
  readonly original?: Uint8Array | null
  readonly key?: string | null
  readonly policy?: string
  readonly verdict: 'INTACT' | 'ERASED' | 'FAIL'
  readonly codes: readonly string[]
}

async function certificates(): Promise<JsonValue[]> {
  const good = fromUtf8(await sample.certificate(GOOD))
  const cosigned = fromUtf8(await sample.certificate(GOOD, { signers: ['log', 'cosigner'] }))
  const erased = fromUtf8(await sample.certificate([AT.key, AT.erased]))
  const make = async (places: readonly number[], options?: sample.SampleOptions): Promise<string> =>
    fromUtf8(await sample.certificate(places, options))
  const witness = `witness peer ${formatVerifierKey(sample.cosignerKey)}`
  const fail = (name: string, certificate: string, code: string, more: Partial<Given> = {}): Given => ({
    name,
    certificate,
    verdict: 'FAIL',
    codes: [code],
    ...more,
  })
  const changed = ORIGINAL.slice()
  changed[10]! ^= 1
  const { why } = sample.entries[AT.received]!.disclosures as { why: { salt: string; value: string } }
  const disclose = (value: string): string =>
    good.replaceAll('"disclosed":{}', (found, at: number) =>
      at > good.indexOf('"index":3') - 40 && at < good.indexOf('"index":3')
        ? `"disclosed":{"why":{"salt":"${why.salt}","value":"${value}"}}`
        : found,
    )
  const given: Given[] = [
    { name: 'unchanged', certificate: good, verdict: 'INTACT', codes: [] },
    { name: 'unchanged, key not given', certificate: good, key: null, verdict: 'INTACT', codes: [] },
    {
      name: 'cosigned as the policy asks',
      certificate: cosigned,
      policy: `log ${trusted}\n${witness}\nquorum peer\n`,
      verdict: 'INTACT',
      codes: [],
    },
    {
      name: 'second entry key, authorised by the first',
      certificate: await make([AT.key, AT.received, AT.secondKey, AT.registeredBySecond]),
      verdict: 'INTACT',
      codes: [],
    },
    { name: 'a field disclosed', certificate: disclose('sample'), verdict: 'INTACT', codes: [] },
    { name: 'erased', certificate: erased, original: null, verdict: 'ERASED', codes: [] },
    { name: 'erased, with a file', certificate: erased, verdict: 'ERASED', codes: [] },
    fail('changed byte of the original', good, 'original_changed', { original: changed }),
    fail('original cut', good, 'original_shorter', { original: ORIGINAL.subarray(0, 5) }),
    fail('original lengthened', good, 'original_longer', {
      original: concatBytes(ORIGINAL, Uint8Array.of(0)),
    }),
    fail('no original', good, 'original_missing', { original: null }),
    fail('another trusted key', good, 'untrusted_log', { key: formatVerifierKey(sample.strangerKey) }),
    fail(
      'checkpoint not signed by the log',
      await make(GOOD, { signers: ['stranger'] }),
      'checkpoint_unsigned',
    ),
    fail('checkpoint of another origin', await make(GOOD, { origin: 'other.example/log' }), 'other_origin'),
    fail('quorum missed', good, 'quorum_missed', { policy: `log ${trusted}\n${witness}\nquorum peer\n` }),
    fail(
      'salt changed',
      good.replace(/"salt":"./, (found) => `${found.slice(0, -1)}${found.endsWith('A') ? 'B' : 'A'}`),
      'not_included',
    ),
    fail('no registration', await make([AT.key, AT.received]), 'entry_missing'),
    fail('no receipt', await make([AT.key, AT.registered]), 'entry_missing'),
    fail('key never authorised', await make([AT.key, AT.received, AT.forged]), 'unauthorised_key'),
    fail('two receipts', await make([...GOOD, AT.again]), 'unexpected_entry'),
    fail('an entry of another kind', await make([...GOOD, 1]), 'unexpected_entry'),
    fail('two items', await make([AT.key, AT.received, AT.secondKey, AT.otherRegistered]), 'other_item'),
    fail('another value disclosed', disclose('other'), 'disclosure_mismatch'),
    fail('white space', `${good}\n`, 'malformed'),
    fail('a name twice', good.replace('"format"', '"format":"","format"'), 'malformed'),
    fail('a number with an exponent', good.replace('"index":3,', '"index":3e0,'), 'malformed'),
    fail('a number too large', good.replace('"index":3,', '"index":9007199254740993,'), 'malformed'),
    fail('an unknown field', good.replace('{"checkpoint"', '{"a":1,"checkpoint"'), 'malformed'),
    fail('cut', good.slice(0, -1), 'malformed'),
    fail('nothing', '', 'malformed'),
    fail('deep', '['.repeat(100), 'malformed'),
  ]
  return given.map((one) => ({
    name: one.name,
    certificate: one.certificate,
    original: one.original === null ? null : toBase64(one.original ?? ORIGINAL),
    key: one.policy === undefined && one.key !== null ? (one.key ?? trusted) : null,
    policy: one.policy ?? null,
    verdict: one.verdict,
    failures: [...one.codes],
  }))
}

/** Signatures on which libraries differ, with the answer of the pinned rule. */
function signatures(): JsonValue[] {
  const { Point } = ed25519
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const torsion = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
  const number = (bytes: Uint8Array): bigint =>
    bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const encode = (value: bigint): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n))
  const seed = new Uint8Array(32).fill(7)
  const key = p.ed25519PublicKey(seed)
  const message = toUtf8('amanat')
  const good = p.ed25519Sign(seed, message)
  const forge = (
    name: string,
    keyPoint: Uint8Array,
    r: Uint8Array,
    s: Uint8Array,
    accept: boolean,
    text = message,
  ): JsonValue => ({
    name,
    publicKey: toHex(keyPoint),
    message: toHex(text),
    signature: toHex(concatBytes(r, s)),
    accept,
  })
  const [r, s] = [good.slice(0, 32), good.slice(32)]
  const mixed = (start: number, wanted: boolean): JsonValue => {
    for (let trial = start; ; trial++) {
      const text = toUtf8(`torsion ${trial}`)
      const publicKey = Point.BASE.multiply(99n).add(torsion).toBytes()
      const nonce = Point.BASE.multiply(77n).toBytes()
      const k = number(sha512(concatBytes(nonce, publicKey, text))) % order
      if ((k % 8n === 0n) !== wanted) continue
      const name = `key with a torsion part, equation without cofactor ${wanted ? 'holds' : 'fails'}`
      return forge(name, publicKey, nonce, encode((77n + k * 99n) % order), wanted, text)
    }
  }
  const identity = encode(1n)
  return [
    forge('good', key, r, s, true),
    forge('another message', key, r, s, false, toUtf8('amanah')),
    forge('S raised by the order', key, r, encode(number(s) + order), false),
    forge('S = order', key, r, encode(order), false),
    forge('key is the identity, R = [S]B', identity, Point.BASE.multiply(5n).toBytes(), encode(5n), false),
    forge('key of order 8, R small, S = 0', torsion.toBytes(), identity, encode(0n), false),
    forge('key of order 2', encode(2n ** 255n - 20n), identity, encode(0n), false),
    forge('key not canonical (y = p + 1)', encode(2n ** 255n - 18n), identity, encode(0n), false),
    forge('key not canonical (x = 0, sign set)', encode(1n | (1n << 255n)), identity, encode(0n), false),
    forge('R not canonical (y = p + 3)', key, encode(2n ** 255n - 16n), s, false),
    mixed(0, true),
    mixed(0, false),
    forge('key is no point', encode(2n), r, s, false),
    forge('signature cut', key, r, s.slice(0, 31), false),
  ]
}
