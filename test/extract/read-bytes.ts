import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import {
  DEFAULT_LIMITS,
  type DetectedType,
  type ExtractResult,
  type Limits,
} from '../../src/modules/intake/extract/port.ts'
import { detect, extractorFor } from '../../src/modules/intake/extract/registry.ts'

export interface Read {
  readonly type: DetectedType
  readonly result: ExtractResult
  /** All text, parts joined by line ends. */
  readonly text: string
  /** Codes of all notices. */
  readonly codes: readonly string[]
  /** Children's bytes by path. */
  readonly children: Readonly<Record<string, Buffer>>
  /** The first value found under a name. */
  found(name: string): unknown
}

/** Detects and reads bytes in this process, as a worker would. */
export async function readBytes(
  name: string,
  bytes: Uint8Array,
  more: { passwords?: string[]; limits?: Partial<Limits> } = {},
): Promise<Read> {
  const folder = mkdtempSync(join(tmpdir(), 'extract-bytes-'))
  try {
    const path = join(folder, 'file')
    const workFolder = join(folder, 'work')
    writeFileSync(path, bytes)
    mkdirSync(workFolder)
    const type = await detect(path, name)
    const extractor = await extractorFor(type)
    if (extractor === null) throw new Error(`no reader for ${type.label}`)
    const limits = { ...DEFAULT_LIMITS, ...more.limits }
    const result = await extractor.extract({
      path,
      name,
      sizeBytes: bytes.length,
      type,
      passwords: more.passwords ?? [],
      limits,
      workFolder,
    })
    const children = Object.fromEntries(
      result.children.map((child) => [child.path, readFileSync(child.file)]),
    )
    const found = (wanted: string) => result.metadata.find((one) => one.name === wanted)?.value
    return {
      type,
      result,
      text: result.parts.map((part) => part.text).join('\n'),
      codes: result.notices.map((notice) => notice.code),
      children,
      found,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A ZIP of the given members, in order; names may repeat. `lie` replaces the stated unpacked size. */
export function zipOf(
  members: readonly (readonly [name: string, content: string | Uint8Array])[],
  lie?: number,
): Buffer {
  const locals: Buffer[] = []
  const listing: Buffer[] = []
  let offset = 0
  for (const [name, content] of members) {
    const data = Buffer.from(content as string)
    const packed = deflateRawSync(data)
    const fixed = Buffer.alloc(22)
    fixed.writeUInt16LE(20, 0)
    fixed.writeUInt16LE(0x800, 2)
    fixed.writeUInt16LE(8, 4)
    fixed.writeUInt32LE(crc32(data), 10)
    fixed.writeUInt32LE(packed.length, 14)
    fixed.writeUInt32LE(lie ?? data.length, 18)
    const named = Buffer.from(name, 'utf8')
    const lengths = Buffer.alloc(4)
    lengths.writeUInt16LE(named.length, 0)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fixed, lengths, named, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    listing.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), fixed, lengths, rest, named]),
    )
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(listing)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 0, 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, central, end])
}

const TYPES = 'http://schemas.openxmlformats.org/package/2006/content-types'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** Relationships of a part: id, kind, target. */
export function relations(
  ...all: readonly (readonly [id: string, type: string, target: string, mode?: string])[]
): string {
  const each = all.map(
    ([id, type, target, mode]) =>
      `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"${mode === undefined ? '' : ` TargetMode="${mode}"`}/>`,
  )
  return `<Relationships>${each.join('')}</Relationships>`
}

/** A Word package with this body, and further parts. */
export function docxOf(body: string, more: readonly (readonly [string, string])[] = [], prolog = ''): Buffer {
  return zipOf([
    [
      '[Content_Types].xml',
      `<Types xmlns="${TYPES}"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    ],
    ['_rels/.rels', relations(['r1', 'officeDocument', 'word/document.xml'])],
    [
      'word/document.xml',
      `<?xml version="1.0" encoding="UTF-8"?>${prolog}<w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`,
    ],
    ...more,
  ])
}
