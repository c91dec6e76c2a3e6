/**
 * Names inside containers: never used as paths, kept verbatim as metadata, made safe to show and to export.
 */

export interface SafeName {
  readonly safePath: string
  /** Why the name as written is not safe; absent when it is. */
  readonly unsafe?: string
}

const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i
// Bidirectional overrides and isolates make "photo‮gpj.exe" read as a picture.
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g
const CONTROL = /\p{Cc}/gu
const SEGMENT_BYTES = 200
const PATH_SEGMENTS = 64

/** The inner path made safe: relative, forward slashes, no '..', no drive, no control characters, bounded. */
export function safeName(verbatim: string): SafeName {
  const reasons = reasonsAgainst(verbatim)
  const segments = verbatim
    .replace(/^[a-zA-Z]:/, '')
    .split(/[\\/]+/)
    .map(safeSegment)
    .filter((segment) => segment !== '')
  const safePath = segments.slice(-PATH_SEGMENTS).join('/') || 'unnamed'
  return reasons.length > 0 ? { safePath, unsafe: reasons.join('; ') } : { safePath }
}

function reasonsAgainst(verbatim: string): string[] {
  const reasons: string[] = []
  const parts = verbatim.split(/[\\/]/)
  if (parts.includes('..')) reasons.push('the name climbs out of its folder')
  if (/^[\\/]/.test(verbatim)) reasons.push('the name is an absolute path')
  if (/^[a-zA-Z]:/.test(verbatim)) reasons.push('the name begins with a drive letter')
  if (verbatim.includes('\\')) reasons.push('the name holds a backslash')
  if (verbatim.search(CONTROL) >= 0) reasons.push('the name holds a control character')
  if (verbatim.search(BIDI) >= 0) reasons.push('the name holds a character that reverses its display')
  if (parts.some((part) => RESERVED.test(part))) reasons.push('the name is reserved on Windows')
  if (parts.length > PATH_SEGMENTS) reasons.push('the name is nested too deeply')
  if (parts.some((part) => Buffer.byteLength(part) > 255))
    reasons.push('the name is too long for a file system')
  if (verbatim === '') reasons.push('the entry has no name')
  return reasons
}

function safeSegment(segment: string): string {
  const clean = segment
    .replace(CONTROL, '_')
    .replace(BIDI, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/[. ]+$/, '')
    .normalize('NFC')
  if (clean === '' || /^\.+$/.test(clean)) return ''
  const named = RESERVED.test(clean) ? `_${clean}` : clean
  return shorten(named)
}

/** Cuts a segment to SEGMENT_BYTES of UTF-8 and keeps its extension. */
function shorten(segment: string): string {
  if (Buffer.byteLength(segment) <= SEGMENT_BYTES) return segment
  const dot = segment.lastIndexOf('.')
  const extension = dot > 0 && segment.length - dot <= 12 ? segment.slice(dot) : ''
  let stem = ''
  let bytes = Buffer.byteLength(extension)
  for (const letter of extension ? segment.slice(0, dot) : segment) {
    bytes += Buffer.byteLength(letter)
    if (bytes > SEGMENT_BYTES) break
    stem += letter
  }
  return stem + extension
}

/** Two names with one key would be one file on some file system. */
export function collisionKey(safePath: string): string {
  return safePath.normalize('NFC').toLowerCase()
}

/** Gives each safe path once: a second one with the same key becomes 'name (2).ext'. */
export class NameRegister {
  readonly #seen = new Map<string, number>()
  readonly #verbatim = new Set<string>()
  readonly #sameNames: boolean

  constructor(sameNames = false) {
    this.#sameNames = sameNames
  }

  claim(verbatim: string): SafeName {
    const named = safeName(verbatim)
    const key = collisionKey(named.safePath)
    const times = (this.#seen.get(key) ?? 0) + 1
    this.#seen.set(key, times)
    const twice = this.#verbatim.has(verbatim)
    this.#verbatim.add(verbatim)
    if (times === 1) return named
    const collision = twice
      ? 'another entry has the same name'
      : 'another entry has a name that some file systems take for the same'
    const safePath = this.#numbered(named.safePath, times)
    if (this.#sameNames) return { ...named, safePath }
    return { safePath, unsafe: named.unsafe ? `${named.unsafe}; ${collision}` : collision }
  }

  #numbered(safePath: string, times: number): string {
    const slash = safePath.lastIndexOf('/')
    const dot = safePath.lastIndexOf('.')
    const cut = dot > slash + 1 ? dot : safePath.length
    for (let number = times; ; number++) {
      const candidate = `${safePath.slice(0, cut)} (${number})${safePath.slice(cut)}`
      const key = collisionKey(candidate)
      if (this.#seen.has(key)) continue
      this.#seen.set(key, 1)
      return candidate
    }
  }
}
