import type { Child, ExtractResult, Found, Notice, NoticeCode, TextPart } from '../port.ts'

/** Notices of one code that are told one by one; the rest are counted. */
const TOLD_OF_ONE_CODE = 25

/** Codes that mean something of the file was not read. */
const LOSSES: ReadonlySet<NoticeCode> = new Set<NoticeCode>([
  'bomb',
  'broken',
  'encrypted',
  'incomplete-set',
  'memory-limit',
  'missing-attachment',
  'size-mismatch',
  'time-limit',
  'too-deep',
  'too-many',
  'truncated',
  'unsupported',
])

/** Collects what one extraction finds; `result()` gives it in the port's shape. */
export class Report {
  readonly #source: string
  readonly #parts: TextPart[] = []
  readonly #metadata: Found[] = []
  readonly #children: Child[] = []
  readonly #notices: Notice[] = []
  readonly #untold = new Map<NoticeCode, number>()
  readonly #told = new Map<NoticeCode, number>()

  constructor(name: string, version: string) {
    this.#source = `${name} ${version}`
  }

  /** Names one found value; empty, undefined and NaN are not findings. */
  find(name: string, value: string | number | boolean | undefined | null, source = this.#source): void {
    const found = this.found(name, value, source)
    if (found) this.#metadata.push(found)
  }

  found(
    name: string,
    value: string | number | boolean | undefined | null,
    source = this.#source,
  ): Found | undefined {
    if (value === undefined || value === null || value === '' || Number.isNaN(value)) return undefined
    return { name, value: typeof value === 'string' ? tidy(value) : value, source }
  }

  text(label: string, text: string, locator: TextPart['locator'] = {}): void {
    if (text.trim() !== '') this.#parts.push({ label, text, locator })
  }

  picture(label: string, locator: TextPart['locator'] = {}): void {
    this.#parts.push({ label, text: '', needsOcr: true, locator })
  }

  child(child: Child): void {
    this.#children.push(child)
  }

  notice(code: NoticeCode, words: string, options: { retryable?: boolean; step?: string } = {}): void {
    const told = this.#told.get(code) ?? 0
    this.#told.set(code, told + 1)
    if (told >= TOLD_OF_ONE_CODE) {
      this.#untold.set(code, (this.#untold.get(code) ?? 0) + 1)
      return
    }
    this.#notices.push({ code, words, retryable: options.retryable ?? false, step: options.step ?? 'unpack' })
  }

  has(code: NoticeCode): boolean {
    return this.#told.has(code)
  }

  get children(): readonly Child[] {
    return this.#children
  }

  result(outcome?: ExtractResult['outcome']): ExtractResult {
    const notices = [...this.#notices]
    for (const [code, count] of this.#untold) {
      notices.push({
        code,
        words: `The same happened ${count} more times in this file.`,
        retryable: false,
        step: 'unpack',
      })
    }
    return {
      parts: this.#parts,
      metadata: this.#metadata,
      children: this.#children,
      notices,
      outcome: outcome ?? this.#judge(),
    }
  }

  #judge(): ExtractResult['outcome'] {
    const lost = [...this.#told.keys()].some((code) => LOSSES.has(code))
    if (!lost) return 'read'
    const anything = this.#parts.length + this.#children.length + this.#metadata.length
    return anything > 0 ? 'partly' : 'unread'
  }
}

/** A value as metadata: no NUL (PostgreSQL refuses it), bounded. */
function tidy(value: string): string {
  const clean = value.replaceAll('\u0000', '').trim()
  return clean.length > 32_768 ? `${clean.slice(0, 32_768)}…` : clean
}
