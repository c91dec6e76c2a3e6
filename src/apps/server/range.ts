/**
 * A `range` header as plaintext bytes, `end` exclusive, null for the end of the file. Null where there is none, or
 * one we need not honour (RFC 9110 §14.2): several ranges, another unit, a suffix.
 */
export function readRange(
  header: string | string[] | undefined,
): { start: number; end: number | null } | null {
  const match = typeof header === 'string' ? /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header.trim()) : null
  if (!match) return null
  const start = Number(match[1])
  const last = match[2] ? Number(match[2]) : null
  if (last !== null && last < start) return null
  return { start, end: last === null ? null : last + 1 }
}

export function contentRange(part: { start: number; end: number; sizeBytes: number }): string {
  return `bytes ${part.start}-${part.end - 1}/${part.sizeBytes}`
}
