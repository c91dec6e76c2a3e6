import { Parser } from 'htmlparser2'
import { type Decoder, decoderOf } from '../charset/decode.ts'
import { detectCharset } from '../charset/detect-charset.ts'

export type Attributes = Readonly<Record<string, string>>

/** Called as the parser meets things; names come without their namespace prefix. */
export interface XmlHandlers {
  open?(name: string, attributes: Attributes, depth: number): void
  close?(name: string, depth: number): void
  text?(text: string): void
  /** A document type or entity declaration: read, never acted on. */
  declaration?(text: string): void
  /** An element that was never closed: the document is damaged or not XML. */
  unclosed?(name: string): void
}

const MAX_DEPTH = 2_000

/**
 * A forgiving, streaming XML reader: only the five predefined entities and character references are
 * resolved; declared entities, external ones too, are left as written and never fetched. Unclosed
 * elements close at the end. Throws only for nesting no document needs.
 */
export class XmlReader {
  private readonly parser: Parser
  private decoder: Decoder | null = null
  private depth = 0
  private ending = false

  constructor(handlers: XmlHandlers) {
    this.parser = new Parser(
      {
        onopentag: (name, attributes) => {
          this.depth += 1
          if (this.depth > MAX_DEPTH) throw new Error('XML nested deeper than any document')
          handlers.open?.(localName(name), attributes, this.depth)
        },
        onclosetag: (name, implied) => {
          if (implied && this.ending) handlers.unclosed?.(localName(name))
          handlers.close?.(localName(name), this.depth)
          this.depth -= 1
        },
        ontext: (text) => handlers.text?.(text),
        onprocessinginstruction: (name, data) => {
          if (name.startsWith('!')) handlers.declaration?.(data)
        },
      },
      { xmlMode: true, decodeEntities: true },
    )
  }

  write(bytes: Uint8Array): void {
    if (this.decoder === null) this.decoder = decoderOf(charsetOfXml(bytes))
    this.parser.write(this.decoder.write(bytes))
  }

  end(): void {
    if (this.decoder !== null) this.parser.write(this.decoder.end())
    this.ending = true
    this.parser.end()
  }
}

/** An attribute by its local name, whatever the prefix. */
export function attribute(attributes: Attributes, name: string): string | undefined {
  const direct = attributes[name]
  if (direct !== undefined) return direct
  for (const key in attributes) if (localName(key) === name) return attributes[key]
  return undefined
}

function charsetOfXml(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1_024)).toString('latin1')
  const declared = /<\?xml[^>]*encoding=["']([\w.:-]+)/i.exec(head)?.[1]
  if (declared?.toLowerCase() === 'utf-8') return 'utf-8'
  return detectCharset(bytes, declared)?.charset ?? 'utf-8'
}

function localName(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}
