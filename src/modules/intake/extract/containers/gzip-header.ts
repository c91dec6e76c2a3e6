export interface GzipHeader {
  readonly name?: string
  readonly comment?: string
  readonly modifiedAt?: string
}

/** The header of a gzip member (RFC 1952): the packed file's name, comment and time, where stated. */
export function readGzipHeader(bytes: Buffer): GzipHeader {
  if (bytes.length < 10 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return {}
  const flags = bytes[3] ?? 0
  const seconds = bytes.readUInt32LE(4)
  let at = 10
  if (flags & 4 && at + 2 <= bytes.length) at += 2 + bytes.readUInt16LE(at)
  const text = (): string | undefined => {
    const end = bytes.indexOf(0, at)
    if (end < 0) return undefined
    const raw = bytes.subarray(at, end)
    at = end + 1
    return decodeHeaderText(raw) || undefined
  }
  const name = flags & 8 ? text() : undefined
  const comment = flags & 16 ? text() : undefined
  return {
    ...(name ? { name } : {}),
    ...(comment ? { comment } : {}),
    ...(seconds > 0 ? { modifiedAt: new Date(seconds * 1000).toISOString() } : {}),
  }
}

/** RFC 1952 says Latin-1; what is valid UTF-8 was written as UTF-8. */
function decodeHeaderText(raw: Buffer): string {
  const utf8 = raw.toString('utf8')
  return utf8.includes('\ufffd') ? raw.toString('latin1') : utf8
}
