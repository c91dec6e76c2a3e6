import { reasonOf } from '../gather.ts'
import type { DetectedType, Extractor, ExtractResult } from '../port.ts'
import { readEwf2 } from './ewf2.ts'
import { ewfSections, readEwfHashes, readEwfHeader, readEwfVolume, type EwfSection } from './ewf-format.ts'
import { FileReader } from './file-reader.ts'
import { Report } from './report.ts'
import { segmentOf } from './segment-sets.ts'

const NAME = 'disk-image'
const VERSION = '1.0'
const MEDIA_TYPES: Readonly<Record<number, string>> = {
  0: 'removable',
  1: 'fixed',
  3: 'optical',
  14: 'logical files',
  16: 'memory',
}

/** EWF segment files (E01, L01, s01, Ex01, Lx01): header, medium and stored hashes. The image itself is kept, not unpacked. */
export const ewfExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => ['e01', 'l01', 's01', 'ex01', 'lx01'].includes(type.label),
  extract: (input) => Promise.resolve(readEwfFile(input.path, input.name)),
}

/** One segment file by itself. */
export function readEwfFile(path: string, name: string): ExtractResult {
  const report = new Report(NAME, VERSION)
  using file = new FileReader(path)
  const signature = file.read(0, 4).toString('latin1')
  if (signature === 'EVF2' || signature === 'LEF2') readEwf2(file, report)
  else readEwf1(file, name, report)
  return report.result()
}

function readEwf1(file: FileReader, name: string, report: Report): void {
  const start = file.read(0, 13)
  if (start.length < 13) {
    report.notice('truncated', 'The segment ends inside its first bytes.', { step: 'open' })
    return
  }
  const number = start.readUInt16LE(9)
  report.find('ewf.format', start.toString('latin1', 0, 3) === 'LVF' ? 'L01' : 'E01')
  report.find('ewf.segment', number)
  const named = segmentOf(name)
  if (named && named.number !== number) {
    report.notice('broken', `The name says segment ${named.number}, the file says ${number}.`, {
      step: 'open',
    })
  }
  const work = new Segment(file, report)
  for (const section of ewfSections(file)) work.take(section)
  work.finish(number)
}

class Segment {
  readonly #file: FileReader
  readonly #report: Report
  readonly #seen = new Set<string>()
  readonly #values = new Map<string, string>()
  #damaged = 0

  constructor(file: FileReader, report: Report) {
    this.#file = file
    this.#report = report
  }

  take(section: EwfSection): void {
    if (!section.checksumFits) this.#damaged++
    this.#seen.add(section.type)
    try {
      if (section.type === 'header' || section.type === 'header2') {
        for (const [key, value] of readEwfHeader(this.#file, section)) {
          // header2 comes first and is Unicode: what header repeats in 8 bits adds nothing.
          if (!this.#values.has(key)) this.#values.set(key, value)
        }
      } else if (section.type === 'volume' || section.type === 'disk') this.#volume(section)
      else if (section.type === 'hash' || section.type === 'digest') {
        for (const [key, value] of Object.entries(readEwfHashes(this.#file, section)))
          this.#values.set(`stored.${key}`, value)
      } else if (section.type === 'error2') this.#report.find('ewf.acquisitionErrors', true)
    } catch (fault) {
      this.#report.notice('broken', `The section "${section.type}" could not be read: ${reasonOf(fault)}.`, {
        step: 'metadata',
      })
    }
  }

  #volume(section: EwfSection): void {
    const volume = readEwfVolume(this.#file, section)
    if (!volume) return
    const report = this.#report
    report.find('ewf.mediaType', MEDIA_TYPES[volume.mediaType] ?? volume.mediaType)
    report.find('ewf.physical', (volume.mediaFlags & 2) !== 0)
    report.find('ewf.bytesPerSector', volume.bytesPerSector)
    report.find('ewf.sectors', volume.sectorCount)
    report.find('ewf.mediaBytes', volume.sectorCount * volume.bytesPerSector)
    report.find('ewf.chunkBytes', volume.sectorsPerChunk * volume.bytesPerSector)
    report.find('ewf.setId', volume.setId)
  }

  finish(number: number): void {
    const report = this.#report
    const lines: string[] = []
    for (const [key, value] of this.#values) {
      const shown = /At$|Date$/.test(key) ? dateOf(value) : value
      report.find(`ewf.${key}`, shown)
      lines.push(`${key}: ${shown}`)
    }
    report.text('acquisition', lines.join('\n'), { part: 'acquisition' })
    if (this.#damaged > 0)
      report.notice('broken', `${this.#damaged} section headers do not match their checksums.`, {
        step: 'open',
      })
    const whole = this.#seen.has('done')
    const goesOn = this.#seen.has('next')
    report.find('ewf.lastSegment', whole)
    if (!whole && !goesOn)
      report.notice('truncated', 'The segment has no end mark: it was cut off.', { step: 'open' })
    if (goesOn || number > 1) {
      const words = goesOn ? `another follows segment ${number}` : `the ${number - 1} before this last one`
      report.notice(
        'incomplete-set',
        `This is one segment of a set (${words}); the image is whole only with all of them.`,
        {
          step: 'open',
        },
      )
    }
  }
}

/** EnCase writes '2026 3 1 10 20 30' or seconds since 1970; the first is local time of an unknown place. */
function dateOf(written: string): string {
  const parts = written.split(' ').map(Number)
  if (parts.length === 6 && parts.every(Number.isInteger)) {
    const [year = 0, ...rest] = parts
    const [month, day, hour, minute, second] = rest.map((part) => String(part).padStart(2, '0'))
    return `${year}-${month}-${day}T${hour}:${minute}:${second}`
  }
  const seconds = Number(written)
  return Number.isInteger(seconds) && seconds > 0 && seconds < 1e11
    ? new Date(seconds * 1000).toISOString()
    : written
}
