import { createHash, type Hash } from 'node:crypto'
import { LimitReached, reasonOf } from '../gather.ts'
import type { DetectedType, Extractor } from '../port.ts'
import { ChildWriter, quoted } from './children.ts'
import { FileReader } from './file-reader.ts'
import { decodedBody, splitHttp, type HttpHead } from './http-message.ts'
import { Report } from './report.ts'
import { readWarc, warcBytes, type WarcRecord } from './warc-records.ts'

const NAME = 'web-archive'
const VERSION = '1.0'
const MOST_INFO_BYTES = 65_536
const MOST_LISTED = 20_000

/** WARC, compressed or not: each captured page or resource is a child with its address, date and checked digests. */
export const warcExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.label === 'warc' || type.label === 'warc.gz',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    const writer = new ChildWriter(input, report, { sameNames: true })
    const work = new WarcWork(report, writer)
    try {
      for await (const record of readWarc(warcBytes(file))) await work.take(record)
    } catch (fault) {
      if (fault instanceof LimitReached) report.notice(fault.code, fault.message)
      else
        report.notice(
          'truncated',
          `The archive ends early or is damaged: ${reasonOf(fault)}. What came before was kept.`,
        )
    }
    work.finish()
    return report.result()
  },
}

class WarcWork {
  readonly #report: Report
  readonly #writer: ChildWriter
  readonly #unpack: boolean
  readonly #counts = new Map<string, number>()
  readonly #lines: string[] = []

  constructor(report: Report, writer: ChildWriter) {
    this.#report = report
    this.#writer = writer
    this.#unpack = writer.mayUnpack()
  }

  async take(record: WarcRecord): Promise<void> {
    this.#counts.set(record.type, (this.#counts.get(record.type) ?? 0) + 1)
    const address = addressOf(record)
    if (address !== undefined && this.#lines.length < MOST_LISTED) {
      this.#lines.push(`${record.headers.get('warc-date') ?? ''} ${record.type} ${address}`.trim())
      if (this.#lines.length === 1) this.#report.find('warc.firstUri', record.headers.get('warc-target-uri'))
    }
    const digests = new Digests(record.headers)
    const block = digests.overBlock(record.block)
    if (record.type === 'warcinfo') await this.#info(block)
    else if (record.type === 'response' || record.type === 'resource' || record.type === 'conversion') {
      if (this.#unpack) await this.#keep(record, block, digests)
    } else if (record.type === 'request') await this.#request(block)
    while (!(await block.next()).done);
    this.#judge(record, digests)
  }

  #judge(record: WarcRecord, digests: Digests): void {
    const name = quoted(
      addressOf(record) ?? record.headers.get('warc-record-id') ?? `record at ${record.position}`,
    )
    const damage = record.damage()
    if (damage) this.#report.notice('broken', `The record of ${name} is damaged: ${damage}.`)
    for (const wrong of digests.mismatches(damage === undefined)) {
      this.#report.notice('tampered', `The ${wrong} digest of ${name} does not match its content.`)
    }
  }

  async #info(block: AsyncGenerator<Uint8Array>): Promise<void> {
    const text = (await firstBytes(block, MOST_INFO_BYTES)).toString('utf8')
    for (const line of text.split(/\r?\n/)) {
      const [, key, value] = /^([\w-]{1,40}):\s*(.+)$/.exec(line) ?? []
      if (key && value) this.#report.find(`warc.info.${key}`, value)
    }
  }

  /** What the crawler sent is kept as text: posted forms and cookies can matter. */
  async #request(block: AsyncGenerator<Uint8Array>): Promise<void> {
    const start = (await firstBytes(block, MOST_INFO_BYTES)).toString('utf8').split(/\r?\n/, 1)[0]
    if (this.#lines.length < MOST_LISTED && start) this.#lines.push(`  ${start}`)
  }

