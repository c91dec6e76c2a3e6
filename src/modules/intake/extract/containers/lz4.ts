import type { FileReader } from './file-reader.ts'

const MAGIC = 0x184d2204
const HISTORY_BYTES = 65_536

/** Decompresses LZ4 frames block by block. Throws where the data is damaged. Source: lz4_Frame_format.md 1.6.4. */
export function* lz4Chunks(file: FileReader): Generator<Uint8Array> {
  for (let at = 0; at < file.size;) {
    const magic = file.read(at, 4)
    if (magic.length < 4) return
    const word = magic.readUInt32LE(0)
    if (word >= 0x184d2a50 && word <= 0x184d2a5f) {
      const size = file.read(at + 4, 4)
      if (size.length < 4) return
      at += 8 + size.readUInt32LE(0)
      continue
    }
    if (word !== MAGIC) throw new Error('this is not an LZ4 frame')
    at = yield* frame(file, at + 4)
  }
}

function* frame(file: FileReader, start: number): Generator<Uint8Array, number> {
  const flags = file.read(start, 1)[0] ?? 0
  const [linked, blockSums, stated, frameSum] = [!(flags & 32), flags & 16, flags & 8, flags & 4]
  const most = 2 ** (8 + 2 * (((file.read(start + 1, 1)[0] ?? 0) >> 4) & 7))
  let at = start + 2 + (stated ? 8 : 0) + (flags & 1 ? 4 : 0) + 1
  let history: Buffer = Buffer.alloc(0)
  for (;;) {
    const header = file.read(at, 4)
    if (header.length < 4) throw new Error('the last block is missing')
    const word = header.readUInt32LE(0)
    at += 4
    if (word === 0) return at + (frameSum ? 4 : 0)
    const length = word & 0x7fffffff
    if (length > most + 16) throw new Error('a block is larger than its frame allows')
    const packed = file.read(at, length)
    if (packed.length < length) throw new Error('the data ends inside a block')
    const block = word & 0x80000000 ? packed : decodeBlock(packed, history, most)
    yield block
    at += length + (blockSums ? 4 : 0)
    if (linked) history = Buffer.concat([history, block]).subarray(-HISTORY_BYTES)
  }
}

/** One LZ4 block; matches may reach back into `history`. */
function decodeBlock(packed: Buffer, history: Buffer, most: number): Buffer {
  const out = Buffer.alloc(history.length + most)
  history.copy(out)
  let to = history.length
  let at = 0
  const long = (value: number): number => {
    let total = value
    for (let byte = value === 15 ? 255 : 0; byte === 255; total += byte) {
      if (at >= packed.length) throw new Error('the data ends inside a length')
      byte = packed[at++] ?? 0
    }
    return total
  }
  while (at < packed.length) {
    const token = packed[at++] ?? 0
    const literals = long(token >> 4)
    if (at + literals > packed.length || to + literals > out.length)
      throw new Error('a literal run is too long')
    packed.copy(out, to, at, at + literals)
    at += literals
    to += literals
    if (at >= packed.length) break
    const offset = at + 2 <= packed.length ? packed.readUInt16LE(at) : 0
    at += 2
    const length = long(token & 15) + 4
    if (offset === 0 || offset > to || to + length > out.length)
      throw new Error('a match points outside the data')
    for (let copied = 0; copied < length; copied++, to++) out[to] = out[to - offset] ?? 0
  }
  return out.subarray(history.length, to)
}
