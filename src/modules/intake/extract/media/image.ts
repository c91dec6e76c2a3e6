import { imageSize } from 'image-size'
import { FileReader } from '../containers/file-reader.ts'
import { Report } from '../containers/report.ts'
import { reasonOf } from '../gather.ts'
import type { DetectedType, ExtractInput, Extractor } from '../port.ts'
import { reportCredentials } from './content-credentials.ts'
import { imageEnd } from './image-end.ts'
import { reportImageMetadata } from './image-metadata.ts'
import { reportSvg } from './svg.ts'
import { imageDimensions } from './image-dimensions.ts'

const NAME = 'image'
const VERSION = '1.0'
/** Larger pictures are read by their first part: metadata stands there; credentials need the whole. */
const MOST_BYTES = 256 * 1024 * 1024
/** Smaller pictures are ornaments, not pages or photographs of text. */
const OCR_SIDE = 200
const OCR_LABELS = new Set(['jpeg', 'png', 'apng', 'tiff', 'webp', 'heic', 'avif', 'gif', 'bmp', 'jp2'])

/** Pictures: dimensions, EXIF with place and time, XMP, IPTC, content credentials, what hides behind the end. */
export const imageExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.family === 'image',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    const bytes = file.read(0, Math.min(file.size, MOST_BYTES, (input.limits.memoryMb * 1024 * 1024) / 4))
    if (bytes.length < file.size) {
      report.notice('memory-limit', 'The picture is very large; its metadata was read from its first part.', {
        step: 'metadata',
      })
    }
    report.find('image.format', input.type.label)
    if (input.type.label === 'svg') reportSvg(bytes, input.type.charset ?? 'utf-8', report)
    dimensions(bytes, input, report)
    reportImageMetadata(bytes, report)
    if (bytes.length === file.size) await reportCredentials(bytes, report)
    end(file, input, report)
    return report.result()
  },
}

function dimensions(bytes: Buffer, input: ExtractInput, report: Report): void {
  let size: { width: number; height: number } | undefined
  try {
    size = imageDimensions(bytes, input.type.label) ?? imageSize(bytes)
  } catch (fault) {
    report.notice('unsupported', `The picture's dimensions could not be read: ${reasonOf(fault)}.`, {
      step: 'metadata',
    })
    return
  }
  report.find('image.width', size.width)
  report.find('image.height', size.height)
  if (OCR_LABELS.has(input.type.label) && Math.min(size.width, size.height) >= OCR_SIDE)
    report.picture('picture', { picture: 1 })
}

function end(file: FileReader, input: ExtractInput, report: Report): void {
  const found = imageEnd(file, input.type.label)
  if (!found) return
  if (!found.complete)
    report.notice('truncated', 'The picture has no end: it was cut off or damaged.', { step: 'metadata' })
  if (found.trailingBytes > 0) {
    report.find('image.trailingBytes', found.trailingBytes)
    report.notice('hidden-content', `${found.trailingBytes} bytes stand behind the end of the picture.`, {
      step: 'metadata',
    })
  }
}
