import { crc32 } from 'node:zlib'
import { LimitReached, reasonOf } from '../gather.ts'
import type { DetectedType, ExtractInput, Extractor } from '../port.ts'
import { ChildWriter, quoted, type ChildFacts } from './children.ts'
import { Contents } from './contents.ts'
import { FileReader } from './file-reader.ts'
import { Report } from './report.ts'
import { unpackWithSevenZip } from './seven-zip-unpack.ts'
import { openEntry } from './zip-data.ts'
import type { ZipEntry } from './zip-entry.ts'
import { listZip } from './zip-listing.ts'

const NAME = 'zip'
const VERSION = '1.0'
const LABELS = new Set([
  'zip',
  'jar',
  'apk',
  'aar',
  'ipa',
  'xpi',
  'kmz',
  'war',
  'cbz',
  'nupkg',
  'vsix',
  '3mf',
  'usdz',
])
const LINK_MODE = 0o120000
const MOST_LINK_BYTES = 4096

/** ZIP: listed by its directory or, where damaged, by local headers; entries checked, locked ones tried with the passwords given. */
export const zipExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => LABELS.has(type.label),
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    await new ZipWork(input, file, report).run()
    return report.result()
  },
}

/** Unpacks every entry of a ZIP through a writer of the caller's, for formats that are ZIP inside. */
export class ZipWork {
  readonly contents = new Contents()
  readonly #input: ExtractInput
  readonly #file: FileReader
  readonly #report: Report
  readonly #writer: ChildWriter
  readonly #forSevenZip = new Map<string, ZipEntry>()
  #locked = 0

  constructor(
    input: ExtractInput,
    file: FileReader,
    report: Report,
    writer = new ChildWriter(input, report),
  ) {
    this.#input = input
    this.#file = file
    this.#report = report
    this.#writer = writer
  }

