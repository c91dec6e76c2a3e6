import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const CHUNK_BYTES = 256 * 1024

/** Positional reads of one working copy. Reads past the end are short, never an error. */
export class FileReader implements Disposable {
  readonly size: number
  readonly #descriptor: number

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r')
    this.size = fstatSync(this.#descriptor).size
  }

  /** At most `length` bytes from `position`; fewer where the file ends. */
  read(position: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.size - position))
    if (position < 0 || wanted === 0) return Buffer.alloc(0)
    const buffer = Buffer.allocUnsafe(wanted)
    let got = 0
    while (got < wanted) {
      const more = readSync(this.#descriptor, buffer, got, wanted - got, position + got)
      if (more === 0) break
      got += more
    }
    return buffer.subarray(0, got)
  }

  /** The bytes from `start` to `end` (exclusive), a chunk at a time. */
  *chunks(start = 0, end = this.size, chunkBytes = CHUNK_BYTES): Generator<Buffer> {
    for (let at = start; at < Math.min(end, this.size);) {
      const chunk = this.read(at, Math.min(chunkBytes, end - at))
      if (chunk.length === 0) return
      at += chunk.length
      yield chunk
    }
  }

  /** Where `pattern` next begins at or after `from`, or -1. Holds one chunk in memory. */
  find(pattern: Uint8Array, from: number, until = this.size): number {
    for (let at = from; at < until; at += CHUNK_BYTES) {
      const window = this.read(at, Math.min(CHUNK_BYTES + pattern.length - 1, until - at))
      const hit = window.indexOf(pattern)
      if (hit >= 0) return at + hit
    }
    return -1
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
  }
}
