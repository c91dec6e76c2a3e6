import type { ObjectDraft, ObjectStore } from '../../platform/objects/port.ts'
import type { Desk } from '../../platform/tx.ts'
import type { SealedBlob, SealOptions } from './blob.ts'
import { FILE_KEY_BYTES, PAYLOAD_NONCE_BYTES } from '../../proof/age.ts'
import { beginRemote, type RemoteSealer } from './seal-thread.ts'
import { Digester, Sealer, type SealedDigests, type SealerOrder } from './sealer.ts'
import { vaultOf } from './start.ts'

/** Up to here a blob is sealed on the spot; handing it to threads would cost more. */
const INLINE_BYTES = 1024 * 1024
/** Portions of a large blob that may be in the threads at once. Bounds memory: portions are of about 1 MiB. */
const IN_FLIGHT = 8
const PORTION_BYTES = 1024 * 1024

/**
 * Seals a stream of bytes under a fresh file key, in one pass; the sealed blob is durable in the store when this
 * returns. Nothing refers to it until `keepBlob`: one that never is kept is swept away.
 *
 * Memory stays flat whatever the size. The bytes that `source` yields are handed over: it must not reuse them.
 * Refuses: disk_full; whatever `source` throws comes through. In both cases nothing is left behind.
 */
export async function sealBlob(
  desk: Desk,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: SealOptions = {},
): Promise<SealedBlob> {
  return sealTo((await vaultOf(desk)).store, desk, source, options)
}

/** As `sealBlob`, into another store than the vault's: a backup's. */
export async function sealTo(
  store: ObjectStore,
  desk: Pick<Desk, 'random'>,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: SealOptions = {},
): Promise<SealedBlob> {
  const fileKey = desk.random(FILE_KEY_BYTES)
  const order: SealerOrder = {
    fileKey,
    nonce: desk.random(PAYLOAD_NONCE_BYTES),
    alsoDigest: options.alsoDigest ?? [],
  }
  const draft = await store.draft()
  try {
    const digests = await sealInto(draft, order, portions(source))
    await draft.commit(digests.address)
    return { ...digests, fileKey }
  } catch (error) {
    await draft.abandon()
    throw error
  }
}

async function sealInto(
  draft: ObjectDraft,
  order: SealerOrder,
  source: AsyncGenerator<Uint8Array>,
): Promise<SealedDigests> {
  const first = await source.next()
  if (first.done === true) return sealInline(draft, order, [])
  const second = first.value.length < INLINE_BYTES ? await source.next() : null
  if (second?.done === true) return sealInline(draft, order, [first.value])
  const remote = beginRemote(order)
  try {
    return await sealRemote(
      draft,
      remote,
      chain([first.value, ...(second === null ? [] : [second.value])], source),
    )
  } catch (error) {
    remote.drop()
    throw error
  }
}

async function sealInline(
  draft: ObjectDraft,
  order: SealerOrder,
  parts: readonly Uint8Array[],
): Promise<SealedDigests> {
  const [digester, sealer] = [new Digester(order), new Sealer(order)]
  for (const part of parts) {
    digester.push(part)
    await draft.write(sealer.push(part))
  }
  const { bytes, address } = sealer.end()
  await draft.write(bytes)
  return { ...digester.end(), address }
}

/** Keeps the threads busy while the store writes: up to IN_FLIGHT portions are under way, written in order. */
async function sealRemote(
  draft: ObjectDraft,
  remote: RemoteSealer,
  source: AsyncIterable<Uint8Array>,
): Promise<SealedDigests> {
  const underWay: Promise<Uint8Array>[] = []
  const write = async (sealed: Uint8Array): Promise<void> => {
    await draft.write(sealed)
    remote.giveBack(sealed)
  }
  for await (const portion of source) {
    const sealed = remote.push(portion)
    sealed.catch(() => undefined) // met below, in order
    underWay.push(sealed)
    if (underWay.length >= IN_FLIGHT) await write(await (underWay.shift() as Promise<Uint8Array>))
  }
  for (const sealed of underWay) await write(await sealed)
  const { bytes, digests } = await remote.end()
  await draft.write(bytes)
  return digests
}

/** The same bytes in portions of about 1 MiB: few messages where the source yields small pieces, little memory. */
async function* portions(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = []
  let length = 0
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; at += PORTION_BYTES) {
      const piece = bytes.length <= PORTION_BYTES ? bytes : bytes.slice(at, at + PORTION_BYTES)
      if (length > 0 && length + piece.length > PORTION_BYTES) {
        yield joined(gathered)
        gathered = []
        length = 0
      }
      gathered.push(piece)
      length += piece.length
    }
  }
  if (length > 0) yield joined(gathered)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

async function* chain(
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first
  yield* rest
}
