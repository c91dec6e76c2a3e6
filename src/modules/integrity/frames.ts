import { Refusal } from '../../base/refusal.ts'

/**
 * A dump is a row of sections: a header line of JSON, then data in frames of at most 64 KiB, each led by its
 * length (4 bytes, big-endian); a frame of length 0 ends the section. docs/formats/backup.md.
 */
export interface Section {
  readonly header: unknown
  /** The data; must be read to its end before the next section is asked for. */
  readonly data: AsyncIterable<Uint8Array>
}

const FRAME_BYTES = 65_536
const LONGEST_HEADER = 1_048_576

/** The bytes of one section. */
export async function* writeSection(
  header: unknown,
  data: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(header)}\n`)
  for await (const bytes of data) {
    for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
      const piece = bytes.subarray(at, at + FRAME_BYTES)
      yield lengthOf(piece.length)
      yield piece
    }
  }
  yield lengthOf(0)
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes)
  return length
}

/** Reads sections until the bytes end. Refuses: backup_damaged, where they end early or are no dump. */
export async function* readSections(source: AsyncIterable<Uint8Array>): AsyncGenerator<Section> {
  const reader = new Reader(source)
  for (;;) {
    const line = await reader.line()
    if (line === null) return
    let ended = false
    const data = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        const length = (await reader.exactly(4)).readUInt32BE()
        if (length > FRAME_BYTES) throw damaged('a frame is longer than the format allows')
        if (length === 0) break
        yield await reader.exactly(length)
      }
      ended = true
    }
    yield { header: JSON.parse(line) as unknown, data: data() }
    if (!ended) throw damaged('a section was not read to its end')
  }
}

/** Gives exact amounts out of pieces of any size. */
class Reader {
  private held = Buffer.alloc(0)
  private readonly source: AsyncIterator<Uint8Array>

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]()
  }

  private async more(): Promise<boolean> {
    const next = await this.source.next()
    if (next.done) return false
    this.held = this.held.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.held, next.value])
    return true
  }

  async exactly(length: number): Promise<Buffer> {
    while (this.held.length < length) if (!(await this.more())) throw damaged('it ends early')
    const bytes = this.held.subarray(0, length)
    this.held = this.held.subarray(length)
    return bytes
  }

  /** Null at the end of the bytes. */
  async line(): Promise<string | null> {
    let end: number
    while ((end = this.held.indexOf(10)) < 0) {
      if (this.held.length > LONGEST_HEADER) throw damaged('a header is longer than the format allows')
      if (await this.more()) continue
      if (this.held.length === 0) return null
      throw damaged('it ends inside a header')
    }
    return (await this.exactly(end + 1)).subarray(0, end).toString('utf8')
  }
}

export function damaged(why: string): Refusal {
  return new Refusal(
    'backup_damaged',
    `The backup cannot be used: ${why}. Nothing was restored. Take another copy of the backup.`,
  )
}
