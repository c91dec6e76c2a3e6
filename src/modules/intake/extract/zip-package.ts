import { Buffer } from 'node:buffer'
import { constants, createInflateRaw, inflateRawSync } from 'node:zlib'
import type { ByteSource } from './file-bytes.ts'

/** A member of a ZIP package (OOXML, ODF, EPUB …). For ZIP archives as such see `containers/`. */
export interface ZipMember {
  readonly name: string
  readonly method: number
  readonly flags: number
  readonly packedBytes: number
  /** As stated; the truth comes from inflating. */
  readonly sizeBytes: number
  /** Where its local header stands. */
  readonly offset: number
}

const MAX_MEMBERS = 100_000
const WINDOW = 1024 ** 2
const SLICE = 256 * 1024
/** Members stated larger than this are inflated in slices, never whole. */
const WHOLE_BYTES = 8 * 1024 ** 2

/**
 * Reader of ZIP-based document packages, forgiving: a missing or broken central directory is replaced
 * by the local headers found in the bytes (`recovered`). Names that differ only by case or repeat are
 * all listed (`repeated`); `find` gives the first, as the office programs do.
 */
export class ZipPackage {
  readonly members: readonly ZipMember[]
  readonly recovered: boolean
  readonly repeated: readonly string[]
  private readonly source: ByteSource
  private readonly byName = new Map<string, ZipMember>()

  constructor(source: ByteSource) {
    this.source = source
    const listed = centralDirectory(source)
    this.recovered = listed === null
    this.members = listed ?? localHeaders(source)
    const repeated = new Set<string>()
    for (const member of this.members) {
      const key = keyOf(member.name)
      if (this.byName.has(key)) repeated.add(member.name)
      else this.byName.set(key, member)
    }
    this.repeated = [...repeated]
  }

  find(name: string): ZipMember | null {
    return this.byName.get(keyOf(name)) ?? null
  }

  /** A member's bytes, at most `most`; a damaged stream gives what came before the damage. */
  async bytes(member: ZipMember, most: number): Promise<Buffer> {
    if (member.method === 8 && member.sizeBytes <= WHOLE_BYTES) {
      const whole = inflateWhole(this.packed(member), Math.min(most, Math.max(member.sizeBytes, 4_096)))
      if (whole !== null) return whole
    }
    const parts: Buffer[] = []
    for await (const part of this.slices(member, most)) parts.push(part)
    return Buffer.concat(parts)
  }

  /** A member's bytes in slices, at most `most` of them. */
  async *slices(member: ZipMember, most: number): AsyncGenerator<Buffer> {
    const { at, length } = this.place(member)
    if (member.method === 0) {
      for (let done = 0; done < Math.min(length, most); done += SLICE)
        yield this.source.read(at + done, Math.min(SLICE, length - done, most - done))
      return
    }
    if (member.method !== 8)
      throw new Error(`packed by a method this reader does not know (${member.method})`)
    const inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH })
    const failed = { error: null as Error | null }
    inflate.on('error', (error) => (failed.error = error))
    let done = 0
    void feed(inflate, this.source, at, length)
    for await (const part of tolerant(inflate)) {
      yield part.subarray(0, most - done)
      done += part.length
      if (done >= most) break
    }
    inflate.destroy()
    if (failed.error !== null && done === 0) throw failed.error
  }

  private packed(member: ZipMember): Buffer {
    const { at, length } = this.place(member)
    return this.source.read(at, length)
  }

  private place(member: ZipMember): { at: number; length: number } {
    const header = this.source.read(member.offset, 30)
    if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50)
      throw new Error('a member’s header is damaged')
    const at = member.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
    return { at, length: Math.min(member.packedBytes, this.source.sizeBytes - at) }
  }
}

