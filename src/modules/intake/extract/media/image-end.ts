import type { FileReader } from '../containers/file-reader.ts'

/** What stands after a picture's own end, or that its end is missing. Undefined: the format has no clear end. */
export interface ImageEnd {
  readonly complete: boolean
  readonly trailingBytes: number
}

const MOST_STEPS = 1_000_000

/** Finds where the picture ends by walking its structure. */
export function imageEnd(file: FileReader, label: string): ImageEnd | undefined {
  const walk = {
    jpeg: jpegEnd,
    png: pngEnd,
    apng: pngEnd,
    gif: gifEnd,
    webp: riffEnd,
    bmp: bmpEnd,
    heic: boxesEnd,
    avif: boxesEnd,
    jp2: jp2End,
  }[label]
  const end = walk?.(file)
  if (end === undefined) return undefined
  if (end < 0) return { complete: false, trailingBytes: 0 }
  return { complete: end <= file.size, trailingBytes: Math.max(0, file.size - end) }
}

function pngEnd(file: FileReader): number {
  for (let at = 8, step = 0; step < MOST_STEPS; step++) {
    const head = file.read(at, 8)
    if (head.length < 8) return -1
    at += 12 + head.readUInt32BE(0)
    if (head.toString('latin1', 4) === 'IEND') return at
    if (!/^[A-Za-z]{4}$/.test(head.toString('latin1', 4))) return -1
  }
  return -1
}

function riffEnd(file: FileReader): number {
  const head = file.read(0, 8)
  return head.length < 8 ? -1 : 8 + head.readUInt32LE(4)
}

function bmpEnd(file: FileReader): number | undefined {
  const stated = file.read(2, 4)
  const size = stated.length === 4 ? stated.readUInt32LE(0) : 0
  return size < 26 ? undefined : size
}

/** ISO boxes (HEIC, AVIF): one after the other; a last box of length 0 reaches to the end. */
function boxesEnd(file: FileReader): number | undefined {
  let at = 0
  for (let step = 0; at < file.size && step < MOST_STEPS; step++) {
    const head = file.read(at, 16)
    if (head.length < 8 || !/^[\x20-\x7e\xa9]{4}$/.test(head.toString('latin1', 4, 8))) return at
    const short = head.readUInt32BE(0)
    if (short === 0) return file.size
    const size = short === 1 && head.length === 16 ? Number(head.readBigUInt64BE(8)) : short
    if (size < 8) return undefined
    at += size
  }
  return at
}

/** JPEG 2000: boxes, and where the codestream reaches to the end, its end mark. */
function jp2End(file: FileReader): number | undefined {
  const end = boxesEnd(file)
  if (end !== file.size) return end
  const mark = file.read(file.size - 2, 2)
  return mark[0] === 0xff && mark[1] === 0xd9 ? end : -1
}

/** Markers up to the scan; then the data until a marker that is no restart; pictures in between (MPF) belong to the file. */
function jpegEnd(file: FileReader): number {
  let at = 2
  for (let step = 0; step < MOST_STEPS; step++) {
    const head = file.read(at, 4)
    if (head.length < 2) return -1
    if (head[0] !== 0xff) {
      at = nextMarker(file, at)
      if (at < 0) return -1
      continue
    }
    const marker = head[1] ?? 0
    if (marker === 0xd9) return at + 2
    if (marker === 0xff) at += 1
    else if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else if (head.length < 4) return -1
    else {
      at += 2 + head.readUInt16BE(2)
      if (marker === 0xda) {
        at = nextMarker(file, at)
        if (at < 0) return -1
      }
    }
  }
  return -1
}

/** The next FF that begins a marker: not stuffing (00), not a restart (D0–D7). */
function nextMarker(file: FileReader, from: number): number {
  for (let at = from; at < file.size;) {
    const window = file.read(at, 262_144)
    for (
      let index = window.indexOf(0xff);
      index >= 0 && index < window.length - 1;
      index = window.indexOf(0xff, index + 1)
    ) {
      const marker = window[index + 1] ?? 0
      if (marker !== 0 && marker !== 0xff && (marker < 0xd0 || marker > 0xd7)) return at + index
    }
    at += Math.max(1, window.length - 1)
    if (window.length < 2) return -1
  }
  return -1
}

function gifEnd(file: FileReader): number {
  const head = file.read(0, 13)
  if (head.length < 13) return -1
  let at = 13 + tableBytes(head[10] ?? 0)
  for (let step = 0; step < MOST_STEPS; step++) {
    const kind = file.read(at, 1)[0]
    if (kind === 0x3b) return at + 1
    if (kind === 0x21) at = blocksEnd(file, at + 2)
    else if (kind === 0x2c) at = blocksEnd(file, at + 11 + tableBytes(file.read(at + 9, 1)[0] ?? 0))
    else return -1
    if (at < 0) return -1
  }
  return -1
}

const tableBytes = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

function blocksEnd(file: FileReader, from: number): number {
  for (let at = from, step = 0; step < MOST_STEPS; step++) {
    const length = file.read(at, 1)[0]
    if (length === undefined) return -1
    at += length + 1
    if (length === 0) return at
  }
  return -1
}
