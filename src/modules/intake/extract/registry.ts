import type { DetectedType, Extractor, Family } from './port.ts'

export { detect } from './detect.ts'

type Load = () => Promise<Extractor>

/**
 * All extractors, one line each: labels, and how to load the reader. Loaded on first use, so that a
 * worker that reads mail all day never loads PDFium.
 */
const READERS: readonly (readonly [labels: string, load: Load])[] = [
  [
    'txt csv tsv json jsonl vtt srt reg script pem bagit sam vcf ics',
    async () => (await import('./documents/plain.ts')).plainText,
  ],
  ['html xhtml', async () => (await import('./documents/plain.ts')).html],
  ['xml fb2 wordml spreadsheetml', async () => (await import('./documents/plain.ts')).xml],
  ['docx docm dotx ooxml', async () => (await import('./documents/docx.ts')).docx],
  ['xlsx xlsm', async () => (await import('./documents/xlsx.ts')).xlsx],
  ['pptx pptm ppsx', async () => (await import('./documents/pptx.ts')).pptx],
  ['vsdx', async () => (await import('./documents/visio.ts')).visio],
  ['ooxml-encrypted', async () => (await import('./documents/encrypted-package.ts')).encryptedPackage],
  ['doc', async () => (await import('./documents/doc.ts')).doc],
  ['ppt', async () => (await import('./documents/ppt.ts')).ppt],
  ['xls xlsb wks qpw', async () => (await import('./documents/workbook.ts')).workbook],
  ['pdf', async () => (await import('./documents/pdf.ts')).pdf],
  ['odt ods odp odg odf odb', async () => (await import('./documents/odf.ts')).odf],
  ['rtf', async () => (await import('./documents/rtf.ts')).rtf],
  ['epub', async () => (await import('./documents/epub.ts')).epub],
  ['sqlite', async () => (await import('./documents/sqlite.ts')).sqlite],
  ['pgp', async () => (await import('./documents/sealed.ts')).sealed],
  ['whatsapp', async () => (await import('./documents/whatsapp.ts')).whatsapp],
  ['telegram-json', async () => (await import('./documents/telegram.ts')).telegramJson],
  ['telegram-html', async () => (await import('./documents/telegram.ts')).telegramHtml],
  ['eml mht', async () => (await import('./containers/eml.ts')).emlExtractor],
  ['mbox', async () => (await import('./containers/mbox.ts')).mboxExtractor],
  ['msg', async () => (await import('./containers/msg.ts')).msgExtractor],
  ['pst', async () => (await import('./containers/pst.ts')).pstExtractor],
  ['tnef', async () => (await import('./containers/tnef.ts')).tnefExtractor],
  ['zip jar apk ipa kmz', async () => (await import('./containers/zip.ts')).zipExtractor],
  ['tar', async () => (await import('./containers/tar.ts')).tarExtractor],
  [
    'gz tar.gz bz2 xz zst lz lz4 z',
    async () => (await import('./containers/single-stream.ts')).singleStreamExtractor,
  ],
  [
    '7z rar cab iso arj lzh msi vhd vhdx vmdk qcow2 deb rpm',
    async () => (await import('./containers/seven-zip.ts')).sevenZipExtractor,
  ],
  ['warc warc.gz', async () => (await import('./containers/warc.ts')).warcExtractor],
  ['wacz', async () => (await import('./containers/wacz.ts')).waczExtractor],
  ['e01 l01 ex01', async () => (await import('./containers/ewf.ts')).ewfExtractor],
  [
    'wri wpd pub vsd ole2 mdb mobi lnk onenote unknown torrent evtx',
    async () => (await import('./documents/strings.ts')).strings,
  ],
]

/** Where no label matches: readers of a whole family. */
const recording: Load = async () => (await import('./media/recording.ts')).recordingExtractor
const FAMILIES: Partial<Record<Family, Load>> = {
  image: async () => (await import('./media/image.ts')).imageExtractor,
  audio: recording,
  video: recording,
}

const LOADED = new Map<string, Promise<Extractor>>()
const LOADERS = new Map(
  READERS.flatMap(([labels, load]) => labels.split(' ').map((label) => [label, load] as const)),
)

/** The reader of a type; null where none exists. */
export async function extractorFor(type: DetectedType): Promise<Extractor | null> {
  const load = LOADERS.get(type.label) ?? FAMILIES[type.family]
  if (load === undefined) return null
  const loading = LOADED.get(type.label) ?? load()
  LOADED.set(type.label, loading)
  const extractor = await loading
  return extractor.reads(type) ? extractor : null
}
