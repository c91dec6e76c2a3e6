import { basename, dirname } from 'node:path'
import { startSevenZip } from './seven-zip-module.ts'

export interface SevenZipEntry {
  readonly path: string
  readonly size: number | undefined
  readonly modifiedAt?: string
  readonly isFolder: boolean
  readonly encrypted: boolean
  readonly linkTarget?: string
}

export interface SevenZipListing {
  /** 7-Zip's word: '7z', 'Rar5', 'Cab', 'Iso'…; undefined where it opens nothing. */
  readonly format: string | undefined
  readonly entries: readonly SevenZipEntry[]
  /** What 7-Zip says is wrong, in its words. */
  readonly errors: readonly string[]
  /** The list itself is encrypted and no password given opens it. */
  readonly locked: boolean
  readonly comment: string
  readonly volumes: boolean
}

/** A password nobody chose: given so that 7-Zip never asks for one. */
const NO_PASSWORD = '\u{10ffff}'
/** Formats whose times are UTC; the others state local time of an unknown place. */
const UTC_FORMATS = new Set([
  '7z',
  'Rar5',
  'wim',
  'Cpio',
  'Iso',
  'Udf',
  'Xar',
  'Ext',
  'NTFS',
  'HFS',
  'APFS',
  'SquashFS',
  'Ar',
  'Rpm',
])

export const passwordSwitch = (password: string | undefined): string => `-p${password ?? NO_PASSWORD}`

/** Lists what 7-Zip sees in a file. `password` opens encrypted lists. */
export async function listWithSevenZip(path: string, password?: string): Promise<SevenZipListing> {
  const seven = await startSevenZip(dirname(path))
  seven.run(['l', '-slt', '-sccUTF-8', passwordSwitch(password), '--', `/in/${basename(path)}`])
  return parseListing(seven.lines)
}

/** Reads the output of `7z l -slt`: a head of properties after '--', then a block for each entry after a dashed line. */
export function parseListing(lines: readonly string[]): SevenZipListing {
  const begin = lines.findIndex((line) => line.startsWith('----------'))
  const head = fields(lines.slice(0, begin < 0 ? lines.length : begin))
  const errors = lines.filter(isError).map((line) => line.trim())
  const locked = errors.some((line) => /encrypted archive|wrong password/i.test(line))
  const format = head.get('Type')
  const entries: SevenZipEntry[] = []
  if (begin >= 0) {
    for (const block of blocks(lines.slice(begin + 1))) {
      const entry = entryOf(fields(block), format ?? '')
      if (entry) entries.push(entry)
    }
  }
  const volumes = head.get('Multivolume') === '+' || Number(head.get('Volumes') ?? '1') > 1
  return { format, entries, errors: errors.slice(0, 20), locked, comment: head.get('Comment') ?? '', volumes }
}

function isError(line: string): boolean {
  return (
    /^\s*(ERROR|ERRORS|WARNING|WARNINGS|Open ERROR)\b.*:?/.test(line) ||
    /^(Headers Error|Unexpected end|There are data after|Cannot open|Is not archive|Unavailable)/.test(line)
  )
}

function fields(lines: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of lines) {
    const at = line.indexOf(' = ')
    if (at > 0) found.set(line.slice(0, at), line.slice(at + 3))
    else if (line.endsWith(' =')) found.set(line.slice(0, -2), '')
  }
  return found
}

function* blocks(lines: readonly string[]): Generator<readonly string[]> {
  let block: string[] = []
  for (const line of lines) {
    if (line.startsWith('Path = ') && block.length > 0) {
      yield block
      block = []
    }
    block.push(line)
  }
  if (block.length > 0) yield block
}

function entryOf(found: Map<string, string>, format: string): SevenZipEntry | undefined {
  const path = found.get('Path')
  if (path === undefined) return undefined
  const size = found.get('Size')
  const attributes = found.get('Attributes') ?? ''
  const link = found.get('Symbolic Link') || found.get('Hard Link') || undefined
  const modifiedAt = timeOf(found.get('Modified') ?? '', format)
  return {
    path,
    size: size === undefined || size === '' ? undefined : Number(size),
    isFolder: found.get('Folder') === '+' || attributes.startsWith('D'),
    encrypted: found.get('Encrypted') === '+',
    ...(modifiedAt ? { modifiedAt } : {}),
    ...(link ? { linkTarget: link } : {}),
  }
}

/** 7-Zip prints local time of this machine; formats that keep UTC are turned back into it. */
function timeOf(written: string, format: string): string | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)/.exec(written)
  if (!match) return undefined
  const local = `${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}`
  if (!UTC_FORMATS.has(format)) return local
  const instant = new Date(local)
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString()
}
