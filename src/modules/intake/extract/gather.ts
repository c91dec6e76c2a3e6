import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Child, ExtractInput, ExtractResult, Found, Notice, NoticeCode, TextPart } from './port.ts'

/** A part's text is cut here and goes on in the next part, so that no reader meets one giant string. */
const PART_CHARS = 1_000_000
/** Text of one file beyond this is not kept as text: the bytes are; a notice says so. */
export const TEXT_CHARS = 64_000_000
const FREE_EXPANSION = 16 * 1024 ** 2
const VALUE_CHARS = 4_000

/** Thrown by a spent budget: what was gathered so far stands. */
export class LimitReached extends Error {
  readonly code: NoticeCode

  constructor(code: NoticeCode, words: string) {
    super(words)
    this.name = 'LimitReached'
    this.code = code
  }
}

/**
 * Gathers one file's result within its limits. Owns nothing but the result: an extractor makes one,
 * adds to it and returns `finish()`.
 */
export class Gathering {
  readonly input: ExtractInput
  readonly source: string
  private readonly startedAt = performance.now()
  private readonly parts: TextPart[] = []
  private readonly metadata: Found[] = []
  private readonly children: Child[] = []
  private readonly notices: Notice[] = []
  private chars = 0
  private spent = 0
  private missing = false

  /** `source`: extractor name and version, written beside all found metadata. */
  constructor(input: ExtractInput, source: string) {
    this.input = input
    this.source = source
  }

  /** Adds text; blank text adds nothing. Text beyond the limit is dropped, once said. */
  part(label: string, text: string, locator: TextPart['locator'], needsOcr = false): void {
    const clean = text.replaceAll('\u0000', '').trimEnd()
    if (clean.trim() === '' && !needsOcr) return
    for (let at = 0, piece = 1; at === 0 || at < clean.length; piece++) {
      if (this.chars >= TEXT_CHARS) return this.textFull()
      const end = cutAt(clean, at, Math.min(PART_CHARS, TEXT_CHARS - this.chars))
      const continued = piece > 1 ? { label: `${label}, continued ${piece}` } : { label }
      const place = piece > 1 ? { ...locator, piece } : locator
      this.parts.push({
        ...continued,
        text: clean.slice(at, end),
        locator: place,
        ...(needsOcr ? { needsOcr } : {}),
      })
      this.chars += end - at
      if (clean.length === 0) return
      at = end
    }
  }

  /** Adds found metadata; empty values are left out, long ones cut. */
  found(name: string, value: string | number | boolean | null | undefined): void {
    if (value === null || value === undefined) return
    if (typeof value === 'number' && !Number.isFinite(value)) return
    const kept =
      typeof value === 'string' ? value.replaceAll('\u0000', '').trim().slice(0, VALUE_CHARS) : value
    if (kept !== '') this.metadata.push({ name, value: kept, source: this.source })
  }

  /** Adds a notice once per code and step. `lost`: something of the file is missing from the result. */
  notice(
    code: NoticeCode,
    words: string,
    more: { step?: string; retryable?: boolean; lost?: boolean } = {},
  ): void {
    const step = more.step ?? 'text'
    this.missing ||= more.lost ?? false
    if (this.notices.some((known) => known.code === code && known.step === step && known.words === words))
      return
    if (this.notices.length < 500)
      this.notices.push({ code, words, retryable: more.retryable ?? false, step })
  }

  /** Writes a child under a generated name; its bytes count against the budget. */
  child(
    path: string,
    bytes: Uint8Array,
    more: Partial<Pick<Child, 'modifiedAt' | 'unsafe' | 'metadata'>> = {},
  ): void {
    if (this.children.length >= this.input.limits.maxChildren)
      throw new LimitReached(
        'too-many',
        `More than ${this.input.limits.maxChildren} files inside; the rest stays in the original.`,
      )
    this.spend(bytes.length)
    const file = join(
      this.input.workFolder,
      `${String(this.children.length + 1).padStart(6, '0')}${hint(path)}`,
    )
    writeFileSync(file, bytes, { flag: 'wx', mode: 0o600 })
    this.children.push({ path, safePath: safePathOf(path), file, sizeBytes: bytes.length, ...more })
  }

