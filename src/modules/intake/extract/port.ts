/**
 * The port of extraction: what a reader of one format is given and what it answers.
 *
 * An extractor runs in a worker process (`runner.ts`), never in the server. It reads a working copy,
 * writes only below `workFolder`, never touches the network, and answers for bad input instead of
 * throwing: what it could not read is a notice, and `outcome` says how much was read. What it throws
 * all the same is turned by the runner into the notice `crashed` and `outcome: 'unread'`.
 */

/** What the content says the file is. `label` is fine-grained ('docx', 'xls', 'mbox'), one word for one format. */
export interface DetectedType {
  readonly mediaType: string
  readonly label: string
  readonly family: Family
  /** `certain`: a signature or structure was found; `likely`: heuristics agree; `guess`: nothing better. */
  readonly confidence: 'certain' | 'likely' | 'guess'
  /** For text: the encoding to read it with, in WHATWG spelling ('windows-1256'). */
  readonly charset?: string
  /** Set where the file's name claims another type: the extension as written, without the dot. */
  readonly claimed?: string
}

export type Family =
  | 'document'
  | 'sheet'
  | 'slides'
  | 'text'
  | 'chat'
  | 'ebook'
  | 'mail'
  | 'archive'
  | 'web'
  | 'image'
  | 'audio'
  | 'video'
  | 'disk'
  | 'data'
  | 'font'
  | 'program'
  | 'empty'
  | 'unknown'

export interface Limits {
  readonly timeMs: number
  readonly memoryMb: number
  /** Bytes of children and text together that one file may expand to. */
  readonly outputBytes: number
  readonly maxChildren: number
  /** Nesting below the received file; the caller counts, containers refuse at 0 left. */
  readonly maxDepth: number
  /** Output bytes allowed for each input byte, once output passes 16 MiB. */
  readonly expansionRatio: number
}

export const DEFAULT_LIMITS: Limits = {
  timeMs: 60_000,
  memoryMb: 1_024,
  outputBytes: 2 * 1024 ** 3,
  maxChildren: 100_000,
  maxDepth: 16,
  expansionRatio: 200,
}

export interface ExtractInput {
  /** A plaintext working copy in a private folder, never the original. */
  readonly path: string
  /** The file's name as received: a hint, never trusted. */
  readonly name: string
  readonly sizeBytes: number
  readonly type: DetectedType
  readonly passwords: readonly string[]
  readonly limits: Limits
  /** Children are written here under safe generated names; exists, is empty, belongs to this file alone. */
  readonly workFolder: string
}

/** A stretch of text with an address of its own in the file: a page, a sheet, a message. */
export interface TextPart {
  /** For people: 'page 3', 'sheet "A"', 'body', 'message 12'. */
  readonly label: string
  readonly text: string
  /** The stretch is a picture, or its text layer is not usable Unicode: read it with OCR. */
  readonly needsOcr?: boolean
  /** For programs: { page: 3 }, { sheet: 'A', hidden: true }, { message: '12', sender, time }. */
  readonly locator: Readonly<Record<string, string | number | boolean>>
}

/** Metadata found in the file, never asserted by a person. */
export interface Found {
  /** Dotted, lower camel case: 'exif.gps.latitude', 'document.author', 'mail.subject'. */
  readonly name: string
  readonly value: string | number | boolean
  /** Extractor name and version: who says so. */
  readonly source: string
}

export interface Child {
  /** The inner path as written, verbatim; shown, never used as a path. */
  readonly path: string
  /** The same made safe to show and to export: no '..', no drive, no control characters. */
  readonly safePath: string
  /** Absolute path in workFolder where the bytes stand. */
  readonly file: string
  readonly sizeBytes: number
  /** As the container says: ISO with offset where known, else local time without one. */
  readonly modifiedAt?: string
  /** Quarantined: why the name or entry is not safe. */
  readonly unsafe?: string
  /** Metadata the container holds about this child (capture URL, folder in a mailbox, attachment's content id). */
  readonly metadata?: readonly Found[]
}

/** One list for all extractors: add a code here, with a line in docs/operations/formats.md. */
export type NoticeCode =
  | 'active-content'
  | 'bomb'
  | 'broken'
  | 'crashed'
  | 'empty'
  | 'encoding-guess'
  | 'encrypted'
  | 'external-reference'
  | 'hidden-content'
  | 'incomplete-set'
  | 'link-not-followed'
  | 'lying-extension'
  | 'memory-limit'
  | 'missing-attachment'
  | 'needs-ocr'
  | 'recovered'
  | 'signed'
  | 'size-mismatch'
  | 'tampered'
  | 'time-limit'
  | 'too-deep'
  | 'too-many'
  | 'truncated'
  | 'unsafe-name'
  | 'unsupported'
  | 'untrusted-signer'

export interface Notice {
  readonly code: NoticeCode
  /** One plain sentence for the receipt: what happened and, where something can be done, what. */
  readonly words: string
  /** True where trying again can help: a password, more time, a newer reader. */
  readonly retryable: boolean
  /** 'detect', 'open', 'text', 'metadata', 'unpack', or 'page 3'. */
  readonly step: string
}

export interface ExtractResult {
  readonly parts: readonly TextPart[]
  readonly metadata: readonly Found[]
  readonly children: readonly Child[]
  readonly notices: readonly Notice[]
  /** `read`: all of it; `partly`: something is missing and a notice says what; `unread`: bytes kept, nothing read. */
  readonly outcome: 'read' | 'partly' | 'unread'
}

export interface Extractor {
  readonly name: string
  readonly version: string
  reads(type: DetectedType): boolean
  extract(input: ExtractInput): Promise<ExtractResult>
}
