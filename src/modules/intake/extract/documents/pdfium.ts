import { PDFiumLibrary } from '@hyzyla/pdfium'

/** PDFium's C functions as its WASM build exports them: numbers in, numbers out; pointers into its heap. */
export interface PdfiumModule {
  HEAPU8: Uint8Array
  wasmExports: { malloc(bytes: number): number; free(pointer: number): void }
  [name: `_F${string}`]: ((...args: number[]) => number) | undefined
}

/** A handle into PDFium's heap. */
export type Handle = number

/** A thin, typed door to PDFium: memory is taken and given back here and nowhere else. */
export class Pdfium {
  private readonly module: PdfiumModule

  constructor(module: PdfiumModule) {
    this.module = module
  }

  /** Calls a PDFium function by its C name. */
  call(name: `F${string}`, ...args: number[]): number {
    const run = this.module[`_${name}`]
    if (run === undefined) throw new Error(`PDFium has no ${name}`)
    return run(...args)
  }

  /** Holds bytes in PDFium's heap until `release`. */
  hold(bytes: Uint8Array): Handle {
    const pointer = this.module.wasmExports.malloc(Math.max(1, bytes.length))
    if (pointer === 0) throw new Error('PDFium has no memory left')
    this.module.HEAPU8.set(bytes, pointer)
    return pointer
  }

  release(pointer: Handle): void {
    if (pointer !== 0) this.module.wasmExports.free(pointer)
  }

  /** Runs `use` with a zeroed buffer of so many bytes, and gives the bytes back. */
  buffer<T>(bytes: number, use: (pointer: Handle, read: (length?: number) => Buffer) => T): T {
    const pointer = this.hold(new Uint8Array(bytes))
    const read = (length = bytes) =>
      Buffer.from(this.module.HEAPU8.slice(pointer, pointer + Math.min(length, bytes)))
    try {
      return use(pointer, read)
    } finally {
      this.release(pointer)
    }
  }

  /** A NUL-terminated C string argument. */
  withText<T>(text: string | Uint8Array, use: (pointer: Handle) => T): T {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(text)
    const pointer = this.hold(Buffer.concat([bytes, Buffer.alloc(2)]))
    try {
      return use(pointer)
    } finally {
      this.release(pointer)
    }
  }

  /** PDFium's usual answer for text: asked once for its length in bytes, then for UTF-16LE with an end mark. */
  text(ask: (pointer: Handle, bytes: number) => number, most = 4 * 1024 ** 2): string {
    const bytes = ask(0, 0)
    if (bytes <= 2 || bytes > most) return ''
    return this.buffer(bytes, (pointer, read) => {
      ask(pointer, bytes)
      return read()
        .subarray(0, bytes - 2)
        .toString('utf16le')
    })
  }
}

let loading: Promise<Pdfium> | null = null

/** PDFium, loaded once a process. */
export function pdfium(): Promise<Pdfium> {
  loading ??= PDFiumLibrary.init().then(
    (library) => new Pdfium((library as unknown as { module: PdfiumModule }).module),
  )
  return loading
}