  /** Counts produced bytes; throws LimitReached once the file expands beyond what is allowed. */
  spend(bytes: number): void {
    const { outputBytes, expansionRatio } = this.input.limits
    this.spent += bytes
    if (this.spent > outputBytes)
      throw new LimitReached('bomb', 'Expands beyond the size limit; reading stopped.')
    if (this.spent > FREE_EXPANSION && this.spent > this.input.sizeBytes * expansionRatio)
      throw new LimitReached(
        'bomb',
        `Expands to more than ${expansionRatio} times its size; reading stopped.`,
      )
  }

  /** Bytes that may still be produced before `spend` would throw. */
  left(): number {
    const { outputBytes, expansionRatio } = this.input.limits
    const byRatio = Math.max(FREE_EXPANSION, this.input.sizeBytes * expansionRatio)
    return Math.max(0, Math.min(outputBytes, byRatio) - this.spent)
  }

  /** True once four fifths of the time are gone: stop, say so, keep what is there. */
  pressed(): boolean {
    return performance.now() - this.startedAt > this.input.limits.timeMs * 0.8
  }

  get partCount(): number {
    return this.parts.length
  }

  get childCount(): number {
    return this.children.length
  }

  get textFullNow(): boolean {
    return this.chars >= TEXT_CHARS
  }

  /** Runs a step; what it throws becomes a notice and the gathering goes on. */
  async attempt(step: string, words: string, work: () => Promise<void> | void): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      const limit = error instanceof LimitReached
      const said = limit ? error.message : `${words} (${reasonOf(error)})`
      this.notice(limit ? error.code : 'broken', said, { step, lost: true, retryable: limit })
      return false
    }
  }

  /** The result. `outcome` follows from what is there, unless the extractor knows better. */
  finish(outcome?: ExtractResult['outcome']): ExtractResult {
    const { parts, metadata, children, notices } = this
    const something = parts.length + children.length > 0
    if (!something && notices.length === 0) this.notice('empty', 'Opened; it holds no text.')
    const derived = this.missing ? (something ? 'partly' : 'unread') : 'read'
    return { parts, metadata, children, notices, outcome: outcome ?? derived }
  }

  private textFull(): void {
    this.notice(
      'truncated',
      `More than ${TEXT_CHARS / 1e6} million characters; the text after that is not indexed.`,
      { lost: true },
    )
  }
}

/** The shortest sentence that says why, without paths or stack. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n')[0] ?? '').replaceAll(/(?:file:\/\/)?\/[\w./@-]{8,}/g, '…').slice(0, 160)
}

/** An inner path made safe to show and export: no '..', drive, root or control characters; never empty. */
export function safePathOf(path: string): string {
  const steps = path
    .replaceAll('\\', '/')
    .replace(/^[A-Za-z]:/, '')
    .split('/')
    .map((step) =>
      step.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]/gu, '_').replace(/[. ]+$/, ''),
    )
    .filter((step) => step !== '' && step !== '.' && step !== '..')
  return (
    steps.join('/').slice(0, 1_024) ||
    `unnamed-${createHash('sha256').update(path).digest('hex').slice(0, 8)}`
  )
}

/** A cut that does not halve a surrogate pair. */
function cutAt(text: string, from: number, most: number): number {
  const end = Math.min(text.length, from + most)
  const last = text.charCodeAt(end - 1)
  return end < text.length && last >= 0xd800 && last < 0xdc00 && end - 1 > from ? end - 1 : end
}

/** The extension, when it is harmless, so that a person in the work folder can tell files apart. */
function hint(path: string): string {
  return /\.[A-Za-z0-9]{1,8}$/.exec(path)?.[0].toLowerCase() ?? ''
}
