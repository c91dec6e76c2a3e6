/**
 * Where sealed bytes lie: a local folder, or an S3-compatible store. Objects are never changed: written whole under
 * a name that is known only at the end (it is their hash), read by range, removed on an erasure.
 */
export interface ObjectStore {
  /** Begins an object that has no name yet. */
  draft(): Promise<ObjectDraft>
  /** Bytes from `start` to `end` (exclusive), in pieces. Throws ObjectMissing; a shorter object ends early. */
  read(name: string, start: number, end: number): AsyncIterable<Uint8Array>
  stat(name: string): Promise<ObjectStat | null>
  /** Every object, in no promised order; drafts that a crash left behind are not among them. */
  list(): AsyncIterable<ObjectStat>
  /** Nothing happens where there is no such object. Durable when it returns. */
  remove(name: string): Promise<void>
  /** Removes drafts untouched since `before`; returns how many. */
  removeDrafts(before: Date): Promise<number>
}

export interface ObjectDraft {
  /** In order; waits while the store is behind. The memory is the caller's again when it returns. */
  write(bytes: Uint8Array): Promise<void>
  /** Durable under this name when it returns. One that is already there has the same bytes. */
  commit(name: string): Promise<void>
  /** Leaves nothing behind. May follow a failed commit. */
  abandon(): Promise<void>
}

export interface ObjectStat {
  readonly name: string
  readonly sizeBytes: number
  readonly modifiedAt: Date
}

/** The store has no object of this name. */
export class ObjectMissing extends Error {
  constructor(name: string) {
    super(`the object store has no object ${name}`)
    this.name = 'ObjectMissing'
  }
}

/** Names are lower-case hex of 32 bytes; anything else never reaches a path. */
export function requireObjectName(name: string): void {
  if (!/^[0-9a-f]{64}$/.test(name)) throw new TypeError('an object is named by 64 hexadecimal digits')
}
