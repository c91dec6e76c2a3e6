import { decompressRTF } from '@kenjiuno/decompressrtf'
import { decodeText } from '../charset/decode.ts'
import { LimitReached, reasonOf } from '../gather.ts'
import type { DetectedType, ExtractInput, Extractor } from '../port.ts'
import { ChildWriter } from './children.ts'
import { codePageName } from './code-pages.ts'
import { FileReader } from './file-reader.ts'
import { instant, reportBodies, reportMail } from './mail-facts.ts'
import { Report } from './report.ts'
import { readAttributes, readProperties, TAG, type Properties } from './tnef-format.ts'

const NAME = 'tnef'
const VERSION = '1.0'

/** winmail.dat (TNEF, MS-OXTNEF): what Outlook packs into one attachment. */
export const tnefExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.label === 'tnef',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    if (file.size > (input.limits.memoryMb * 1024 * 1024) / 4) {
      report.notice('memory-limit', 'The file is too large to be read at once.', {
        retryable: true,
        step: 'open',
      })
      return report.result('unread')
    }
    await new Tnef(input, report).read(file.read(0, file.size))
    return report.result()
  },
}

interface Attachment {
  title?: string
  data?: Buffer
  properties: Properties
  modifiedAt?: string | undefined
}

class Tnef {
  readonly #input: ExtractInput
  readonly #report: Report
  readonly #attachments: Attachment[] = []
  #page = 'windows-1252'
  #subject: string | undefined
  #body: string | undefined
  #messageId: string | undefined
  #properties: Properties = new Map()

  constructor(input: ExtractInput, report: Report) {
    this.#input = input
    this.#report = report
  }

  async read(bytes: Buffer): Promise<void> {
    const { attributes, damage } = readAttributes(bytes)
    for (const { tag, data } of attributes) this.#take(tag, data)
    if (damage) this.#report.notice('broken', `The file is damaged: ${damage}.`, { step: 'open' })
    this.#describe()
    await this.#children()
  }

  #take(tag: number, data: Buffer): void {
    const text = (): string => decodeText(data, this.#page).replace(/\0+$/, '')
    const current = this.#attachments.at(-1)
    if (tag === TAG.codePage && data.length >= 4)
      this.#page = codePageName(data.readUInt32LE(0)) ?? this.#page
    else if (tag === TAG.subject) this.#subject = text()
    else if (tag === TAG.body) this.#body = text()
    else if (tag === TAG.messageId) this.#messageId = text()
    else if (tag === TAG.properties) this.#properties = this.#read(data)
    else if (tag === TAG.attachmentStart) this.#attachments.push({ properties: new Map() })
    else if (!current) return
    else if (tag === TAG.attachmentTitle) current.title = text()
    else if (tag === TAG.attachmentData) current.data = data
    else if (tag === TAG.attachmentProperties) current.properties = this.#read(data)
  }

  #read(data: Buffer): Properties {
    const { properties, damage } = readProperties(data, this.#page)
    if (damage) this.#report.notice('broken', `Properties are damaged: ${damage}.`, { step: 'open' })
    return properties
  }

  #text(id: number): string | undefined {
    const value = this.#properties.get(id)
    return typeof value === 'string' ? value : undefined
  }

  #describe(): void {
    reportMail(this.#report, {
      subject: this.#subject ?? this.#text(0x0037),
      from: this.#text(0x0c1a),
      to: this.#text(0x0e04),
      cc: this.#text(0x0e03),
      date: instant(this.#text(0x0039)),
      messageId: this.#text(0x1035) ?? this.#messageId,
    })
    const html = this.#properties.get(0x1013)
    const page = html instanceof Buffer ? decodeText(html, this.#page) : this.#text(0x1013)
    reportBodies(this.#report, this.#text(0x1000) ?? this.#body, page)
  }

  async #children(): Promise<void> {
    const writer = new ChildWriter(this.#input, this.#report, { sameNames: true })
    this.#report.find('mail.attachments', this.#attachments.length)
    if (!writer.mayUnpack()) return
    try {
      await this.#rtf(writer)
      for (const [index, attachment] of this.#attachments.entries()) {
        const long = attachment.properties.get(0x3707) ?? attachment.properties.get(0x3001)
        const name = (typeof long === 'string' ? long : attachment.title) || `attachment-${index + 1}`
        const embedded = attachment.properties.get(0x3701)
        const bytes = attachment.data ?? (embedded instanceof Buffer ? embedded : undefined)
        if (bytes) await writer.add(name, bytes, { modifiedAt: attachment.modifiedAt })
        else this.#report.notice('missing-attachment', `The attachment "${name}" has no data.`)
      }
    } catch (fault) {
      if (!(fault instanceof LimitReached)) throw fault
      this.#report.notice(fault.code, fault.message)
    }
  }

  async #rtf(writer: ChildWriter): Promise<void> {
    const rtf = this.#properties.get(0x1009)
    if (!(rtf instanceof Buffer)) return
    try {
      await writer.add('body.rtf', Uint8Array.from(decompressRTF([...rtf])))
    } catch (fault) {
      if (fault instanceof LimitReached) throw fault
      this.#report.notice('broken', `The body in rich text could not be decompressed: ${reasonOf(fault)}.`, {
        step: 'text',
      })
    }
  }
}
