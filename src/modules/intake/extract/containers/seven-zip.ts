import { LimitReached } from '../gather.ts'
import type { DetectedType, ExtractInput, Extractor } from '../port.ts'
import { ChildWriter, quoted } from './children.ts'
import { Contents } from './contents.ts'
import { FileReader } from './file-reader.ts'
import { hasLockedList } from './locked-list.ts'
import { Report } from './report.ts'
import { listWithSevenZip, type SevenZipEntry, type SevenZipListing } from './seven-zip-list.ts'
import { unpackWithSevenZip } from './seven-zip-unpack.ts'

const NAME = '7-zip'
const VERSION = '24.09'
const LABELS = new Set(
  (
    '7z rar cab iso udf arj lzh lha cpio ar deb rpm wim xar msi ' +
    'dmg squashfs vhd vhdx vmdk qcow qcow2 vdi cramfs'
  ).split(' '),
)

/** Archives and disk images that 7-Zip reads: listed, then unpacked inside the limits, with each password in turn. */
export const sevenZipExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => LABELS.has(type.label),
  async extract(input) {
    const report = new Report(NAME, VERSION)
    const { listing, password } = await openList(input)
    report.find('archive.format', listing.format?.toLowerCase())
    report.find('archive.comment', listing.comment)
    if (listing.locked || !listing.format) return refuse(input, listing, report)
    list(listing, report)
    const writer = new ChildWriter(input, report)
    if (writer.mayUnpack()) await unpack(input, listing, writer, report, password)
    return report.result()
  },
}

/** The listing, opened with the first password that fits where the list itself is locked. */
async function openList(input: ExtractInput): Promise<{ listing: SevenZipListing; password?: string }> {
  const first = await listWithSevenZip(input.path)
  using file = new FileReader(input.path)
  const plain = { ...first, locked: first.locked || (first.format === undefined && hasLockedList(file)) }
  if (!plain.locked) return { listing: plain }
  for (const password of input.passwords) {
    const listing = await listWithSevenZip(input.path, password)
    // A wrong password may also look like damage.
    if (!listing.locked && listing.format !== undefined && listing.errors.length === 0)
      return { listing, password }
  }
  return { listing: plain }
}

function refuse(input: ExtractInput, listing: SevenZipListing, report: Report): ReturnType<Report['result']> {
  if (listing.locked) {
    const tried = input.passwords.length > 0 ? ' No password given opens it.' : ''
    const words = `The archive is encrypted, its list of contents too.${tried} Give its password and try again.`
    report.find('archive.encrypted', true)
    report.notice('encrypted', words, { retryable: true, step: 'open' })
  } else {
    const said = listing.errors.length > 0 ? ` (${listing.errors.join('; ').slice(0, 200)})` : ''
    report.notice('broken', `The archive could not be opened${said}.`, { step: 'open' })
  }
  return report.result('unread')
}

function list(listing: SevenZipListing, report: Report): void {
  const contents = new Contents()
  let locked = 0
  for (const entry of listing.entries) {
    if (entry.encrypted) locked++
    contents.line(entry.path, remark(entry))
    if (entry.linkTarget) {
      const words = `The entry ${quoted(entry.path)} is a link to ${quoted(entry.linkTarget)}; it was not followed.`
      report.notice('link-not-followed', words)
    }
  }
  if (locked > 0) report.find('archive.encryptedEntries', locked)
  contents.into(report)
  if (listing.volumes) {
    report.notice(
      'incomplete-set',
      'This archive is one volume of several; entries that reach into another volume are cut.',
    )
  }
}

function remark(entry: SevenZipEntry): string {
  if (entry.isFolder) return 'folder'
  return `${entry.size ?? '?'} bytes${entry.encrypted ? ', locked' : ''}`
}

async function unpack(
  input: ExtractInput,
  listing: SevenZipListing,
  writer: ChildWriter,
  report: Report,
  password: string | undefined,
): Promise<void> {
  const times = new Map(listing.entries.map((entry) => [entry.path, entry]))
  const links = new Set(listing.entries.filter((entry) => entry.linkTarget).map((entry) => entry.path))
  const encrypted = listing.entries.some((entry) => entry.encrypted)
  const order = {
    want: (path: string): boolean => !links.has(path),
    facts: (path: string) => ({ modifiedAt: times.get(path)?.modifiedAt }),
  }
  try {
    for (const attempt of encrypted && password === undefined
      ? [...input.passwords, undefined]
      : [password]) {
      const outcome = await unpackWithSevenZip(input, writer, report, { ...order, password: attempt })
      if (outcome.locked && attempt !== undefined && attempt !== password) continue
      tellErrors(input, listing, outcome, report)
      return
    }
  } catch (fault) {
    if (!(fault instanceof LimitReached)) throw fault
    report.notice(fault.code, fault.message)
  }
}

function tellErrors(
  input: ExtractInput,
  listing: SevenZipListing,
  outcome: { errors: readonly string[]; locked: boolean },
  report: Report,
): void {
  if (outcome.locked) {
    const locked = listing.entries.filter((entry) => entry.encrypted).length
    const tried = input.passwords.length > 0 ? ' and no password given opens them' : ''
    const words = `${locked} entries are encrypted${tried}. Give the password and try again.`
    report.notice('encrypted', words, { retryable: true })
    return
  }
  tellDamage([...listing.errors, ...outcome.errors], report)
}

/** Tells each thing 7-Zip complains of once; its headlines without a reason only where nothing else is said. */
export function tellDamage(errors: readonly string[], report: Report): void {
  const said = new Set(errors.map(plain))
  if (said.size > 1) said.delete('')
  for (const error of said) {
    const words = error === '' ? '' : `: ${error}`
    report.notice('broken', `The archive is damaged${words}. What could be read was kept.`)
  }
}

/** 7-Zip's line without its own working path. */
function plain(error: string): string {
  return error
    .replace(/^(ERRORS?|WARNINGS?|Open ERROR)\s*:?\s*/, '')
    .replaceAll(/\/(in|out)\/\S*/g, '')
    .trim()
}
