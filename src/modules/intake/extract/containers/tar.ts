import { LimitReached } from '../gather.ts'
import type { DetectedType, Extractor } from '../port.ts'
import { ChildWriter, quoted } from './children.ts'
import { Contents } from './contents.ts'
import { FileReader } from './file-reader.ts'
import { Report } from './report.ts'
import { checksumFits, readPax, readTarHeader, type TarEntry } from './tar-header.ts'

const NAME = 'tar'
const VERSION = '1.0'
const BLOCK = 512
/** Extended headers larger than this are damage, not names. */
const MOST_HEADER_BYTES = 1024 * 1024

/** TAR in all its dialects (V7, ustar, PAX, GNU); after damage it goes on at the next header that fits. */
export const tarExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.label === 'tar',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    report.find('archive.format', 'tar')
    using file = new FileReader(input.path)
    const writer = new ChildWriter(input, report)
    const contents = new Contents()
    let stopped = !writer.mayUnpack()
    for (const step of readTar(file, input.limits.maxChildren + 1)) {
      if (step.damage) report.notice('broken', step.damage)
      if (!step.entry) continue
      contents.line(step.entry.path, describe(step.entry))
      if (stopped) continue
      try {
        await keep(file, step.entry, step.dataStart, writer, report)
      } catch (fault) {
        if (!(fault instanceof LimitReached)) throw fault
        report.notice(fault.code, fault.message)
        stopped = true
      }
    }
    contents.into(report)
    return report.result()
  },
}

function describe(entry: TarEntry): string {
  if (entry.kind === 'file') return `${entry.size} bytes`
  return entry.linkTarget === '' ? entry.kind : `${entry.kind} to ${entry.linkTarget}`
}

async function keep(
  file: FileReader,
  entry: TarEntry,
  start: number,
  writer: ChildWriter,
  report: Report,
): Promise<void> {
  if (entry.kind === 'folder') return
  if (entry.kind !== 'file') {
    const to = entry.linkTarget === '' ? '' : ` to ${quoted(entry.linkTarget)}`
    const what =
      entry.kind === 'other' ? `of type ${quoted(entry.type)}, which holds no file` : `a ${entry.kind}${to}`
    report.notice(
      'link-not-followed',
      `The entry ${quoted(entry.path)} is ${what}; it was not followed or made.`,
    )
    return
  }
  const metadata = [
    report.found('archive.entry.owner', entry.owner),
    report.found('archive.entry.group', entry.group),
  ]
  const child = await writer.add(entry.path, file.chunks(start, start + entry.size), {
    modifiedAt: entry.modifiedAt,
    metadata,
  })
  if (child.sizeBytes < entry.size) {
    const words = `${child.sizeBytes} of ${entry.size} bytes are there`
    report.notice('truncated', `The archive ends inside the entry ${quoted(entry.path)}: ${words}.`)
  }
  if (entry.type === 'S')
    report.notice('unsupported', `The entry ${quoted(entry.path)} is stored sparse; its holes were left out.`)
}

interface TarStep {
  readonly entry?: TarEntry
  readonly dataStart: number
  readonly damage?: string
}

/** The entries in order. A block that is no header is damage, told once until the next header that fits. */
function* readTar(file: FileReader, most: number): Generator<TarStep> {
  const global = new Map<string, string>()
  let local = new Map<string, string>()
  let lost = 0
  for (let at = 0, seen = 0; at < file.size && seen < most;) {
    const block = file.read(at, BLOCK)
    if (block.length < BLOCK) {
      if (block.some((byte) => byte !== 0))
        yield { dataStart: at, damage: 'The archive ends inside a header.' }
      return
    }
    if (block.every((byte) => byte === 0)) {
      at += BLOCK
      continue
    }
    if (!checksumFits(block)) {
      if (lost === 0)
        yield {
          dataStart: at,
          damage: `No header stands at byte ${at}, where one should; reading went on behind it.`,
        }
      lost++
      at += BLOCK
      continue
    }
    lost = 0
    const dataStart = at + BLOCK
    const entry = readTarHeader(block, new Map([...global, ...local]))
    at = dataStart + Math.ceil(entry.size / BLOCK) * BLOCK
    if ('xgLKX'.includes(entry.type)) {
      const data = file.read(dataStart, Math.min(entry.size, MOST_HEADER_BYTES))
      local = extended(entry, data, global, local)
      continue
    }
    seen++
    local = new Map()
    const noData =
      entry.kind === 'link' ||
      entry.kind === 'hard-link' ||
      entry.kind === 'device' ||
      entry.kind === 'folder'
    if (noData && entry.type !== 'D') at = dataStart
    yield { entry, dataStart }
  }
}

/** A header about the next one (x, X, L, K) or all that follow (g): gives what now holds for the next entry. */
function extended(
  entry: TarEntry,
  data: Buffer,
  global: Map<string, string>,
  local: Map<string, string>,
): Map<string, string> {
  const next = new Map(local)
  if (entry.type === 'g') for (const [key, value] of readPax(data)) global.set(key, value)
  else if (entry.type === 'L' || entry.type === 'K') {
    const end = data.indexOf(0)
    next.set(
      entry.type === 'L' ? 'path' : 'linkpath',
      data.subarray(0, end < 0 ? data.length : end).toString('utf8'),
    )
  } else for (const [key, value] of readPax(data)) next.set(key, value)
  return next
}
