import type { FileReader } from './file-reader.ts'

const AES_CODEC = Buffer.from('06f10701', 'hex')
const MOST_HEADER_BYTES = 64 * 1024

/**
 * True where an archive's own headers say that its list of contents is encrypted. 7-Zip does not always
 * say so: with a wrong password the list may look like damage to it.
 */
export function hasLockedList(file: FileReader): boolean {
  const start = file.read(0, 64)
  if (start.subarray(0, 6).toString('hex') === '377abcaf271c') return lockedSevenZip(file, start)
  if (start.subarray(0, 8).toString('hex') === '526172211a070100') return lockedRar5(start)
  const rar4 = start.subarray(0, 7).toString('hex') === '526172211a0700' && start.length >= 12
  return rar4 && start[9] === 0x73 && (start.readUInt16LE(10) & 0x80) !== 0
}

/** An encoded header (0x17) whose coder is AES. */
function lockedSevenZip(file: FileReader, start: Buffer): boolean {
  if (start.length < 32) return false
  const offset = 32 + Number(start.readBigUInt64LE(12))
  const header = file.read(offset, Math.min(MOST_HEADER_BYTES, Number(start.readBigUInt64LE(20))))
  return header[0] === 0x17 && header.includes(AES_CODEC)
}

/** The first block is of type 4, the archive encryption header. Sizes and types are variable-length numbers. */
function lockedRar5(start: Buffer): boolean {
  let at = 12
  while (((start[at] ?? 0) & 0x80) !== 0 && at < 20) at++
  return start[at + 1] === 4
}
