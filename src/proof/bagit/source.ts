/** Where a bag's files come from: a folder, an archive, a vault. Paths are relative, with `/`. */
export interface BagSource {
  /** Every regular file of the bag, tag files too. Links and special files are left out by the port. */
  list(): Promise<readonly BagFile[]>
  /** The bytes of a file that `list` named. */
  read(path: string): AsyncIterable<Uint8Array>
}

export interface BagFile {
  readonly path: string
  readonly sizeBytes: number
}

/** What was found wrong. An `error` makes the bag invalid, a `warning` does not. */
export interface BagProblem {
  readonly severity: 'error' | 'warning'
  readonly code: BagProblemCode
  readonly path: string | null
  /** One plain English sentence. */
  readonly words: string
}

export type BagProblemCode =
  | 'declaration_missing'
  | 'declaration_malformed'
  | 'version_unknown'
  | 'encoding_unknown'
  | 'tag_file_unreadable'
  | 'manifest_missing'
  | 'manifest_malformed'
  | 'algorithm_unknown'
  | 'listed_twice'
  | 'path_unsafe'
  | 'path_unusual'
  | 'file_missing'
  | 'file_unlisted'
  | 'file_changed'
  | 'fetch_needed'
  | 'fetch_malformed'
  | 'oxum_mismatch'
  | 'name_folded'

/** Collects problems in the order in which they were met. */
export class Problems {
  readonly all: BagProblem[] = []

  error(code: BagProblemCode, words: string, path: string | null = null): void {
    this.all.push({ severity: 'error', code, path, words })
  }

  warn(code: BagProblemCode, words: string, path: string | null = null): void {
    this.all.push({ severity: 'warning', code, path, words })
  }
}
