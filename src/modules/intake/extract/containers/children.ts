import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LimitReached } from '../gather.ts'
import type { Child, ExtractInput, Found, Limits } from '../port.ts'
import { NameRegister } from './names.ts'
import type { Report } from './report.ts'

/** Below this much output the expansion ratio is not judged: small text compresses well. */
export const RATIO_FREE_BYTES = 16 * 1024 * 1024

/** Counts what one file expands to. Every byte a container writes passes through `spend`. */
export class Budget {
  readonly #limits: Limits
  readonly #inputBytes: number
  #spent = 0

  constructor(limits: Limits, inputBytes: number) {
    this.#limits = limits
    this.#inputBytes = Math.max(1, inputBytes)
  }

  get spent(): number {
    return this.#spent
  }

  /** Bytes that may still be written. */
  get left(): number {
    const byRatio = Math.max(RATIO_FREE_BYTES, this.#inputBytes * this.#limits.expansionRatio)
    return Math.min(this.#limits.outputBytes, byRatio) - this.#spent
  }

  /** Refuses with `bomb`: more output than the ratio or the total allows. */
  spend(bytes: number): void {
    this.#spent += bytes
    if (this.#spent > this.#limits.outputBytes) {
      throw new LimitReached(
        'bomb',
        `Unpacking stopped at ${this.#limits.outputBytes} bytes, the most one file may expand to.`,
      )
    }
    if (this.#spent > RATIO_FREE_BYTES && this.#spent > this.#inputBytes * this.#limits.expansionRatio) {
      const ratio = this.#limits.expansionRatio
      throw new LimitReached(
        'bomb',
        `Unpacking stopped: the content expands to more than ${ratio} times the file's size.`,
      )
    }
  }

  /** Gives back what a discarded child had spent of the count of bytes kept; the work done stays counted as done. */
  refund(bytes: number): void {
    this.#spent -= bytes
  }
}

export interface ChildFacts {
  readonly modifiedAt?: string | undefined
  readonly metadata?: readonly (Found | undefined)[] | undefined
  readonly unsafe?: string | undefined
}

type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Writes children under generated names; inner names are only ever text. */
export class ChildWriter {
  readonly budget: Budget
  readonly #input: ExtractInput
  readonly #report: Report
  readonly #names: NameRegister
  #count = 0

  /** `sameNames`: attachments of one mail often share a name, which then says nothing against them. */
  constructor(input: ExtractInput, report: Report, options: { sameNames?: boolean } = {}) {
    this.#input = input
    this.#report = report
    this.#names = new NameRegister(options.sameNames ?? false)
    this.budget = new Budget(input.limits, input.sizeBytes)
  }

  /** False once nesting is used up: the container is listed, not unpacked. Tells so once. */
  mayUnpack(): boolean {
    if (this.#input.limits.maxDepth > 0) return true
    this.#report.notice('too-deep', 'This container is nested too deeply and was listed, not unpacked.')
    return false
  }

  /** A file for the next child, counted. Refuses: too-many. */
  nextFile(): string {
    if (this.#count >= this.#input.limits.maxChildren) {
      const most = this.#input.limits.maxChildren
      throw new LimitReached('too-many', `Unpacking stopped at ${most} entries, the most one file may hold.`)
    }
    this.#count++
    return join(this.#input.workFolder, `child-${String(this.#count).padStart(6, '0')}`)
  }

  /** Writes one child whole. What fails midway is removed and thrown on, unless `keepPartial` accepts it. */
  async add(
    path: string,
    bytes: Bytes,
    facts: ChildFacts = {},
    keepPartial?: (fault: unknown) => boolean,
  ): Promise<Child> {
    const file = this.nextFile()
    const before = this.budget.spent
    const descriptor = openSync(file, 'wx', 0o600)
    let sizeBytes = 0
    try {
      for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
        this.budget.spend(chunk.length)
        sizeBytes += writeAll(descriptor, chunk)
      }
    } catch (fault) {
      if (fault instanceof LimitReached || !keepPartial?.(fault) || sizeBytes === 0) {
        rmSync(file, { force: true })
        this.budget.refund(fault instanceof LimitReached ? 0 : this.budget.spent - before)
        throw fault
      }
    } finally {
      closeSync(descriptor)
    }
    return this.record(path, file, sizeBytes, facts)
  }

  /** Records a child whose bytes already stand in a file given by `nextFile`. */
  record(path: string, file: string, sizeBytes: number, facts: ChildFacts = {}): Child {
    const named = this.#names.claim(path)
    const unsafe = [named.unsafe, facts.unsafe].filter(Boolean).join('; ')
    if (unsafe !== '') {
      this.#report.notice(
        'unsafe-name',
        `The entry ${quoted(path)} was kept as ${quoted(named.safePath)}: ${unsafe}.`,
      )
    }
    const metadata = facts.metadata?.filter((found) => found !== undefined)
    const child: Child = {
      path,
      safePath: named.safePath,
      file,
      sizeBytes,
      ...(facts.modifiedAt ? { modifiedAt: facts.modifiedAt } : {}),
      ...(unsafe === '' ? {} : { unsafe }),
      ...(metadata && metadata.length > 0 ? { metadata } : {}),
    }
    this.#report.child(child)
    return child
  }
}

/** An inner name in a sentence: bounded, on one line, control and direction characters shown as escapes. */
export function quoted(name: string): string {
  const short = name.length > 120 ? `${name.slice(0, 120)}…` : name
  return JSON.stringify(short).replaceAll(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function writeAll(descriptor: number, chunk: Uint8Array): number {
  let written = 0
  while (written < chunk.length) written += writeSync(descriptor, chunk, written)
  return written
}
