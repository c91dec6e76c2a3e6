import { createRequire } from 'node:module'
import type { MediaInfo } from 'mediainfo.js'
import { FileReader } from '../containers/file-reader.ts'
import { Report } from '../containers/report.ts'
import { reasonOf } from '../gather.ts'
import type { DetectedType, Extractor } from '../port.ts'
import { placeOf } from './places.ts'

const NAME = 'recording'
const VERSION = 'MediaInfo 26.05'
const load = createRequire(import.meta.url)
const MOST_READ_BYTES = 512 * 1024 * 1024

type Track = Readonly<Record<string, unknown>>

let parser: Promise<MediaInfo> | undefined

/** Audio and video: duration, codecs, dimensions, dates, places, devices, tags. Speech is read elsewhere. */
export const recordingExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.family === 'audio' || type.family === 'video',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    const tracks = await analyse(file, report)
    const general = tracks.find((track) => track['@type'] === 'General') ?? {}
    const streams = tracks.filter((track) => !['General', 'Menu'].includes(String(track['@type'])))
    describeFile(general, report)
    for (const [index, track] of streams.entries()) describeStream(track, index, report)
    describeTags(general, report)
    if (streams.length === 0) {
      report.notice('broken', 'No audio or video stream could be found in this recording.', {
        step: 'metadata',
      })
    } else if (general['IsTruncated'] === 'Yes' || extra(general)['IsTruncated'] === 'Yes') {
      report.notice('truncated', 'The recording ends before its own end: part of it is missing.', {
        step: 'metadata',
      })
    }
    return report.result()
  },
}

async function analyse(file: FileReader, report: Report): Promise<readonly Track[]> {
  let read = 0
  try {
    const found = await (
      await mediaInfo()
    ).analyzeData(file.size, (bytes, offset) => {
      read += bytes
      if (read > MOST_READ_BYTES) throw new Error('its structure asks for too much to be read')
      return new Uint8Array(file.read(offset, bytes))
    })
    return (found.media?.track ?? []) as unknown as readonly Track[]
  } catch (fault) {
    parser = undefined // its memory may be in any state: the next file gets a fresh one
    report.notice('broken', `The recording could not be analysed: ${reasonOf(fault)}.`, { step: 'metadata' })
    return []
  }
}

function mediaInfo(): Promise<MediaInfo> {
  parser ??= (load('mediainfo.js') as typeof import('mediainfo.js')).mediaInfoFactory({
    format: 'object',
    full: false,
  })
  return parser
}

function describeFile(general: Track, report: Report): void {
  report.find('media.format', words(general['Format']))
  report.find('media.durationSeconds', number(general['Duration']))
  report.find('media.bitRate', number(general['OverallBitRate']))
  report.find('media.createdAt', instant(words(general['Encoded_Date'])))
  report.find('media.modifiedAt', instant(words(general['Tagged_Date'])))
  report.find(
    'media.recordedAt',
    instant(words(general['Recorded_Date']) ?? words(extra(general)['com_apple_quicktime_creationdate'])),
  )
  const more = extra(general)
  const make = words(
    more['com_apple_quicktime_make'] ??
      more['com_android_manufacturer'] ??
      general['Encoded_Hardware_CompanyName'],
  )
  const model = words(
    more['com_apple_quicktime_model'] ?? more['com_android_model'] ?? general['Encoded_Hardware_Model'],
  )
  report.find('media.device.make', make)
  report.find('media.device.model', model)
  report.find(
    'media.device.software',
    words(
      more['com_apple_quicktime_software'] ?? more['com_android_version'] ?? general['Encoded_Application'],
    ),
  )
  const written = words(
    general['Recorded_Location'] ?? more['com_apple_quicktime_location_ISO6709'] ?? more['xyz'],
  )
  report.find('media.place', written)
  const place = placeOf(written)
  report.find('media.gps.latitude', place?.latitude)
  report.find('media.gps.longitude', place?.longitude)
  report.find('media.gps.altitudeMetres', place?.altitudeMetres)
}

function describeStream(track: Track, index: number, report: Report): void {
  const kind = String(track['@type']).toLowerCase()
  const at = `media.stream.${index + 1}`
  report.find(`${at}.kind`, kind)
  report.find(`${at}.codec`, words(track['Format']))
  report.find(`${at}.codecId`, words(track['CodecID']))
  report.find(`${at}.durationSeconds`, number(track['Duration']))
  report.find(`${at}.language`, words(track['Language']))
  if (kind === 'video' || kind === 'image') {
    report.find(`${at}.width`, number(track['Width']))
    report.find(`${at}.height`, number(track['Height']))
    report.find(`${at}.frameRate`, number(track['FrameRate']))
    report.find(`${at}.rotation`, number(track['Rotation']) || undefined)
  } else if (kind === 'audio') {
    report.find(`${at}.channels`, number(track['Channels']))
    report.find(`${at}.sampleRate`, number(track['SamplingRate']))
  }
}

const TAGS =
  'Title Movie Album Track Performer Composer Director Comment Description Genre Copyright ContentType Publisher EncodedBy'.split(
    ' ',
  )
const PLUMBING =
  /^(HeaderSize|DataSize|FooterSize|StreamSize|IsStreamable|OverallBitRate|FileSize|UniqueID|CodecID)/

/** Tags as found, and as text, so that a title in any script is found by search. */
function describeTags(general: Track, report: Report): void {
  const lines: string[] = []
  const tell = (name: string, value: unknown): void => {
    const text = words(value)
    if (text === undefined) return
    report.find(`media.tag.${name.charAt(0).toLowerCase()}${name.slice(1)}`, text)
    lines.push(`${name}: ${text}`)
  }
  for (const tag of TAGS) tell(tag, general[tag])
  tell('Encoded_Library', general['Encoded_Library'])
  for (const [name, value] of Object.entries(extra(general))) if (!PLUMBING.test(name)) tell(name, value)
  report.text('tags', lines.join('\n'), { part: 'tags' })
}

function extra(track: Track): Track {
  const more = track['extra']
  return typeof more === 'object' && more !== null ? (more as Track) : {}
}

function words(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

function number(value: unknown): number | undefined {
  const parsed =
    typeof value === 'number' ? value : typeof value === 'string' ? Number.parseFloat(value) : Number.NaN
  return Number.isFinite(parsed) ? parsed : undefined
}

/** '2018-02-07 15:15:30 UTC' → ISO with Z; '… 10:15:08-05:00' keeps its offset; others stand as written. */
function instant(written: string | undefined): string | undefined {
  const match = /^(?:UTC )?(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)\s*(UTC|Z|[+-]\d\d:?\d\d)?$/.exec(
    written ?? '',
  )
  if (!match) return written
  const zone =
    match[3] === undefined ? (written?.startsWith('UTC') ? 'Z' : '') : /UTC|Z/.test(match[3]) ? 'Z' : match[3]
  return `${match[1]}T${match[2]}${zone}`
}
