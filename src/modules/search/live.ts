import { setImmediate as breathe } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Database } from '../../platform/database.ts'
import { decodeHead } from './segment-format.ts'
import { Segment, type BodyReader } from './segment.ts'
import * as store from './store.ts'

const CACHE_BYTES = 256 * 1024 * 1024
/** A longer stretch is read for a merge, once: keeping it would push out what questions need. */
const KEEP_BELOW_BYTES = 16 * 1024 * 1024

/** Term lists of smaller segments are read within a question: it takes a millisecond. */
const WARM_FROM_DOCS = 1_000

/** A segment was replaced between being listed and being read; asking again sees the new one. */
export class SegmentReplaced extends Error {}

/**
 * The index as one process knows it: heads of the live segments, removed passages, and the parts read lately.
 * It owns no truth: everything comes from PostgreSQL, and a part once read never changes.
 */
export class LiveIndex {
  readonly #db: Kysely<Database>
  readonly #segments = new Map<number, Segment>()
  readonly #gone = new Set<number>()
  readonly #parts = new Map<string, Uint8Array>()
  #partBytes = 0
  #since = '0'
  #turn: Promise<unknown> = Promise.resolve()
  #wanted = new Map<string, Wanted>()
  #onFault: ((fault: unknown) => void) | null = null
  #isWarming = false

  constructor(db: Kysely<Database>) {
    this.#db = db
  }

  /** Brings the picture up to everything committed by now and returns the live segments. One at a time, in order. */
  refresh(): Promise<Segment[]> {
    const turn = this.#turn.then(() => this.#refresh())
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /**
   * From now on reads the term lists of larger segments ahead, in the background, so that no fuzzy question has to.
   * A fault is told to `onFault`; the question that needs the list reads it itself.
   */
  async keepWarm(onFault: (fault: unknown) => void): Promise<void> {
    this.#onFault = onFault
    await this.#warmUp()
  }

  async #warmUp(): Promise<void> {
    if (!this.#onFault || this.#isWarming) return
    this.#isWarming = true
    try {
      for (let cold = this.#firstCold(); cold; cold = this.#firstCold()) {
        await cold.fuzzyTerms()
        await breathe()
      }
    } catch (fault) {
      if (!(fault instanceof SegmentReplaced)) this.#onFault(fault)
    } finally {
      this.#isWarming = false
    }
  }

  #firstCold(): Segment | undefined {
    for (const segment of this.#segments.values())
      if (segment.head.columns.docs >= WARM_FROM_DOCS && !segment.isWarm) return segment
    return undefined
  }

  /** Of the removed passages, those known here. */
  isGone(passageNo: number): boolean {
    return this.#gone.has(passageNo)
  }

  async #refresh(): Promise<Segment[]> {
    const changes = await store.readChanges(this.#db, this.#since)
    const added = changes.live.filter((id) => !this.#segments.has(id))
    const heads = added.length === 0 ? [] : await store.readHeads(this.#db, added)
    if (heads.length < added.length) throw new SegmentReplaced('a segment was replaced while being read')
    const fresh = changes.gone.filter((no) => !this.#gone.has(no))
    for (const no of fresh) this.#gone.add(no)
    for (const segment of this.#segments.values()) for (const no of fresh) segment.markGone(no)
    for (const { id, head, body } of heads) this.#segments.set(id, this.#open(id, head, body))
    const live = new Set(changes.live)
    for (const id of this.#segments.keys()) if (!live.has(id)) this.#forget(id)
    this.#since = changes.until
    if (heads.length > 0) void this.#warmUp()
    return [...this.#segments.values()]
  }

  #open(id: number, headBytes: Buffer, body: Buffer | null): Segment {
    const head = decodeHead(headBytes)
    const segment = new Segment(
      id,
      head,
      body ? inlineBody(body) : { read: (start, end) => this.#read(id, start, end) },
    )
    for (const no of head.columns.passageNos) if (this.#gone.has(no)) segment.markGone(no)
    return segment
  }

  #forget(id: number): void {
    this.#segments.delete(id)
    for (const [key, bytes] of this.#parts)
      if (key.startsWith(`${id}:`)) {
        this.#parts.delete(key)
        this.#partBytes -= bytes.length
      }
  }

  async #read(segment: number, start: number, end: number): Promise<Uint8Array> {
    if (end <= start) return new Uint8Array(0)
    const first = Math.floor(start / store.PART_BYTES)
    const last = Math.floor((end - 1) / store.PART_BYTES)
    const keep = end - start < KEEP_BELOW_BYTES
    const parts = await Promise.all(
      Array.from({ length: last - first + 1 }, (_, i) => this.#part(segment, first + i, keep)),
    )
    const from = start - first * store.PART_BYTES
    if (parts.length === 1) return (parts[0] as Uint8Array).subarray(from, from + end - start)
    const whole = new Uint8Array(end - start)
    let at = -from
    for (const part of parts) {
      const skip = Math.max(0, -at)
      whole.set(part.subarray(skip, skip + whole.length - (at + skip)), at + skip)
      at += part.length
    }
    return whole
  }

  #part(segment: number, part: number, keep: boolean): Promise<Uint8Array> {
    const key = `${segment}:${part}`
    const kept = this.#parts.get(key)
    if (kept) {
      this.#parts.delete(key) // moved to the end: the newest
      this.#parts.set(key, kept)
      return Promise.resolve(kept)
    }
    const waiting = this.#wanted.get(key)
    if (waiting) return waiting.promise
    if (this.#wanted.size === 0) setImmediate(() => void this.#fetch())
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    this.#wanted.set(key, { segment, part, keep, promise, resolve, reject })
    return promise
  }

  /** Reads in one statement everything that was asked for since the last. */
  async #fetch(): Promise<void> {
    const wanted = this.#wanted
    this.#wanted = new Map()
    try {
      for (const row of await store.readParts(this.#db, [...wanted.values()])) {
        const key = `${row.segment}:${row.part}`
        const one = wanted.get(key)
        wanted.delete(key)
        if (one?.keep) this.#keep(key, row.bytes)
        one?.resolve(row.bytes)
      }
      for (const one of wanted.values())
        one.reject(new SegmentReplaced(`part ${one.part} of segment ${one.segment} is not there`))
    } catch (fault) {
      for (const one of wanted.values()) one.reject(fault)
    }
  }

  #keep(key: string, bytes: Uint8Array): void {
    this.#parts.set(key, bytes)
    this.#partBytes += bytes.length
    for (const [oldest, of] of this.#parts) {
      if (this.#partBytes <= CACHE_BYTES) break
      this.#parts.delete(oldest)
      this.#partBytes -= of.length
    }
  }
}

interface Wanted {
  readonly segment: number
  readonly part: number
  readonly keep: boolean
  readonly promise: Promise<Uint8Array>
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (fault: unknown) => void
}

function inlineBody(body: Uint8Array): BodyReader {
  return { read: (start, end) => Promise.resolve(body.subarray(start, end)) }
}

const indexes = new WeakMap<Kysely<Database>, LiveIndex>()

/** The one picture a process keeps of a desk's index. */
export function liveIndex(db: Kysely<Database>): LiveIndex {
  let index = indexes.get(db)
  if (!index) indexes.set(db, (index = new LiveIndex(db)))
  return index
}
