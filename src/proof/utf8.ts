import { malformed } from './malformed.ts'

// The encoder is the host's: Node and browsers have the same one, but neither's types are visible here.
interface Codec {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
  readonly TextDecoder: new (
    label: string,
    options: { fatal: boolean; ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string }
}
const host = globalThis as unknown as Codec
const encoder = new host.TextEncoder()
const decoder = new host.TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes. Refuses malformed: a lone surrogate, which UTF-8 cannot carry. */
export function toUtf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw malformed('the text holds a lone surrogate')
  return encoder.encode(text)
}

/** Strict UTF-8; a byte order mark is kept as a character. Refuses malformed. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw malformed('the bytes are not UTF-8', { cause: String(cause) })
  }
}

/**
 * Text in a named encoding (WHATWG labels); null where the bytes are not in it. `utf-16` follows its
 * byte order mark, little-endian without one. A byte order mark is kept as a character.
 */
export function decodeText(bytes: Uint8Array, encoding: string): string | null {
  const isBigEndian = encoding === 'utf-16' && bytes[0] === 0xfe && bytes[1] === 0xff
  try {
    return new host.TextDecoder(isBigEndian ? 'utf-16be' : encoding, { fatal: true, ignoreBOM: true }).decode(
      bytes,
    )
  } catch {
    return null // the decoder's only way to say that the bytes are not in the encoding
  }
}
