import { createRequire } from 'node:module'
import type ExifReader from 'exifreader'
import type { Report } from '../containers/report.ts'
import { reasonOf } from '../gather.ts'

const SOURCE = 'exifreader 4.46.0'
const reader = createRequire(import.meta.url)('exifreader') as typeof ExifReader

interface Tag {
  readonly value?: unknown
  readonly description?: unknown
}
type Group = Readonly<Record<string, Tag>>

/** EXIF tag → our name, for what investigators ask first; everything else stands under its own name. */
const NAMES: Readonly<Record<string, string>> = {
  Make: 'make',
  Model: 'model',
  Software: 'software',
  Artist: 'artist',
  Copyright: 'copyright',
  ImageDescription: 'description',
  BodySerialNumber: 'serialNumber',
  SerialNumber: 'serialNumber',
  InternalSerialNumber: 'internalSerialNumber',
  LensModel: 'lensModel',
  LensSerialNumber: 'lensSerialNumber',
  CameraOwnerName: 'ownerName',
  HostComputer: 'hostComputer',
  UserComment: 'comment',
  ImageUniqueID: 'uniqueId',
}
const SKIPPED =
  /^(MakerNote|Thumbnail|image|base64|GPSL(atitude|ongitude)(Ref)?|PrintIM|Padding)$|(Offsets?|Pointer|ByteCounts?)$|^undefined-/

/** EXIF, GPS, XMP, IPTC and PNG texts of one picture's first bytes. Damage costs the damaged group only. */
export function reportImageMetadata(bytes: Buffer, report: Report): void {
  let tags: Readonly<Record<string, Group>>
  try {
    tags = reader.load(bytes, { expanded: true, includeUnknown: false }) as unknown as Readonly<
      Record<string, Group>
    >
  } catch (fault) {
    if (!/No Exif data|Invalid image format/i.test(reasonOf(fault))) {
      report.notice('broken', `The picture's metadata could not be read: ${reasonOf(fault)}.`, {
        step: 'metadata',
      })
    }
    return
  }
  const exif = tags['exif'] ?? {}
  for (const [name, tag] of Object.entries(exif))
    reportTag(`exif.${NAMES[name] ?? lower(name)}`, name, tag, report)
  times(exif, report)
  gps(tags, report)
  const descriptions: string[] = []
  for (const group of ['xmp', 'iptc', 'pngText', 'png', 'jfif'] as const) {
    for (const [name, tag] of Object.entries(tags[group] ?? {})) {
      const text = reportTag(`${group}.${lower(name)}`, name, tag, report)
      if (
        text &&
        /caption|description|headline|keyword|title|subject|comment|text|city|country|location/i.test(name)
      ) {
        descriptions.push(`${name}: ${text}`)
      }
    }
  }
  for (const name of [
    'ImageDescription',
    'UserComment',
    'XPTitle',
    'XPComment',
    'XPSubject',
    'XPKeywords',
    'Artist',
    'Copyright',
  ]) {
    const text = exif[name] ? textOf(exif[name]) : undefined
    if (text) descriptions.push(`${name}: ${text}`)
  }
  report.text('description', [...new Set(descriptions)].join('\n'), { part: 'description' })
  const thumbnail = (tags['Thumbnail'] as { image?: { byteLength?: number } } | undefined)?.image?.byteLength
  report.find('exif.thumbnailBytes', thumbnail, SOURCE)
}

function reportTag(name: string, key: string, tag: Tag, report: Report): string | undefined {
  if (SKIPPED.test(key) || typeof tag !== 'object' || tag === null) return undefined
  if (name === 'exif.orientation') {
    report.find(name, typeof tag.value === 'number' ? tag.value : undefined, SOURCE)
    return undefined
  }
  const text = textOf(tag)
  if (text === undefined || text === '[object Object]') return undefined
  report.find(name, text.slice(0, 8192), SOURCE)
  return text
}

/** Texts as written; numbers by their plain description. */
function textOf(tag: Tag): string | undefined {
  const { value, description } = tag
  if (typeof description === 'string' && description !== '') return description.replaceAll('\0', '').trim()
  if (typeof value === 'string') return value.replaceAll('\0', '').trim()
  return typeof value === 'number' || typeof description === 'number'
    ? String(description ?? value)
    : undefined
}

/** 'YYYY:MM:DD hh:mm:ss' with its fraction and offset where the camera wrote them. */
function times(exif: Group, report: Report): void {
  const pairs = [
    ['takenAt', 'DateTimeOriginal', 'OffsetTimeOriginal', 'SubSecTimeOriginal'],
    ['digitizedAt', 'DateTimeDigitized', 'OffsetTimeDigitized', 'SubSecTimeDigitized'],
    ['modifiedAt', 'DateTime', 'OffsetTime', 'SubSecTime'],
  ] as const
  for (const [name, at, offset, fraction] of pairs) {
    const match = /^(\d{4}):(\d\d):(\d\d)[ T](\d\d:\d\d:\d\d)/.exec((exif[at] && textOf(exif[at])) ?? '')
    if (!match) continue
    const zone = /^[+-]\d\d:\d\d$|^Z$/.exec((exif[offset] && textOf(exif[offset])) ?? '')?.[0] ?? ''
    const part = /^\d{1,9}/.exec((exif[fraction] && textOf(exif[fraction])) ?? '')?.[0]
    report.find(
      `exif.${name}`,
      `${match[1]}-${match[2]}-${match[3]}T${match[4]}${part ? `.${part}` : ''}${zone}`,
      SOURCE,
    )
  }
}

function gps(tags: Readonly<Record<string, unknown>>, report: Report): void {
  const place = tags['gps'] as { Latitude?: number; Longitude?: number; Altitude?: number } | undefined
  const { Latitude, Longitude, Altitude } = place ?? {}
  if (
    Latitude !== undefined &&
    Longitude !== undefined &&
    Math.abs(Latitude) <= 90 &&
    Math.abs(Longitude) <= 180
  ) {
    report.find('exif.gps.latitude', Latitude, SOURCE)
    report.find('exif.gps.longitude', Longitude, SOURCE)
  }
  report.find('exif.gps.altitudeMetres', Altitude, SOURCE)
  const exif = (tags['exif'] ?? {}) as Group
  const [date, time] = [exif['GPSDateStamp'], exif['GPSTimeStamp']].map((tag) =>
    tag ? textOf(tag) : undefined,
  )
  if (date && time) report.find('exif.gps.at', `${date.replaceAll(':', '-')}T${time}Z`, SOURCE)
}

function lower(name: string): string {
  const plain = name.replaceAll(
    /[^\p{L}\p{N}]+(\p{L})?/gu,
    (_all, letter: string | undefined) => letter?.toUpperCase() ?? '',
  )
  return plain.replace(/^\p{Lu}+(?=\p{Lu}\p{Ll}|[^\p{L}]|$)|^\p{Lu}/u, (letters) => letters.toLowerCase())
}
