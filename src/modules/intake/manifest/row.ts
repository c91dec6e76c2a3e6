/** One row of a provider's list, whatever format it came in. */
export interface ManifestRow {
  /** Line or record number in the list, from 1. */
  readonly row: number
  readonly path: string
  /** Lower-case hexadecimal; null where not stated. */
  readonly sha256: string | null
  readonly sha1: string | null
  readonly md5: string | null
  /** The provider's other fields, by their headers. */
  readonly fields: Readonly<Record<string, string>>
  /** Custody before the desk, where columns state it. */
  readonly custody: Readonly<Record<string, string | string[]>>
}

export interface ManifestProblem {
  readonly row: number
  readonly words: string
}

export interface ReadManifest {
  readonly columns: readonly { readonly header: string; readonly meaning: string }[]
  readonly rows: readonly ManifestRow[]
  readonly problems: readonly ManifestProblem[]
}

/** How a row and a file find each other: case, separators, drive and Unicode form do not count. */
export function pathKey(path: string): string {
  return path
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replace(/^[A-Za-z]:/, '')
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/')
    .toLowerCase()
}

/** The last step of a key. */
export function lastStep(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
