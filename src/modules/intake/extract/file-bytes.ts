import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Bytes that can be read at any place: a file or an array. Reads beyond the end give what is there. */
export interface ByteSource {
  readonly sizeBytes: number
  read(at: number, length: number): Buffer
}

/** A file's bytes; the caller closes it. */
export class FileBytes implements ByteSource, Disposable {
  readonly sizeBytes: number
  private readonly handle: number

  constructor(path: string) {
    this.handle = openSync(path, 'r')
    this.sizeBytes = fstatSync(this.handle).size
  }

  read(start: number, length: number): Buffer {
    const at = Math.max(0, start)
    const wanted = Math.max(0, Math.min(length, this.sizeBytes - at))
    const bytes = Buffer.allocUnsafe(wanted)
    let filled = 0
    while (filled < wanted) {
      const got = readSync(this.handle, bytes, filled, wanted - filled, at + filled)
      if (got === 0) break
      filled += got
    }
    return bytes.subarray(0, filled)
  }

  [Symbol.dispose](): void {
    closeSync(this.handle)
  }
}

/** An array's bytes, for parts that were unpacked or decrypted in memory. */
export class HeldBytes implements ByteSource {
  readonly sizeBytes: number
  private readonly bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.sizeBytes = bytes.length
  }

  read(at: number, length: number): Buffer {
    return this.bytes.subarray(Math.max(0, at), Math.max(0, at) + Math.max(0, length))
  }
}
