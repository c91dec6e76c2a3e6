import type { DetectedType, Extractor } from './port.ts'

export { detect } from './detect.ts'

/**
 * All extractors, one line each: labels, and how to load the reader. Loaded on first use, so that a
 * worker that reads mail all day never loads PDFium. The first line whose reader agrees wins.
 */
const READERS: readonly (readonly [labels: string, load: () => Promise<Extractor>])[] = [
  [
    'txt csv tsv json jsonl vtt srt reg script pem bagit sam vcf ics',
    async () => (await import('./documents/plain.ts')).plainText,
  ],
  ['html xhtml', async () => (await import('./documents/plain.ts')).html],
  ['docx docm dotx ooxml', async () => (await import('./documents/docx.ts')).docx],
  ['xlsx xlsm', async () => (await import('./documents/xlsx.ts')).xlsx],
  ['pptx pptm ppsx', async () => (await import('./documents/pptx.ts')).pptx],
  ['doc', async () => (await import('./documents/doc.ts')).doc],
  ['ppt', async () => (await import('./documents/ppt.ts')).ppt],
  ['xls xlsb wks qpw', async () => (await import('./documents/workbook.ts')).workbook],
  ['ooxml-encrypted', async () => (await import('./documents/encrypted-package.ts')).encryptedPackage],
  ['pdf', async () => (await import('./documents/pdf.ts')).pdf],
  ['odt ods odp odg odf odb', async () => (await import('./documents/odf.ts')).odf],
  ['rtf', async () => (await import('./documents/rtf.ts')).rtf],
  ['epub', async () => (await import('./documents/epub.ts')).epub],
  ['wri wpd pub vsd ole2 mdb mobi lnk onenote', async () => (await import('./documents/strings.ts')).strings],
  ['xml fb2 wordml spreadsheetml plist', async () => (await import('./documents/plain.ts')).xml],
]

const LOADED = new Map<string, Promise<Extractor>>()
const LOADERS = new Map(
  READERS.flatMap(([labels, load]) => labels.split(' ').map((label) => [label, load] as const)),
)

/** The reader of a type; null where none exists. */
export async function extractorFor(type: DetectedType): Promise<Extractor | null> {
  const load = LOADERS.get(type.label)
  if (load === undefined) return null
  const loading = LOADED.get(type.label) ?? load()
  LOADED.set(type.label, loading)
  const extractor = await loading
  return extractor.reads(type) ? extractor : null
}
