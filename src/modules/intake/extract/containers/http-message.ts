import { Readable } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'

export interface HttpHead {
  readonly start: string
  readonly headers: ReadonlyMap<string, string>
}

const MOST_HEAD_BYTES = 256 * 1024

/** Splits a captured HTTP message into head and body. Without a head, everything is body. */
export async function splitHttp(
  block: AsyncGenerator<Uint8Array>,
): Promise<{ head: HttpHead | undefined; body: AsyncGenerator<Uint8Array> }> {
  let window: Buffer = Buffer.alloc(0)
  for (;;) {
    const end = /\r?\n\r?\n/.exec(window.toString('latin1'))
    if (end) {
      const head = parseHead(window.toString('latin1', 0, end.index))
      return { head, body: chain(window.subarray(end.index + end[0].length), block) }
    }
    const next =
      window.length > MOST_HEAD_BYTES ? { done: true as const, value: undefined } : await block.next()
    if (next.done) return { head: undefined, body: chain(window, block) }
    window = Buffer.concat([window, next.value])
  }
}

function parseHead(text: string): HttpHead {
  const [start = '', ...lines] = text.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return { start, headers }
}

async function* chain(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first
  yield* rest
}

/** The body as a reader saw it: transfer and content encodings undone. What can't be undone is passed as it is. */
export function decodedBody(head: HttpHead, body: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  const chunked = /\bchunked\b/i.test(head.headers.get('transfer-encoding') ?? '')
  const plain = chunked ? dechunk(body) : body
  const codings = (head.headers.get('content-encoding') ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
  return codings.toReversed().reduce<AsyncIterable<Uint8Array>>((bytes, coding) => undo(coding, bytes), plain)
}

function undo(coding: string, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const flush = { finishFlush: constants.Z_SYNC_FLUSH }
  const brotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH }
  const makers: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
    gzip: () => createGunzip(flush),
    'x-gzip': () => createGunzip(flush),
    deflate: () => createInflate(flush),
    br: () => createBrotliDecompress(brotli),
    zstd: () => createZstdDecompress(),
  }
  const make = makers[coding]
  if (!make) return bytes
  return (async function* (): AsyncGenerator<Uint8Array> {
    const source = Readable.from(bytes)
    const stream = make()
    source.on('error', (fault) => stream.emit('error', fault))
    yield* source.pipe(stream) as unknown as AsyncIterable<Uint8Array>
  })()
}

/** HTTP/1.1 chunks joined. Some crawlers store the header but not the chunks: then the bytes are passed as they are. */
export async function* dechunk(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let window: Buffer = Buffer.alloc(0)
  let left = 0
  let raw = false
  let started = false
  for await (const piece of body) {
    window = window.length === 0 ? Buffer.from(piece) : Buffer.concat([window, piece])
    while (window.length > 0 && !raw) {
      if (left > 0) {
        yield window.subarray(0, left)
        const taken = Math.min(left, window.length)
        left -= taken
        window = window.subarray(taken)
        continue
      }
      const line = /^(?:\r?\n)?([0-9a-fA-F]{1,15})[^\r\n]*\r?\n/.exec(window.toString('latin1', 0, 1024))
      if (!line) {
        raw = !started && window.length > 32
        break
      }
      started = true
      left = Number.parseInt(line[1] ?? '0', 16)
      window = window.subarray(line[0].length)
      if (left === 0) return
    }
    if (raw) {
      yield window
      window = Buffer.alloc(0)
    }
  }
  if (!started && window.length > 0) yield window
}