  async #keep(record: WarcRecord, block: AsyncGenerator<Uint8Array>, digests: Digests): Promise<void> {
    const http =
      record.type === 'response' || /application\/http/i.test(record.headers.get('content-type') ?? '')
    const { head, body } = http ? await splitHttp(block) : { head: undefined, body: block }
    const payload = digests.overPayload(body)
    const bytes = head ? decodedBody(head, payload) : payload
    const name = addressOf(record) ?? `record-${record.position}`
    const facts = { modifiedAt: dateOf(record), metadata: this.#metadata(record, head) }
    const keepPartial = (fault: unknown): boolean => {
      this.#report.notice(
        'broken',
        `The content of ${quoted(name)} could be decoded only in part: ${reasonOf(fault)}.`,
      )
      return true
    }
    try {
      await this.#writer.add(childPath(name), bytes, facts, keepPartial)
    } catch (fault) {
      if (fault instanceof LimitReached) throw fault
      this.#report.notice(
        'broken',
        `The content of ${quoted(name)} could not be decoded: ${reasonOf(fault)}.`,
      )
    }
    while (!(await payload.next()).done);
  }

  #metadata(record: WarcRecord, head: HttpHead | undefined): ReturnType<Report['found']>[] {
    const from = (name: string): string | undefined => record.headers.get(name)
    const report = this.#report
    return [
      report.found('web.url', addressOf(record)),
      report.found('web.capturedAt', from('warc-date')),
      report.found('web.recordType', record.type),
      report.found('web.recordId', from('warc-record-id')),
      report.found('web.ip', from('warc-ip-address')),
      report.found('web.payloadDigest', from('warc-payload-digest')),
      report.found('web.blockDigest', from('warc-block-digest')),
      report.found('web.status', head?.start),
      report.found(
        'web.mediaType',
        head?.headers.get('content-type') ?? (head ? undefined : from('content-type')),
      ),
      report.found('web.lastModified', head?.headers.get('last-modified')),
      report.found('web.server', head?.headers.get('server')),
      report.found('web.location', head?.headers.get('location')),
    ]
  }

  finish(): void {
    let total = 0
    for (const [type, count] of this.#counts) {
      total += count
      this.#report.find(`warc.records.${type}`, count)
    }
    this.#report.find('warc.records', total)
    if (total === 0) this.#report.notice('broken', 'No record could be found in this web archive.')
    this.#report.text('contents', this.#lines.join('\n'), { contents: true })
  }
}

/** The digests a record states, recomputed while its bytes pass. */
class Digests {
  readonly #block: { stated: string; hash: Hash } | undefined
  readonly #payload: { stated: string; hash: Hash } | undefined
  #payloadSeen = false

  constructor(headers: ReadonlyMap<string, string>) {
    this.#block = digest(headers.get('warc-block-digest'))
    this.#payload = digest(headers.get('warc-payload-digest'))
  }

  async *overBlock(block: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of block) {
      this.#block?.hash.update(bytes)
      yield bytes
    }
  }

  async *overPayload(body: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#payloadSeen = true
    for await (const bytes of body) {
      this.#payload?.hash.update(bytes)
      yield bytes
    }
  }

  /** Writers disagree whether the payload digest is over the transferred or the decoded body: only the block's is held against a record without a length fault. */
  mismatches(whole: boolean): string[] {
    const wrong: string[] = []
    if (whole && this.#block && !matches(this.#block)) wrong.push('block')
    const payload = this.#payloadSeen && this.#payload && !this.#block ? this.#payload : undefined
    if (whole && payload && !matches(payload)) wrong.push('payload')
    return wrong
  }
}

function digest(written: string | undefined): { stated: string; hash: Hash } | undefined {
  const [, name, stated] = /^(sha-?1|sha-?256|md5):(.+)$/i.exec(written ?? '') ?? []
  if (!name || !stated) return undefined
  return { stated: stated.trim(), hash: createHash(name.toLowerCase().replace('-', '')) }
}

function matches({ stated, hash }: { stated: string; hash: Hash }): boolean {
  const bytes = hash.digest()
  const plain = stated.replace(/=+$/, '')
  return (
    plain.toUpperCase() === base32(bytes) ||
    plain.toLowerCase() === bytes.toString('hex') ||
    plain === bytes.toString('base64').replace(/=+$/, '')
  )
}

function base32(bytes: Uint8Array): string {
  let [out, bits, held] = ['', 0, 0]
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5)
      out += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[(held >>> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  return bits > 0 ? out + 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[(held << (5 - bits)) & 31] : out
}

/** wget once wrote addresses in angle brackets. */
function addressOf(record: WarcRecord): string | undefined {
  return record.headers.get('warc-target-uri')?.replace(/^<(.*)>$/, '$1')
}

function dateOf(record: WarcRecord): string | undefined {
  const date = new Date(record.headers.get('warc-date') ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** An address as an inner path: no scheme, so that it does not look like a drive or a root. */
function childPath(address: string): string {
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/*/i, '').replace(/#.*$/, '')
  return path.endsWith('/') || path === '' ? `${path}index` : path
}

async function firstBytes(block: AsyncGenerator<Uint8Array>, most: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const next = await block.next()
    if (next.done || bytes >= most) return Buffer.concat(pieces).subarray(0, most)
    pieces.push(next.value)
    bytes += next.value.length
  }
}
