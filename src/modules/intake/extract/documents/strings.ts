import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import { OleFile } from '../ole.ts'
import type { ExtractInput, Extractor } from '../port.ts'
import { nativeObject, oleChildren } from './ole-children.ts'
import { oleProperties } from './ole-properties.ts'
import { HeldBytes } from '../file-bytes.ts'

const VERSION = '1'
const FILE_BYTES = 64 * 1024 ** 2
const MIN_RUN = 5
const MAX_CHARS = 2_000_000

/**
 * Formats without a reader of their own: readable runs in their bytes (8-bit and UTF-16), offered as a
 * lead and said to be no more; compound files also give properties and embedded objects.
 */
export const strings: Extractor = {
  name: 'strings',
  version: VERSION,
  reads: () => true,
  async extract(input) {
    const gathering = new Gathering(input, `strings ${VERSION}`)
    using file = new FileBytes(input.path)
    const bytes = file.read(0, FILE_BYTES)
    await gathering.attempt('metadata', 'The compound file is damaged', () =>
      compound(bytes, input, gathering),
    )
    if (input.type.label === 'lnk')
      gathering.notice('active-content', 'A Windows shortcut: its target was neither opened nor started.', {
        step: 'open',
      })
    if (input.type.label === 'wri') writePages(bytes, gathering)
    else readableRuns(bytes, gathering)
    if (input.type.label === 'wri') return gathering.finish()
    gathering.notice(
      'unsupported',
      `No full reader for ${input.type.label}: readable runs of its bytes are indexed as a lead, the order may be wrong.`,
      {
        retryable: true,
        lost: true,
      },
    )
    return gathering.finish()
  },
}

function compound(bytes: Buffer, _input: ExtractInput, gathering: Gathering): void {
  if (!OleFile.looksLike(bytes)) return
  const ole = new OleFile(new HeldBytes(bytes))
  oleProperties(ole, gathering)
  oleChildren(ole, gathering)
  const native = ole.stream('\u0001Ole10Native')
  if (native !== null) nativeObject(native, 'object', gathering)
}

/** Microsoft Write: text lies in one run of 8-bit characters after the first 128 bytes. */
function writePages(bytes: Buffer, gathering: Gathering): void {
  const end = bytes.length >= 18 ? bytes.readUInt32LE(14) : bytes.length
  gathering.part(
    'body',
    new TextDecoder('windows-1252').decode(bytes.subarray(128, end)).replaceAll('\r', ''),
    { body: true },
  )
}

function readableRuns(bytes: Buffer, gathering: Gathering): void {
  const eight = runs(bytes.toString('latin1'), /[\t\x20-\x7e\xa0-\xff]{5,}/g)
  gathering.part('readable bytes', new TextDecoder('windows-1252').decode(Buffer.from(eight, 'latin1')), {
    strings: 8,
  })
  const wide = [0, 1].map((shift) =>
    runs(bytes.subarray(shift, shift + ((bytes.length - shift) & ~1)).toString('utf16le'), WIDE),
  )
  gathering.part('readable UTF-16', wide.join('\n'), { strings: 16 })
}

/** Letters of one script neighbourhood, so that binary noise rarely passes for words. */
const WIDE =
  /(?:[\t\r\n\x20-\x7e\xa0-\u024f]{5,}|[\x20-\x40\u0400-\u04ff]{5,}|[\x20-\x40\u0600-\u06ff\u200c]{5,}|[\x20-\x40\u3040-\u30ff\u4e00-\u9fff]{5,})/g

function runs(text: string, pattern: RegExp): string {
  const found: string[] = []
  let size = 0
  for (const [run] of text.matchAll(pattern)) {
    if (run.trim().length < MIN_RUN || !/\p{L}{3}/u.test(run)) continue
    found.push(run.trim())
    size += run.length
    if (size > MAX_CHARS) break
  }
  return found.join('\n')
}
