import type { ByteSource } from './file-bytes.ts'

/** One stream or storage of a compound file; `path` joins storage names with '/'. */
export interface OleEntry {
  readonly path: string
  readonly name: string
  readonly kind: 'storage' | 'stream' | 'root'
  readonly sizeBytes: number
  readonly clsid: string
  readonly startSector: number
  readonly modifiedAt: string | null
}

const MAGIC = 'd0cf11e0a1b11ae1'
const END = 0xfffffffa // sectors at or above it are marks, not places
const MAX_ENTRIES = 65_536
const STREAM_BYTES = 512 * 1024 ** 2

/**
 * Reader of OLE2 compound files ([MS-CFB]): directory and streams. Loops, dangling sectors and lying
 * sizes end a chain early; nothing is read twice. `damaged` says that something did not add up.
 */
export class OleFile {
  readonly entries: readonly OleEntry[]
  damaged = false
  private readonly source: ByteSource
  private readonly sectorBytes: number
  private readonly miniCutoff: number
  private readonly fat: Uint32Array
  private readonly miniFat: Uint32Array
  private readonly miniStream: Buffer

  static looksLike(head: Uint8Array): boolean {
    return Buffer.from(head.subarray(0, 8)).toString('hex') === MAGIC
  }

  constructor(source: ByteSource) {
    this.source = source
    const head = source.read(0, 512)
    if (head.length < 512 || !OleFile.looksLike(head)) throw new Error('not a compound file')
    const shift = head.readUInt16LE(30)
    if (shift !== 9 && shift !== 12) throw new Error('compound file with an impossible sector size')
    this.sectorBytes = 1 << shift
    this.miniCutoff = head.readUInt32LE(56) || 4_096
    this.fat = this.readFat(head)
    this.miniFat = words(this.chain(head.readUInt32LE(60), this.fat, this.fat.length * 4))
    this.entries = this.directory(this.chain(head.readUInt32LE(48), this.fat, MAX_ENTRIES * 128))
    const root = this.entries.find((entry) => entry.kind === 'root')
    this.miniStream =
      root === undefined ? Buffer.alloc(0) : this.chain(root.startSector, this.fat, root.sizeBytes)
  }

  /** The entry with this path, letter case aside as the format asks. */
  find(path: string): OleEntry | null {
    const wanted = path.toLowerCase()
    return this.entries.find((entry) => entry.path.toLowerCase() === wanted) ?? null
  }

  /** A stream's bytes, at most `most`; shorter than stated where the chain breaks. */
  bytes(entry: OleEntry, most = STREAM_BYTES): Buffer {
    const length = Math.min(entry.sizeBytes, most)
    if (entry.kind !== 'stream') return Buffer.alloc(0)
    const bytes =
      entry.sizeBytes < this.miniCutoff
        ? this.miniChain(entry, length)
        : this.chain(entry.startSector, this.fat, length)
    if (bytes.length < length) this.damaged = true
    return bytes
  }

  /** A stream by path, null where there is none. */
  stream(path: string): Buffer | null {
    const entry = this.find(path)
    return entry === null || entry.kind !== 'stream' ? null : this.bytes(entry)
  }

  private sectorAt(sector: number): number {
    return (sector + 1) * this.sectorBytes
  }

  private chain(first: number, fat: Uint32Array, length: number): Buffer {
    const parts: Buffer[] = []
    const most = Math.min(length, this.source.sizeBytes)
    for (let sector = first, got = 0, steps = 0; got < most && sector < END; steps++) {
      if (steps > fat.length || sector >= fat.length) {
        this.damaged = true
        break
      }
      const bytes = this.source.read(this.sectorAt(sector), this.sectorBytes)
      parts.push(bytes)
      got += bytes.length
      if (bytes.length === 0) break
      sector = fat[sector] ?? END
    }
    return Buffer.concat(parts).subarray(0, most)
  }

  private miniChain(entry: OleEntry, length: number): Buffer {
    const parts: Buffer[] = []
    for (let sector = entry.startSector, got = 0, steps = 0; got < length && sector < END; steps++) {
      if (steps > this.miniFat.length || sector >= this.miniFat.length) break
      parts.push(this.miniStream.subarray(sector * 64, sector * 64 + 64))
      got += 64
      sector = this.miniFat[sector] ?? END
    }
    return Buffer.concat(parts).subarray(0, length)
  }

  private readFat(head: Buffer): Uint32Array {
    const sectors: number[] = []
    const perSector = this.sectorBytes / 4
    for (let at = 76; at < 512; at += 4) sectors.push(head.readUInt32LE(at))
    const seen = new Set<number>()
    for (let next = head.readUInt32LE(68); next < END && !seen.has(next);) {
      seen.add(next)
      const table = words(this.source.read(this.sectorAt(next), this.sectorBytes))
      if (table.length < perSector) break
      sectors.push(...table.subarray(0, perSector - 1))
      next = table[perSector - 1] ?? END
    }
    const limit = Math.ceil(this.source.sizeBytes / this.sectorBytes / perSector) + 1
    const live = sectors.filter((sector) => sector < END).slice(0, limit)
    const tables = live.map((sector) => this.source.read(this.sectorAt(sector), this.sectorBytes))
    return words(Buffer.concat(tables))
  }

  private directory(bytes: Buffer): OleEntry[] {
    const raw = Array.from({ length: Math.floor(bytes.length / 128) }, (_, index) =>
      bytes.subarray(index * 128, index * 128 + 128),
    )
    const entries: OleEntry[] = []
    const seen = new Set<number>()
    const walk = (first: number, folder: string) => {
      const open = [first]
      while (open.length > 0) {
        const index = open.pop() ?? END
        const entry = raw[index]
        if (entry === undefined || seen.has(index) || entries.length > MAX_ENTRIES) continue
        seen.add(index)
        const read = entryOf(entry, folder)
        if (read === null) continue
        entries.push(read)
        if (read.kind !== 'root') open.push(entry.readUInt32LE(68), entry.readUInt32LE(72))
        if (read.kind !== 'stream') walk(entry.readUInt32LE(76), read.kind === 'root' ? '' : `${read.path}/`)
      }
    }
    walk(0, '')
    return entries
  }
}

const KINDS = new Map<number, OleEntry['kind']>([
  [1, 'storage'],
  [2, 'stream'],
  [5, 'root'],
])

function entryOf(bytes: Buffer, folder: string): OleEntry | null {
  const kind = KINDS.get(bytes[66] ?? 0)
  if (kind === undefined) return null
  const nameBytes = Math.max(0, Math.min(64, bytes.readUInt16LE(64)) - 2)
  const name = bytes.subarray(0, nameBytes).toString('utf16le')
  return {
    path: `${folder}${name}`,
    name,
    kind,
    sizeBytes: bytes.readUInt32LE(120),
    clsid: bytes.subarray(80, 96).toString('hex'),
    startSector: bytes.readUInt32LE(116),
    modifiedAt: fileTime(bytes.readBigUInt64LE(108)),
  }
}

/** A Windows FILETIME (100 ns since 1601, UTC) as an ISO instant; null for zero and nonsense. */
export function fileTime(ticks: bigint): string | null {
  const ms = Number(ticks / 10_000n) - 11_644_473_600_000
  return ticks === 0n || ms < -5e12 || ms > 1e13 ? null : new Date(ms).toISOString()
}

function words(bytes: Buffer): Uint32Array {
  const count = Math.floor(bytes.length / 4)
  return Uint32Array.from({ length: count }, (_, index) => bytes.readUInt32LE(index * 4))
}
