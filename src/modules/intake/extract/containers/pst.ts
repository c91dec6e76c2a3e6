import { PSTFile, type PSTFolder, PSTMessage } from 'pst-extractor'
import { LimitReached, reasonOf } from '../gather.ts'
import type { DetectedType, Extractor } from '../port.ts'
import { ChildWriter, quoted } from './children.ts'
import { instant } from './mail-facts.ts'
import { composeMessage } from './pst-message.ts'
import { Report } from './report.ts'

const NAME = 'outlook-mailbox'
const VERSION = 'pst-extractor 1.12.0'
const DELETED =
  /^(deleted items|deleted messages|recoverable items|purges|deletions|trash|papierkorb|éléments supprimés|удаленные|العناصر المحذوفة|محذوف)/i
const MOST_DEPTH = 100
/** The kind of a node is the low five bits of its id (MS-PST 2.2.2.1). */
const [NODE_TYPE, SEARCH_NODE, MESSAGE_NODE] = [0x1f, 0x03, 0x04]
type DescriptorIndexNode = ConstructorParameters<typeof PSTMessage>[1]

/** Outlook PST and OST: every message of every folder becomes a child .eml with its attachments inside. */
export const pstExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.label === 'pst' || type.label === 'ost',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    const writer = new ChildWriter(input, report)
    if (!writer.mayUnpack()) return report.result()
    let file: PSTFile | undefined
    try {
      file = new PSTFile(input.path)
      await new Mailbox(file, writer, report).read()
    } catch (fault) {
      if (fault instanceof LimitReached) report.notice(fault.code, fault.message)
      else report.notice('broken', `The mailbox is damaged: ${reasonOf(fault)}.`, { step: 'open' })
    } finally {
      file?.close()
    }
    return report.result()
  },
}

class Mailbox {
  readonly #file: PSTFile
  readonly #writer: ChildWriter
  readonly #report: Report
  readonly #folders: string[] = []
  #messages = 0

  constructor(file: PSTFile, writer: ChildWriter, report: Report) {
    this.#file = file
    this.#writer = writer
    this.#report = report
  }

  async read(): Promise<void> {
    const report = this.#report
    report.find('pst.name', this.#file.getMessageStore().displayName)
    report.find('pst.format', this.#file.pstFileType === PSTFile.PST_TYPE_ANSI ? 'ANSI' : 'Unicode')
    try {
      await this.#folder(this.#file.getRootFolder(), '', false, 0)
    } finally {
      report.find('pst.folders', this.#folders.length)
      report.find('pst.messages', this.#messages)
      report.text('contents', this.#folders.join('\n'), { contents: true })
    }
  }

  async #folder(folder: PSTFolder, above: string, deleted: boolean, depth: number): Promise<void> {
    if (depth > MOST_DEPTH) {
      this.#report.notice('too-deep', `The folder ${quoted(above)} is nested too deeply.`)
      return
    }
    const name = folder.displayName || (depth === 0 ? '' : 'unnamed')
    const path = above === '' ? name : `${above}/${name.replaceAll('/', '_')}`
    const inDeleted = deleted || DELETED.test(name)
    if (path !== '') this.#folders.push(`${path} (${folder.contentCount})`)
    await this.#messagesOf(folder, path, inDeleted)
    if (!folder.hasSubfolders) return
    for (const below of this.#guarded(
      () => folder.getSubFolders(),
      [],
      `The folders below ${quoted(path)}`,
    )) {
      await this.#folder(below, path, inDeleted, depth + 1)
    }
  }

  async #messagesOf(folder: PSTFolder, path: string, deleted: boolean): Promise<void> {
    // A folder's table of contents is read wrongly by the library where it is long (OST), and damaged ones stop it.
    // The tree of nodes names every message with its folder: that is what we follow; the count is a check.
    const nodes = this.#nodesOf(folder)
    let found = 0
    for (const [index, node] of nodes.entries()) {
      const what = `Message ${index + 1} of ${quoted(path)}`
      const message = this.#guarded(() => new PSTMessage(this.#file, node), null, what)
      if (message === null) continue
      found++
      await this.#message(message, path, deleted, index + 1)
    }
    const search = (folder.descriptorNodeId.toNumber() & NODE_TYPE) === SEARCH_NODE // shows messages of other folders
    if (found < folder.contentCount && !search) {
      const words = `The folder ${quoted(path)} says it holds ${folder.contentCount} messages; ${found} could be found.`
      this.#report.notice('broken', words)
    }
  }

  #nodesOf(folder: PSTFolder): DescriptorIndexNode[] {
    const below = this.#file.getChildDescriptorTree().get(folder.descriptorNodeId.toNumber()) ?? []
    return below.filter((node) => (node.descriptorIdentifier & NODE_TYPE) === MESSAGE_NODE)
  }

  async #message(message: PSTMessage, path: string, deleted: boolean, number: number): Promise<void> {
    const name = `${path}/${String(number).padStart(5, '0')} ${fileSubject(message)}.eml`
    const report = this.#report
    try {
      await this.#writer.add(
        name,
        composeMessage(message, (words) => report.notice('missing-attachment', `${quoted(name)}: ${words}`)),
        {
          modifiedAt: instant(message.modificationTime),
          metadata: [
            report.found('pst.folder', path),
            report.found('pst.messageClass', message.messageClass),
            report.found('pst.deleted', deleted || undefined),
            report.found('pst.nodeId', message.descriptorNodeId?.toString()),
            report.found('pst.unread', message.isRead ? undefined : true),
            report.found('pst.createdAt', instant(message.creationTime)),
            report.found('pst.receivedAt', instant(message.messageDeliveryTime)),
          ],
        },
      )
      this.#messages++
    } catch (fault) {
      if (fault instanceof LimitReached) throw fault
      report.notice('broken', `Message ${number} of ${quoted(path)} could not be read: ${reasonOf(fault)}.`)
    }
  }

  #guarded<T, O>(look: () => T, otherwise: O, what: string): T | O {
    try {
      return look()
    } catch (fault) {
      this.#report.notice('broken', `${what} could not be read: ${reasonOf(fault)}.`)
      return otherwise
    }
  }
}

function fileSubject(message: PSTMessage): string {
  return (message.subject || 'no subject')
    .replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, '_')
    .slice(0, 80)
    .trim()
}
