import type { HashName } from '../primitives.ts'
import type { Problems } from './source.ts'
import { linesOf, type BagVersion } from './tag-files.ts'

/** One line of a manifest: the path as the bag's files are named, and the stated hash in lower case. */
export interface ManifestLine {
  readonly path: string
  readonly hash: string
}

const HEX_DIGITS: Readonly<Record<HashName, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
}

/** `manifest-sha256.txt` → `sha256`; null for an algorithm that is not supported. */
export function algorithmOf(manifestPath: string): HashName | null {
  const name = /manifest-([a-z0-9-]+)\.txt$/i.exec(manifestPath)?.[1]?.toLowerCase().replaceAll('-', '') ?? ''
  return Object.hasOwn(HEX_DIGITS, name) ? (name as HashName) : null
}

export interface ManifestOrder {
  readonly path: string
  readonly algorithm: HashName
  readonly version: BagVersion
  /** True for a file that the bag has. */
  readonly has: (path: string) => boolean
  /** Payload manifests name files under `data/`; tag manifests name the others. */
  readonly isPayload: boolean
}

/** Reads a manifest; every line that cannot be used is a problem, and none is skipped in silence. */
export function parseManifest(text: string, order: ManifestOrder, problems: Problems): ManifestLine[] {
  const lines: ManifestLine[] = []
  const seen = new Map<string, string>()
  for (const line of linesOf(text)) {
    const found = /^([0-9a-f]+)[ \t]+(\*?)(.+)$/i.exec(line)
    const [, hash, star, named] = found ?? []
    if (hash === undefined || named === undefined || hash.length !== HEX_DIGITS[order.algorithm]) {
      problems.error(
        'manifest_malformed',
        `${order.path} has a line that is not a hash and a path.`,
        order.path,
      )
      continue
    }
    if (star !== '') problems.warn('path_unusual', `${order.path} marks a file with an asterisk.`, named)
    const path = resolvePath(named, order, problems)
    if (path === null) continue
    if (noteTwice(seen, { path, hash: hash.toLowerCase() }, order, problems)) continue
    lines.push({ path, hash: hash.toLowerCase() })
  }
  return lines
}

/** The path as a file name of the bag, or null where it would leave the bag. */
function resolvePath(named: string, order: ManifestOrder, problems: Problems): string | null {
  let path = named
  if (path.startsWith('./')) {
    problems.warn('path_unusual', `${order.path} names a file with "./" before it.`, named)
    path = path.slice(2)
  }
  // Version 1.0 writes CR, LF and % as %0D, %0A and %25, and nothing else. Earlier ones had no such rule.
  if (order.version === '1.0' || !order.has(path)) path = decodePath(path)
  if (isSafePath(path) && path.startsWith('data/') === order.isPayload) return path
  problems.error('path_unsafe', `${order.path} names a path outside the place it may name.`, named)
  return null
}

/** True where the line says what was said before: then it is not listed again. */
function noteTwice(
  seen: Map<string, string>,
  line: ManifestLine,
  order: ManifestOrder,
  problems: Problems,
): boolean {
  const before = seen.get(line.path)
  seen.set(line.path, line.hash)
  if (before === undefined) return false
  const words = `${order.path} lists a file twice.`
  if (before === line.hash && order.version !== '1.0') problems.warn('listed_twice', words, line.path)
  else problems.error('listed_twice', words, line.path)
  return true
}

export function decodePath(path: string): string {
  return path.replace(/%(0d|0a|25)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

export function encodePath(path: string): string {
  return path.replace(/[%\r\n]/g, (found) => ({ '%': '%25', '\r': '%0D' })[found] ?? '%0A')
}

/** False for anything that could lead out of the bag's folder on any system. */
export function isSafePath(path: string): boolean {
  if (path === '' || path.includes('\0') || /^([/\\~]|[a-z]:|%[a-z]+%)/i.test(path)) return false
  return path.split(/[/\\]/).every((part) => part !== '' && part !== '.' && part !== '..')
}
