/** One header line, encoded where it must be and folded at 76 characters (RFC 2047, RFC 5322). */
export function headerLine(name: string, value: string): string {
  const clean = value.replaceAll(/[\r\n\0]+/g, ' ').trim()
  if (/^[\x20-\x7e]*$/.test(clean) && clean.length + name.length < 900)
    return `${name}: ${fold(clean, name.length + 2)}\r\n`
  const words: string[] = []
  let word = ''
  for (const letter of clean) {
    if (Buffer.byteLength(word + letter) > 42) {
      words.push(word)
      word = ''
    }
    word += letter
  }
  words.push(word)
  return `${name}: ${words.map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ')}\r\n`
}

function fold(text: string, used: number): string {
  let column = used
  return text
    .split(' ')
    .map((word, index) => {
      const folds = index > 0 && column + word.length + 1 > 76
      column = folds ? word.length + 1 : column + word.length + 1
      return index === 0 ? word : folds ? `\r\n ${word}` : ` ${word}`
    })
    .join('')
}

export interface ComposedPart {
  readonly mediaType: string
  readonly name?: string | undefined
  readonly contentId?: string | undefined
  readonly bytes: Iterable<Uint8Array>
}

const LINE = 57
const quote = (name: string): string => name.replaceAll(/["\\\r\n\0]/g, '_')

/**
 * Writes a MIME message: `header` lines (without MIME ones), the bodies as alternatives, then attachments.
 * Deterministic: the same content gives the same bytes. `mark`: makes the boundaries, from what is unique to the message.
 */
export function* composeMail(
  header: string,
  bodies: readonly ComposedPart[],
  attachments: Iterable<ComposedPart>,
  mark: string,
): Generator<Uint8Array> {
  const [outer, inner] = [`=_mixed_${mark}`, `=_alternative_${mark}`]
  yield ascii(`${header}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="${outer}"\r\n\r\n`)
  yield ascii(`--${outer}\r\nContent-Type: multipart/alternative; boundary="${inner}"\r\n\r\n`)
  for (const body of bodies) yield* writePart(body, inner)
  yield ascii(`--${inner}--\r\n`)
  for (const part of attachments) yield* writePart(part, outer)
  yield ascii(`--${outer}--\r\n`)
}

function* writePart(part: ComposedPart, boundary: string): Generator<Uint8Array> {
  let head = `--${boundary}\r\nContent-Type: ${part.mediaType}\r\nContent-Transfer-Encoding: base64\r\n`
  if (part.name !== undefined) head += disposition(part.name)
  if (part.contentId) head += headerLine('Content-ID', `<${quote(part.contentId)}>`)
  yield ascii(`${head}\r\n`)
  let rest: Uint8Array = new Uint8Array(0)
  for (const chunk of part.bytes) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const whole = bytes.length - (bytes.length % LINE)
    if (whole > 0) yield ascii(base64Lines(bytes.subarray(0, whole)))
    rest = bytes.subarray(whole)
  }
  yield ascii(base64Lines(rest))
}

/** RFC 2231 for names beyond ASCII. */
function disposition(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name) && name.length < 60) {
    return `Content-Disposition: attachment;\r\n filename="${quote(name)}"\r\n`
  }
  const coded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*!]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  )
  const pieces = (coded.match(/(?:%[0-9A-Fa-f]{2}|.){1,20}/g) ?? []).map((piece, index) =>
    index === 0 ? `\r\n filename*0*=utf-8''${piece}` : `\r\n filename*${index}*=${piece}`,
  )
  return `Content-Disposition: attachment;${pieces.join(';')}\r\n`
}

function base64Lines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
  return text.replaceAll(/.{1,76}/g, '$&\r\n')
}

const ascii = (text: string): Uint8Array => Buffer.from(text, 'utf8')
