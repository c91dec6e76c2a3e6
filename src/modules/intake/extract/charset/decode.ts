import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const iconv = require('iconv-lite') as typeof import('iconv-lite')

/** Decodes a stream of bytes; `end` gives what was held back. Undecodable bytes become U+FFFD. */
export interface Decoder {
  write(bytes: Uint8Array): string
  end(): string
}

/** A decoder for a WHATWG label, or for a name iconv-lite knows (UTF-32, DOS pages). Unknown: windows-1252. */
export function decoderOf(charset: string): Decoder {
  if (isWhatwg(charset)) {
    const decoder = new TextDecoder(charset)
    return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() }
  }
  if (iconv.encodingExists(charset)) {
    const decoder = iconv.getDecoder(charset)
    return { write: (bytes) => decoder.write(Buffer.from(bytes)), end: () => decoder.end() ?? '' }
  }
  return decoderOf('windows-1252')
}

/** The whole text at once; a leading byte order mark is dropped. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  const decoder = decoderOf(charset)
  const text = decoder.write(bytes) + decoder.end()
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** True where some decoder here knows the name. */
export function knownCharset(name: string): boolean {
  return isWhatwg(name) || iconv.encodingExists(name)
}

const known = new Map<string, boolean>()

function isWhatwg(charset: string): boolean {
  const seen = known.get(charset)
  if (seen !== undefined) return seen
  let yes = true
  try {
    new TextDecoder(charset)
  } catch {
    yes = false // RangeError is how the platform says that it does not know a label
  }
  known.set(charset, yes)
  return yes
}
