import { nativePrimitives as p } from '../../src/platform/primitives-native.ts'
import { buildCertificate, type CertificateInput } from '../../src/proof/certificate.ts'
import { cosign, formatCheckpoint } from '../../src/proof/checkpoint.ts'
import { entryKeyId, signEntry, type EntryDraft, type SignedEntry } from '../../src/proof/entry.ts'
import {
  ITEM_KIND,
  commitToFileKey,
  erasedDetail,
  keyAuthorisedDetail,
  receivedDetail,
  registeredDetail,
} from '../../src/proof/item-entries.ts'
import { foldRange, inclusionProof, leafHash, nodeHash, type ReadHashes } from '../../src/proof/merkle.ts'
import { KEY_TYPE, formatNote, signNote, verifierKey, type VerifierKey } from '../../src/proof/note.ts'
import { toUtf8 } from '../../src/proof/utf8.ts'
import { toHex } from '../../src/base/bytes.ts'

/** A small log of a fictional desk, the same bytes each time: every key and salt is counted, not random. */
export const ORIGINAL = toUtf8('Fictional sample: the quick brown fox.\nنمونهٔ ساختگی\n')
export const OTHER = toUtf8('Fictional sample: another file.\n')
export const REGISTRATION = 'SAMPLE-2026-000001'

const seeds = { log: 1, entry: 2, secondEntry: 3, stranger: 4, cosigner: 5 } as const
const seed = (name: keyof typeof seeds): Uint8Array => new Uint8Array(32).fill(seeds[name])
const sign = (name: keyof typeof seeds) => (message: Uint8Array) => p.ed25519Sign(seed(name), message)

export const logKey = verifierKey(p, {
  name: 'sample.example/log',
  type: KEY_TYPE.ed25519,
  publicKey: p.ed25519PublicKey(seed('log')),
})
export const strangerKey: VerifierKey = verifierKey(p, {
  name: 'sample.example/log',
  type: KEY_TYPE.ed25519,
  publicKey: p.ed25519PublicKey(seed('stranger')),
})
export const cosignerKey = verifierKey(p, {
  name: 'peer.example',
  type: KEY_TYPE.cosignature,
  publicKey: p.ed25519PublicKey(seed('cosigner')),
})

let counted = 0
function random(length: number): Uint8Array {
  counted += 1
  return p.sha256(toUtf8(`sample ${counted}`)).slice(0, length)
}

function uuid(number: number): string {
  return `0198a000-0000-7000-8000-${String(number).padStart(12, '0')}`
}

const ITEM = uuid(900)
const OTHER_ITEM = uuid(901)
let drafted = 0

function entry(
  kind: string,
  item: string | null,
  detail: EntryDraft['detail'],
  by: keyof typeof seeds = 'entry',
): SignedEntry {
  drafted += 1
  const draft: EntryDraft = {
    id: uuid(drafted),
    at: `2026-11-22T09:30:00.${String(drafted).padStart(3, '0')}Z`,
    kind,
    subjects: item === null ? [] : [{ type: 'item', id: item }],
    detail,
    sealed: { actor: { name: 'A fictional officer' }, why: 'sample' },
  }
  return signEntry(p, draft, { keyId: entryKeyId(p, p.ed25519PublicKey(seed(by))), sign: sign(by) }, random)
}

const received = (bytes: Uint8Array, number: number): EntryDraft['detail'] =>
  receivedDetail({
    sha256: toHex(p.sha256(bytes)),
    sizeBytes: bytes.length,
    address: toHex(p.sha256(Uint8Array.of(number))),
    fileKeyCommitment: commitToFileKey(p, new Uint8Array(16).fill(number)),
  })

/** Places in the log. */
export const AT = {
  key: 0,
  received: 3,
  registered: 5,
  secondKey: 6,
  otherReceived: 7,
  otherRegistered: 8,
  erased: 9,
  forged: 10,
  again: 11,
  registeredBySecond: 12,
} as const

export const entries: readonly SignedEntry[] = [
  entry(ITEM_KIND.keyAuthorised, null, keyAuthorisedDetail(p.ed25519PublicKey(seed('entry')))),
  entry('identity.person.created', null, {}),
  entry('evidence.collection.opened', null, {}),
  entry(ITEM_KIND.received, ITEM, received(ORIGINAL, 1)),
  entry('search.query.made', null, {}),
  entry(ITEM_KIND.registered, ITEM, registeredDetail(REGISTRATION)),
  entry(ITEM_KIND.keyAuthorised, null, keyAuthorisedDetail(p.ed25519PublicKey(seed('secondEntry')))),
  entry(ITEM_KIND.received, OTHER_ITEM, received(OTHER, 2), 'secondEntry'),
  entry(ITEM_KIND.registered, OTHER_ITEM, registeredDetail('SAMPLE-2026-000002'), 'secondEntry'),
  entry(ITEM_KIND.erased, OTHER_ITEM, erasedDetail({ registrationNumber: 'SAMPLE-2026-000002' })),
  entry(ITEM_KIND.registered, ITEM, registeredDetail(REGISTRATION), 'stranger'),
  entry(ITEM_KIND.received, ITEM, received(OTHER, 3)),
  entry(ITEM_KIND.registered, ITEM, registeredDetail(REGISTRATION), 'secondEntry'),
]

const hashes = entries.map((one) => leafHash(p, one.leaf))

const read: ReadHashes = async (nodes) =>
  nodes.map(({ level, index }) => {
    let row = hashes.slice(index * 2 ** level, (index + 1) * 2 ** level)
    while (row.length > 1)
      row = row.flatMap((hash, at) => (at % 2 === 0 ? [nodeHash(p, hash, row[at + 1]!)] : []))
    return row[0]!
  })

export interface SampleOptions {
  readonly size?: number
  readonly origin?: string
  readonly signers?: readonly ('log' | 'stranger' | 'cosigner')[]
  readonly statedKey?: VerifierKey
  readonly disclosed?: CertificateInput['entries'][number]['disclosed']
}

export async function checkpointNote(options: SampleOptions = {}): Promise<string> {
  const size = options.size ?? entries.length
  const { rangeNodes } = await import('../../src/proof/merkle.ts')
  const root = foldRange(p, await read(rangeNodes(0, size)))
  const text = formatCheckpoint({ origin: options.origin ?? logKey.name, size, root, extensions: [] })
  const signatures = (options.signers ?? ['log']).map((signer) => {
    if (signer === 'cosigner')
      return cosign(text, { key: cosignerKey, epochSeconds: 1_795_000_000 }, sign('cosigner'))
    return signNote(text, signer === 'log' ? logKey : strangerKey, sign(signer))
  })
  return formatNote({ text, signatures })
}

/** A certificate over the entries at these places. */
export async function certificate(
  places: readonly number[],
  options: SampleOptions = {},
): Promise<Uint8Array> {
  return buildCertificate(await certificateInput(places, options))
}

export async function certificateInput(
  places: readonly number[],
  options: SampleOptions = {},
): Promise<CertificateInput> {
  const size = options.size ?? entries.length
  return {
    logKey: options.statedKey ?? logKey,
    checkpoint: await checkpointNote(options),
    entries: await Promise.all(
      places.map(async (index) => ({
        index,
        salt: entries[index]!.salt,
        signedEntry: entries[index]!.bytes,
        proof: await inclusionProof(p, { index, size }, read),
        ...(options.disclosed === undefined || index === 0 ? {} : { disclosed: options.disclosed }),
      })),
    ),
  }
}

export const GOOD = [AT.key, AT.received, AT.registered]
