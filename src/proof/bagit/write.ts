import { toHex } from '../../base/bytes.ts'
import { malformed } from '../malformed.ts'
import type { Primitives } from '../primitives.ts'
import { toUtf8 } from '../utf8.ts'
import { encodePath, isSafePath } from './manifest.ts'

export interface BagOrder {
  /** Payload files; `path` without `data/` before it. Hashes are lower-case hex. */
  readonly payload: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[]
  /** Lines for `bag-info.txt`; the payload's size is added. */
  readonly info: readonly (readonly [string, string])[]
  /** Further tag files, such as a certificate; they stand in the tag manifest. */
  readonly tags?: readonly { readonly path: string; readonly bytes: Uint8Array }[]
}

/**
 * The tag files of a BagIt 1.0 bag, path and bytes; the caller puts the payload under `data/`. Equal
 * orders give equal bytes: files are sorted.
 *
 * Refuses malformed: a path that leaves the bag, stands twice (also by case or composition), or an info line
 * that would not read back.
 */
export function writeBag(
  p: Primitives,
  order: BagOrder,
): { readonly path: string; readonly bytes: Uint8Array }[] {
  requireDistinct(order.payload.map((file) => file.path))
  const payload = order.payload.toSorted((a, b) => compare(a.path, b.path))
  const size = payload.reduce((sum, file) => sum + file.sizeBytes, 0)
  const info = [...order.info, ['Payload-Oxum', `${size}.${payload.length}`] as const].map(infoLine)
  const manifest = payload.map((file) => `${file.sha256}  data/${encodePath(file.path)}\n`)
  const tags = [
    { path: 'bagit.txt', bytes: toUtf8('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n') },
    { path: 'bag-info.txt', bytes: toUtf8(info.join('')) },
    { path: 'manifest-sha256.txt', bytes: toUtf8(manifest.join('')) },
    ...(order.tags ?? []),
  ].toSorted((a, b) => compare(a.path, b.path))
  requireDistinct(tags.map((file) => file.path))
  const tagLines = tags.map((file) => `${toHex(p.sha256(file.bytes))}  ${encodePath(file.path)}\n`)
  return [...tags, { path: 'tagmanifest-sha256.txt', bytes: toUtf8(tagLines.join('')) }]
}

function infoLine([label, value]: readonly [string, string]): string {
  if (!/^[^\s:][^\r\n:]{0,199}$/.test(label) || /[\r\n]/.test(value))
    throw malformed('a line of bag-info.txt would not read back')
  return `${label}: ${value}\n`
}

function requireDistinct(paths: readonly string[]): void {
  const folded = new Set(paths.map((path) => path.normalize('NFC').toLowerCase()))
  if (folded.size !== paths.length)
    throw malformed('two files of the bag would have one name on some systems')
  for (const path of paths)
    if (!isSafePath(path)) throw malformed('a path would lead out of the bag', { path })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
