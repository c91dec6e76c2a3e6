import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, type Transform } from 'node:stream'
import { constants, crc32, createGunzip, createZstdDecompress } from 'node:zlib'
import { LimitReached, reasonOf } from '../gather.ts'
import type { DetectedType, ExtractInput, Extractor } from '../port.ts'
import { ChildWriter } from './children.ts'
import { FileReader } from './file-reader.ts'
import { readGzipHeader } from './gzip-header.ts'
import { lz4Chunks } from './lz4.ts'
import { Report } from './report.ts'
import { unpackWithSevenZip } from './seven-zip-unpack.ts'

const NAME = 'compressed-file'
const VERSION = '1.0'

/** Label → the extensions that name the packed file; what remains of the name is the inner name. */
const FORMATS: Readonly<Record<string, RegExp>> = {
  gz: /\.(t?gz|gzip|z)$/i,
  bz2: /\.(t?bz2?|tbz)$/i,
  xz: /\.(t?xz)$/i,
  zst: /\.(t?zst|zstd)$/i,
  lz: /\.(t?lz|lzip)$/i,
  lz4: /\.lz4$/i,
  lzma: /\.(t?lzma)$/i,
  z: /\.(t?z|taz)$/i,
}
const SAME: Readonly<Record<string, string>> = {
  gzip: 'gz',
  bzip2: 'bz2',
  zstd: 'zst',
  zstandard: 'zst',
  lzip: 'lz',
  compress: 'z',
  'tar.gz': 'gz',
  'tar.bz2': 'bz2',
  'tar.xz': 'xz',
  'tar.zst': 'zst',
  'tar.lz': 'lz',
  'tar.z': 'z',
  tgz: 'gz',
}
/** 7-Zip's names, given so that it does not look inside for another archive. */
const SEVEN_ZIP_TYPES: Readonly<Record<string, string>> = { bz2: 'bzip2', xz: 'xz', lzma: 'lzma', z: 'Z' }
const formatOf = (type: DetectedType): string => SAME[type.label.toLowerCase()] ?? type.label.toLowerCase()

/** One compressed file (gzip, bzip2, xz, Zstandard, lzip, LZ4, LZMA, compress): its content is the one child. */
export const singleStreamExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => formatOf(type) in FORMATS,
  async extract(input) {
    const report = new Report(NAME, VERSION)
    const format = formatOf(input.type)
    report.find('archive.format', format)
    const writer = new ChildWriter(input, report)
    if (!writer.mayUnpack()) return report.result()
    try {
      if (format === 'gz' || format === 'zst' || format === 'lz4')
        await streamed(input, format, writer, report)
      else await throughSevenZip(input, format, writer, report)
    } catch (fault) {
      if (!(fault instanceof LimitReached)) throw fault
      report.notice(fault.code, fault.message)
    }
    return report.result()
  },
}

/** 'report.csv.gz' → 'report.csv'; 'a.tgz' → 'a.tar'; a name that says nothing → the same name. */
export function innerName(name: string, format: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? 'content'
  const extension = FORMATS[format]
  if (!extension?.test(last)) return `${last}.content`
  const stem = last.replace(extension, '')
  return (/\.(t(gz|bz2?|xz|zst|lz|lzma)|taz)$/i.test(last) ? `${stem}.tar` : stem) || 'content'
}

async function streamed(
  input: ExtractInput,
  format: string,
  writer: ChildWriter,
  report: Report,
): Promise<void> {
  using file = new FileReader(input.path)
  const header = format === 'gz' ? readGzipHeader(file.read(0, 65_536)) : undefined
  report.find('archive.entry.comment', header?.comment)
  const name = header?.name ?? innerName(input.name, format)
  report.text('contents', name, { contents: true })
  const chunks = format === 'lz4' ? lz4Chunks(file) : decompressed(file, format)
  const keepPartial = (fault: unknown): boolean => {
    report.notice(
      'truncated',
      `The compressed data ends early or is damaged; what came before was kept (${reasonOf(fault)}).`,
    )
    return true
  }
  try {
    await writer.add(name, chunks, { modifiedAt: header?.modifiedAt }, keepPartial)
  } catch (fault) {
    if (fault instanceof LimitReached) throw fault
    report.notice('broken', `The compressed data could not be read: ${reasonOf(fault)}.`)
  }
}

/** Gives what was decompressed before damage, then throws the damage. */
async function* decompressed(file: FileReader, format: string): AsyncGenerator<Uint8Array> {
  const stream =
    format === 'gz' ? createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }) : createZstdDecompress()
  let sum = 0
  for await (const chunk of through(file, stream)) {
    sum = crc32(chunk, sum)
    yield chunk
  }
  if (format !== 'gz') return
  const trailer = file.read(file.size - 8, 8)
  // One whole member ends with the checksum of everything. Several members, or a cut, are told apart by a strict pass.
  if (trailer.length === 8 && trailer.readUInt32LE(0) === sum) return
  for await (const _chunk of through(file, createGunzip()));
}

function through(file: FileReader, stream: Transform): AsyncIterable<Uint8Array> {
  return Readable.from(file.chunks()).pipe(stream) as AsyncIterable<Uint8Array>
}

async function throughSevenZip(
  input: ExtractInput,
  format: string,
  writer: ChildWriter,
  report: Report,
): Promise<void> {
  const name = innerName(input.name, format)
  report.text('contents', name, { contents: true })
  const path = format === 'lz' ? lzipAsLzma(input) : input.path
  const type = format === 'lz' ? 'lzma' : SEVEN_ZIP_TYPES[format]
  const order = { want: () => true, facts: () => ({}), rename: () => name, path, type }
  const outcome = await unpackWithSevenZip(input, writer, report, order).finally(() => {
    if (path !== input.path) rmSync(path, { force: true })
  })
  if (outcome.written.length === 0) {
    report.notice('broken', 'The compressed data is damaged; nothing could be read.')
  } else if (outcome.errors.length > 0) {
    report.notice('truncated', 'The compressed data is damaged or ends early; what came before was kept.')
  }
}

/**
 * lzip is an LZMA stream in a frame of its own; 7-Zip reads the older .lzma frame, so the first member is
 * framed anew (lc 3, lp 0, pb 2, as lzip fixes them). Source: RFC draft-diaz-lzip.
 */
function lzipAsLzma(input: ExtractInput): string {
  using file = new FileReader(input.path)
  const head = file.read(0, 6)
  const coded = head[5] ?? 12
  const dictionary = 2 ** Math.min(coded & 31, 29) // rounded up: 7-Zip takes powers of two only
  const trailer = file.read(file.size - 20, 20)
  const frame = Buffer.alloc(13)
  frame[0] = 0x5d
  frame.writeUInt32LE(dictionary >>> 0, 1)
  if (trailer.length === 20) trailer.copy(frame, 5, 4, 12)
  const path = join(input.workFolder, 'lzip-as.lzma')
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    writeSync(descriptor, frame)
    for (const chunk of file.chunks(6, file.size - 20)) writeSync(descriptor, chunk)
  } finally {
    closeSync(descriptor)
  }
  return path
}