function keyOf(name: string): string {
  return name.replaceAll('\\', '/').replace(/^\//, '').toLowerCase()
}

function inflateWhole(packed: Buffer, most: number): Buffer | null {
  try {
    return inflateRawSync(packed, { maxOutputLength: most })
  } catch {
    return null // larger than stated or damaged: the slices give what there is
  }
}

async function feed(
  inflate: ReturnType<typeof createInflateRaw>,
  source: ByteSource,
  at: number,
  length: number,
): Promise<void> {
  for (let done = 0; done < length && !inflate.destroyed; done += SLICE) {
    if (inflate.write(source.read(at + done, Math.min(SLICE, length - done)))) continue
    await new Promise<void>((resolve) => {
      inflate.once('drain', resolve)
      inflate.once('close', resolve)
    })
  }
  if (!inflate.destroyed) inflate.end()
}

/** What came out before an error; the error itself is the caller's, through its own listener. */
async function* tolerant(inflate: ReturnType<typeof createInflateRaw>): AsyncGenerator<Buffer> {
  try {
    for await (const part of inflate) yield part as Buffer
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
}

function centralDirectory(source: ByteSource): ZipMember[] | null {
  const tailAt = Math.max(0, source.sizeBytes - 65_557)
  const tail = source.read(tailAt, 65_557)
  const end = tail.lastIndexOf('PK\u0005\u0006', undefined, 'latin1')
  if (end < 0 || end + 22 > tail.length) return null
  let [bytes, at] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
  if (at === 0xffffffff || bytes === 0xffffffff) {
    const wide = tail.lastIndexOf('PK\u0006\u0006', end, 'latin1')
    if (wide < 0 || wide + 56 > tail.length) return null
    bytes = Number(tail.readBigUInt64LE(wide + 40))
    at = Number(tail.readBigUInt64LE(wide + 48))
  }
  const shift = tailAt + end - bytes - at // bytes glued before the archive move all offsets
  const exact = source.read(at, 4).toString('latin1') === 'PK\u0001\u0002'
  const listing = source.read(exact ? at : at + shift, Math.min(bytes, 64 * 1024 ** 2))
  const members: ZipMember[] = []
  for (let place = 0; place + 46 <= listing.length && members.length < MAX_MEMBERS;) {
    if (listing.readUInt32LE(place) !== 0x02014b50) return null
    const next =
      place +
      46 +
      listing.readUInt16LE(place + 28) +
      listing.readUInt16LE(place + 30) +
      listing.readUInt16LE(place + 32)
    members.push(centralMember(listing, place, next, exact ? 0 : shift))
    place = next
  }
  return members.length === 0 && bytes > 0 ? null : members
}

function centralMember(listing: Buffer, at: number, end: number, shift: number): ZipMember {
  const nameEnd = at + 46 + listing.readUInt16LE(at + 28)
  const flags = listing.readUInt16LE(at + 8)
  let [packedBytes, sizeBytes, offset] = [
    listing.readUInt32LE(at + 20),
    listing.readUInt32LE(at + 24),
    listing.readUInt32LE(at + 42),
  ]
  for (
    let field = nameEnd;
    field + 4 <= Math.min(end, listing.length);
    field += 4 + listing.readUInt16LE(field + 2)
  ) {
    if (listing.readUInt16LE(field) !== 1) continue
    let wide = field + 4
    const take = () => Number(listing.readBigUInt64LE((wide += 8) - 8))
    if (wide + 8 <= end && sizeBytes === 0xffffffff) sizeBytes = take()
    if (wide + 8 <= end && packedBytes === 0xffffffff) packedBytes = take()
    if (wide + 8 <= end && offset === 0xffffffff) offset = take()
  }
  const name = nameOf(listing.subarray(at + 46, nameEnd), flags)
  return {
    name,
    method: listing.readUInt16LE(at + 10),
    flags,
    packedBytes,
    sizeBytes,
    offset: offset + shift,
  }
}

/** Members found by their local headers, when there is no directory: sizes reach to the next header. */
function localHeaders(source: ByteSource): ZipMember[] {
  const starts: number[] = []
  for (let at = 0; at < source.sizeBytes && starts.length < MAX_MEMBERS; at += WINDOW) {
    const window = source.read(at, WINDOW + 3)
    for (
      let hit = window.indexOf('PK\u0003\u0004', 0, 'latin1');
      hit >= 0;
      hit = window.indexOf('PK\u0003\u0004', hit + 4, 'latin1')
    )
      if (starts.length === 0 || at + hit > (starts[starts.length - 1] ?? 0)) starts.push(at + hit)
  }
  return starts.flatMap((offset, index) => {
    const header = source.read(offset, 30)
    if (header.length < 30) return []
    const flags = header.readUInt16LE(6)
    const nameBytes = header.readUInt16LE(26)
    const name = nameOf(source.read(offset + 30, nameBytes), flags)
    const dataAt = offset + 30 + nameBytes + header.readUInt16LE(28)
    const room = Math.max(0, (starts[index + 1] ?? source.sizeBytes) - dataAt)
    const stated = header.readUInt32LE(18)
    const packedBytes = stated > 0 && stated <= room ? stated : room
    const member = {
      name,
      method: header.readUInt16LE(8),
      flags,
      packedBytes,
      sizeBytes: header.readUInt32LE(22),
      offset,
    }
    return /^\P{Cc}{1,512}$/u.test(name) ? [member] : []
  })
}

function nameOf(bytes: Buffer, flags: number): string {
  if ((flags & 0x800) !== 0) return bytes.toString('utf8')
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? bytes.toString('latin1') : text
}
