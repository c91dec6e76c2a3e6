import { Readable } from 'node:stream'
import { constants, createGunzip } from 'node:zlib'
import type { FileReader } from './file-reader.ts'

export interface WarcRecord {
  /** Position in the uncompressed stream. */
  readonly position: number
  readonly version: string
  readonly headers: ReadonlyMap<string, string>
  readonly type: string
  readonly stated: number | undefined
  /** The block, to be read before the next record is asked for; what is left of it is skipped. */
  readonly block: AsyncGenerator<Uint8Array>
  /** Told after the block: what is wrong with this record. */
  damage(): string | undefined
}

const VERSION_LINE = /^(WARC\/\d\.\d+)\r?\n/
const MOST_HEADER_BYTES = 1024 * 1024
const BETWEEN = Buffer.from('\r\n\r\n', 'latin1')

/** The bytes of a WARC, decompressed where it is gzip: members follow each other and count as one stream. */
export async function* warcBytes(file: FileReader): AsyncGenerator<Uint8Array> {
  const head = file.read(0, 2)
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* file.chunks()
    return
  }
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })
  yield* Readable.from(file.chunks()).pipe(gunzip) as AsyncIterable<Uint8Array>
}

/** The records of a WARC in order (ISO 28500). A wrong length costs one record: reading goes on at the next version line. */
export async function* readWarc(source: AsyncIterable<Uint8Array>): AsyncGenerator<WarcRecord> {
  const cursor = new StreamCursor(source)
  for (;;) {
    const skipped = await cursor.skipTo('WARC/')
    if (skipped < 0) return
    const position = cursor.position
    const head = await cursor.through(BETWEEN, MOST_HEADER_BYTES)
    const text = (head ?? (await cursor.take(5))).toString('utf8')
    const version = VERSION_LINE.exec(text)?.[1]
    if (!head || !version) continue
    const headers = readHeaders(text)
    const length = Number(headers.get('content-length') ?? Number.NaN)
    const stated = Number.isSafeInteger(length) && length >= 0 ? length : undefined
    let problem = stated === undefined ? 'its length is missing' : undefined
    const block = cursor.block(stated ?? 0, (words) => (problem = words))
    const type = headers.get('warc-type') ?? 'unknown'
    yield { position, version, headers, type, stated, block, damage: () => problem }
    while (!(await block.next()).done);
  }
}

function readHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of text
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .slice(1)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers
}

/** Reads a stream forward with a bounded window. */
class StreamCursor {
  readonly #source: AsyncIterator<Uint8Array>
  #window: Buffer = Buffer.alloc(0)
  #done = false
  position = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async #more(): Promise<boolean> {
    if (this.#done) return false
    const next = await this.#source.next()
    if (next.done) {
      this.#done = true
      return false
    }
    this.#window =
      this.#window.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#window, next.value])
    return true
  }

  #drop(bytes: number): Buffer {
    const taken = this.#window.subarray(0, bytes)
    this.#window = this.#window.subarray(bytes)
    this.position += taken.length
    return taken
  }

  async take(bytes: number): Promise<Buffer> {
    while (this.#window.length < bytes && (await this.#more()));
    return this.#drop(bytes)
  }

  /** Moves to the next `word` at the start of a line; bytes skipped, or -1 at the end. */
  async skipTo(word: string): Promise<number> {
    const from = this.position
    for (;;) {
      for (let at = this.#window.indexOf(word); at >= 0; at = this.#window.indexOf(word, at + 1)) {
        if (at > 0 && this.#window[at - 1] !== 10) continue
        this.#drop(at)
        return this.position - from
      }
      this.#drop(Math.max(0, this.#window.length - word.length))
      if (!(await this.#more())) return -1
    }
  }

  /** Everything up to and with `end`; undefined where that takes more than `most`. Accepts bare line feeds. */
  async through(end: Buffer, most: number): Promise<Buffer | undefined> {
    for (let searched = 0; ;) {
      const strict = this.#window.indexOf(end, Math.max(0, searched - 4))
      const loose = this.#window.indexOf('\n\n', Math.max(0, searched - 4))
      if (strict >= 0 && (loose < 0 || strict < loose)) return this.#drop(strict + end.length)
      if (loose >= 0) return this.#drop(loose + 2)
      searched = this.#window.length
      if (searched > most || !(await this.#more())) return undefined
    }
  }

  /** `length` bytes; where fewer are there, or another record begins inside them, the damage is told. */
  async *block(length: number, tell: (words: string) => void): AsyncGenerator<Uint8Array> {
    let left = length
    while (left > 0) {
      if (this.#window.length === 0 && !(await this.#more())) {
        tell(`${length - left} of ${length} bytes are there`)
        return
      }
      const bytes = this.#drop(Math.min(left, this.#window.length))
      left -= bytes.length
      yield bytes
    }
    while (this.#window.length < 4 && (await this.#more()));
    const after = this.#window.subarray(0, 4).toString('latin1')
    if (after !== '' && !/^\r?\n/.test(after))
      tell(`its stated length of ${length} bytes does not end where it ends`)
  }
}