  async run(): Promise<void> {
    const listing = listZip(this.#file, this.#input.limits.maxChildren + 1)
    this.#describe(listing)
    const unpack = this.#writer.mayUnpack()
    let stopped = !unpack
    for (const entry of listing.entries) {
      this.contents.line(entry.name, entryRemark(entry))
      if (stopped) continue
      try {
        await this.#entry(entry)
      } catch (fault) {
        if (!(fault instanceof LimitReached)) throw fault
        this.#report.notice(fault.code, fault.message)
        stopped = true
      }
    }
    if (!stopped && this.#forSevenZip.size > 0) await this.#otherMethods()
    if (this.#locked > 0) this.#report.find('archive.encryptedEntries', this.#locked)
    this.contents.into(this.#report)
  }

  #describe(listing: ReturnType<typeof listZip>): void {
    const { entries, damage, otherDisks, prefixBytes, salvaged } = listing
    this.#report.find('archive.format', 'zip')
    this.#report.find('archive.comment', listing.comment)
    for (const words of damage)
      this.#report.notice('broken', `The archive is damaged: ${words}.`, { step: 'open' })
    if (otherDisks)
      this.#report.notice(
        'incomplete-set',
        'This is one part of a set of ZIP files; the other parts are needed.',
      )
    if (salvaged > 0) {
      this.#report.notice('recovered', `${salvaged} entries were found by reading through the file instead.`)
    }
    if (prefixBytes > 0 && entries.length > 0) {
      this.#report.notice(
        'hidden-content',
        `${prefixBytes} bytes stand in front of the archive and belong to no entry.`,
      )
    }
  }

  async #entry(entry: ZipEntry): Promise<void> {
    if (entry.name.endsWith('/') && entry.size === 0) return
    const link = (entry.unixMode & 0o170000) === LINK_MODE
    for (const password of (entry.flags & 1) === 0 ? [undefined] : [...this.#input.passwords, undefined]) {
      const data = openEntry(
        this.#file,
        entry,
        password === undefined ? [] : [password],
        this.#writer.budget.left,
      )
      if (data.kind === 'locked') {
        if (password !== undefined) continue
        this.#lockedEntry(entry, data.words, data.retryable)
      } else if (data.kind === 'other-method') {
        this.#forSevenZip.set(entry.name, entry)
      } else if (data.kind === 'broken') {
        this.#report.notice('broken', `The entry ${quoted(entry.name)} could not be read: ${data.words}.`)
      } else if (link) await this.#link(entry, data.chunks)
      else {
        const more = this.#input.passwords.indexOf(password ?? '') < this.#input.passwords.length - 1
        const wrongPassword = !(await this.#keep(entry, data, password !== undefined && more))
        if (wrongPassword) continue
      }
      return
    }
  }

  #lockedEntry(entry: ZipEntry, words: string, retryable: boolean): void {
    this.#locked++
    const tried =
      this.#input.passwords.length > 0 && retryable ? 'is locked, and no password given opens it' : words
    this.#report.notice('encrypted', `The entry ${quoted(entry.name)} ${tried}.`, { retryable })
  }

  /** Writes one entry and tells where it lied. False: damaged in a way a wrong password would, and others remain to be tried. */
  async #keep(
    entry: ZipEntry,
    data: {
      chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
      remarks: readonly string[]
      checkCrc: boolean
    },
    mayRetry: boolean,
  ): Promise<boolean> {
    const sum = new Sum()
    const report = this.#report
    const named = `The entry ${quoted(entry.name)}`
    try {
      await this.#writer.add(
        entry.name,
        sum.over(data.chunks, mayRetry ? entry : undefined),
        this.#facts(entry),
        (fault) => {
          if (mayRetry) return false
          report.notice('broken', `${named} is damaged and was kept up to the damage: ${reasonOf(fault)}.`)
          return true
        },
      )
    } catch (fault) {
      if (fault instanceof LimitReached) throw fault
      if (mayRetry) return false
      report.notice('broken', `${named} could not be read: ${reasonOf(fault)}.`)
      return true
    }
    for (const remark of data.remarks) report.notice('broken', `${named} is damaged: ${remark}.`)
    if (sum.bytes !== entry.size && !entry.sizesUnknown) {
      report.notice('size-mismatch', `${named} holds ${sum.bytes} bytes where ${entry.size} are stated.`)
    } else if (data.checkCrc && !entry.sizesUnknown && sum.crc !== entry.crc) {
      report.notice('broken', `${named} does not match its checksum; it was kept as it is.`)
    }
    return true
  }

  #facts(entry: ZipEntry): ChildFacts {
    const report = this.#report
    return {
      modifiedAt: entry.modifiedAt,
      metadata: [
        report.found('archive.entry.comment', entry.comment),
        report.found('archive.entry.nameBytes', entry.legacyName?.toString('hex')),
      ],
    }
  }

  async #link(entry: ZipEntry, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const target: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > MOST_LINK_BYTES) break
      target.push(chunk)
    }
    const words = quoted(Buffer.concat(target).toString('utf8'))
    this.#report.notice(
      'link-not-followed',
      `The entry ${quoted(entry.name)} is a link to ${words}; it was not followed.`,
    )
  }

  /** Entries in methods that zlib does not know (LZMA, bzip2, Deflate64, PPMd, xz). */
  async #otherMethods(): Promise<void> {
    const wanted = this.#forSevenZip
    const passwords = [...wanted.values()].some((entry) => entry.flags & 1)
      ? [...this.#input.passwords, undefined]
      : [undefined]
    const kept = new Map<string, ZipEntry>()
    const order = {
      want: (path: string): boolean => wanted.has(path),
      facts: (path: string): ChildFacts => {
        const entry = wanted.get(path)
        if (!entry) return {}
        kept.set(path, entry)
        return this.#facts(entry)
      },
    }
    for (const password of passwords) {
      const outcome = await unpackWithSevenZip(this.#input, this.#writer, this.#report, {
        ...order,
        password,
      })
      if (!outcome.locked) {
        for (const { path, file, size } of outcome.written) this.#checkWritten(kept.get(path), file, size)
        break
      }
    }
    for (const [name, entry] of wanted) {
      if (kept.has(name)) continue
      if (entry.flags & 1) this.#lockedEntry(entry, 'is locked with a password', true)
      else {
        const words = `The entry ${quoted(name)} is packed with method ${entry.method}, which could not be read.`
        this.#report.notice('unsupported', words)
      }
    }
  }

  #checkWritten(entry: ZipEntry | undefined, file: string, size: number): void {
    if (!entry) return
    using written = new FileReader(file)
    let sum = 0
    for (const chunk of written.chunks()) sum = crc32(chunk, sum)
    if (size === entry.size && (sum === entry.crc || entry.aes?.version === 2)) return
    const words = `The entry ${quoted(entry.name)} is damaged: ${size} of ${entry.size} bytes were read, or its checksum differs.`
    this.#report.notice('broken', words)
  }
}

class Sum {
  bytes = 0
  crc = 0

  /** Passes chunks through. With `expected`, a wrong checksum at the end is thrown. */
  async *over(
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    expected?: ZipEntry,
  ): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.bytes += chunk.length
      this.crc = crc32(chunk, this.crc)
      yield chunk
    }
    if (expected && this.crc !== expected.crc && !expected.aes) throw new Error('the checksum does not match')
  }
}

function entryRemark(entry: ZipEntry): string {
  const locked = entry.flags & 1 ? ', locked' : ''
  return entry.name.endsWith('/') ? '' : `${entry.size} bytes${locked}`
}
