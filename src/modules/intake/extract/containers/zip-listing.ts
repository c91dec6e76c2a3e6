import { FileReader } from './file-reader.ts'
import { CENTRAL_SIGNATURE, LOCAL_SIGNATURE, localHeaderAt, readCentral, type ZipEntry } from './zip-entry.ts'
import { decodeName } from './code-page-437.ts'

export interface ZipListing {
  readonly entries: readonly ZipEntry[]
  readonly comment: string
  /** Damage of the archive as a whole, in words. */
  readonly damage: readonly string[]
  /** Entries that no central directory names, found by their local headers. */
  readonly salvaged: number
  /** Bytes in front of the first entry that belong to no entry. */
  readonly prefixBytes: number
  readonly otherDisks: boolean
}

interface Directory {
  readonly offset: number
  readonly count: number
  readonly comment: string
  readonly base: number
  readonly otherDisks: boolean
  readonly damage: string[]
}

const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1')
const HEADER_WINDOW = 46 + 3 * 0xffff
const DIRECTORY_CHUNK = 4 * 1024 * 1024

/**
 * Lists a ZIP by its central directory and, where that is damaged or missing, by the local headers.
 *
 * `most`: entries after which listing stops, so that a false count costs nothing.
 */
export function listZip(file: FileReader, most: number): ZipListing {
  const directory = findDirectory(file)
  if (!directory) return salvage(file, [], ['the list of contents at the end is missing'], most)
  const { entries, damage } = readDirectory(file, directory, most)
  const all = [...directory.damage, ...damage]
  const prefixBytes = directory.base
  const found = { entries, comment: directory.comment, damage: all, salvaged: 0, prefixBytes }
  if (damage.length === 0) return { ...found, otherDisks: directory.otherDisks }
  const saved = salvage(file, entries, all, most)
  return { ...saved, comment: directory.comment, otherDisks: directory.otherDisks, prefixBytes }
}

function findDirectory(file: FileReader): Directory | undefined {
  const tail = file.read(Math.max(0, file.size - 0xffff - 22), 0xffff + 22)
  const tailStart = file.size - tail.length
  for (
    let at = tail.lastIndexOf(END_SIGNATURE);
    at >= 0;
    at = at > 0 ? tail.lastIndexOf(END_SIGNATURE, at - 1) : -1
  ) {
    if (at + 22 <= tail.length) return readEnd(file, tail.subarray(at), tailStart + at)
  }
  return undefined
}

function readEnd(file: FileReader, end: Buffer, position: number): Directory {
  const damage: string[] = []
  const commentLength = end.readUInt16LE(20)
  if (commentLength !== end.length - 22) damage.push('the length of the archive comment is wrong')
  const comment = decodeName(end.subarray(22, 22 + commentLength)).name
  const disk = end.readUInt16LE(4)
  let [count, size, offset] = [end.readUInt16LE(10), end.readUInt32LE(12), end.readUInt32LE(16)]
  let directoryEnd = position
  const locator = file.read(position - 20, 20)
  if (locator.length === 20 && locator.readUInt32LE(0) === 0x07064b50) {
    const wide = readWideEnd(file, locator, position - 20)
    if (!wide) damage.push('the 64-bit list of contents is damaged')
    else [count, size, offset, directoryEnd] = [wide.count, wide.size, wide.offset, wide.position]
  }
  const base = startsEntry(file, offset, count) ? 0 : Math.max(0, directoryEnd - size - offset)
  return { offset: offset + base, count, comment, base, otherDisks: disk !== 0 && disk !== 0xffff, damage }
}

/** The ZIP64 end record; where data was put in front of the archive it stands just before its locator. */
function readWideEnd(
  file: FileReader,
  locator: Buffer,
  locatorPosition: number,
): { count: number; size: number; offset: number; position: number } | undefined {
  const stated = Number(locator.readBigUInt64LE(8))
  for (const position of [stated, locatorPosition - 56]) {
    const record = file.read(position, 56)
    if (record.length < 56 || record.readUInt32LE(0) !== 0x06064b50) continue
    const [count, size, offset] = [32, 40, 48].map((at) => Number(record.readBigUInt64LE(at)))
    return { count: count ?? 0, size: size ?? 0, offset: offset ?? 0, position }
  }
  return undefined
}

function startsEntry(file: FileReader, offset: number, count: number): boolean {
  return count === 0 || file.read(offset, 4).equals(CENTRAL_SIGNATURE)
}

function readDirectory(
  file: FileReader,
  directory: Directory,
  most: number,
): { entries: ZipEntry[]; damage: string[] } {
  const entries: ZipEntry[] = []
  const damage: string[] = []
  let window = file.read(directory.offset, DIRECTORY_CHUNK)
  let windowStart = directory.offset
  let at = directory.offset
  while (entries.length < directory.count && entries.length < most) {
    if (at - windowStart + HEADER_WINDOW > window.length && windowStart + window.length < file.size) {
      window = file.read(at, DIRECTORY_CHUNK)
      windowStart = at
    }
    const read = readCentral(window.subarray(at - windowStart))
    if (!read) {
      damage.push(`the list of contents is damaged after ${entries.length} of ${directory.count} entries`)
      break
    }
    const { entry } = read
    entries.push(directory.base > 0 ? { ...entry, headerOffset: entry.headerOffset + directory.base } : entry)
    at += read.length
  }
  return { entries, damage }
}

/** Adds entries whose local headers no directory entry points to. Sizes behind the data are worked out from what follows. */
function salvage(file: FileReader, known: readonly ZipEntry[], damage: string[], most: number): ZipListing {
  const offsets = new Set(known.map((entry) => entry.headerOffset))
  const entries = [...known]
  let at = file.find(LOCAL_SIGNATURE, 0)
  const prefixBytes = Math.max(0, at)
  while (at >= 0 && entries.length < most) {
    const read = localHeaderAt(file, at)
    if (!read) break
    let next = file.find(LOCAL_SIGNATURE, at + 4)
    if (!offsets.has(at)) {
      const entry = read.entry.sizesUnknown ? bounded(file, read, next) : read.entry
      entries.push(entry)
      const end = read.dataStart + entry.compressedSize
      if (next >= 0 && next < end && end < file.size) next = file.find(LOCAL_SIGNATURE, end)
    }
    at = next
  }
  const salvaged = entries.length - known.length
  return { entries, comment: '', damage, salvaged, prefixBytes, otherDisks: false }
}

function bounded(file: FileReader, read: { entry: ZipEntry; dataStart: number }, next: number): ZipEntry {
  const until = next >= 0 ? next : file.size
  const descriptor = file.find(Buffer.from('PK\x07\x08', 'latin1'), read.dataStart, until)
  if (descriptor < 0) return { ...read.entry, compressedSize: until - read.dataStart }
  const sizes = file.read(descriptor, 16)
  const compressedSize = descriptor - read.dataStart
  if (sizes.length < 16) return { ...read.entry, compressedSize }
  const [crc, size] = [sizes.readUInt32LE(4), sizes.readUInt32LE(12)]
  return { ...read.entry, compressedSize, size, crc, sizesUnknown: false }
}
