import type { ByteSource } from '../file-bytes.ts'
import { OleFile } from '../ole.ts'
import { ZipPackage } from '../zip-package.ts'

const OPEN_DOCUMENT: Readonly<Record<string, string>> = {
  text: 'odt',
  'text-template': 'odt',
  'text-master': 'odt',
  'text-web': 'odt',
  spreadsheet: 'ods',
  'spreadsheet-template': 'ods',
  presentation: 'odp',
  'presentation-template': 'odp',
  graphics: 'odg',
  'graphics-template': 'odg',
  image: 'odg',
  chart: 'odg',
  formula: 'odf',
  base: 'odb',
}

/** What a ZIP holds, by its members; 'zip' where it is no more than that. */
export async function zipLabel(source: ByteSource): Promise<string> {
  if (source.sizeBytes <= 22) return 'zip'
  const zip = new ZipPackage(source)
  const peek = async (name: string, most: number) => {
    const member = zip.find(name)
    return member === null
      ? ''
      : (await zip.bytes(member, most).catch(() => Buffer.alloc(0))).toString('latin1')
  }
  const mime = (await peek('mimetype', 200)).trim()
  if (mime === 'application/epub+zip') return 'epub'
  const open = /^application\/vnd\.(?:oasis\.opendocument|sun\.xml)\.([a-z-]+)/.exec(mime)?.[1]
  if (open !== undefined) return OPEN_DOCUMENT[open] ?? 'odt'
  if (zip.find('[Content_Types].xml') !== null)
    return openXmlLabel(zip, await peek('[Content_Types].xml', 256 * 1024))
  return zipByNames(zip)
}

function openXmlLabel(zip: ZipPackage, types: string): string {
  const has = (text: string) => types.includes(text)
  const part = (folder: string) =>
    zip.members.some((member) => member.name.replace(/^\//, '').toLowerCase().startsWith(folder))
  if (has('sheet.binary.macroEnabled')) return 'xlsb'
  if (has('ms-excel.sheet.macroEnabled') || has('ms-excel.template.macroEnabled')) return 'xlsm'
  if (has('spreadsheetml.sheet.main') || has('spreadsheetml.template.main')) return 'xlsx'
  if (has('ms-word.document.macroEnabled') || has('ms-word.template.macroEnabled')) return 'docm'
  if (has('wordprocessingml.template.main')) return 'dotx'
  if (has('wordprocessingml.document.main')) return 'docx'
  if (/ms-powerpoint\.(presentation|slideshow|template)\.macroEnabled/.test(types)) return 'pptm'
  if (has('presentationml.slideshow.main')) return 'ppsx'
  if (has('presentationml.presentation.main') || has('presentationml.template.main')) return 'pptx'
  if (has('ms-visio.')) return 'vsdx'
  if (part('word/')) return 'docx'
  if (part('xl/')) return 'xlsx'
  if (part('ppt/')) return 'pptx'
  return part('visio/') ? 'vsdx' : 'ooxml'
}

function zipByNames(zip: ZipPackage): string {
  const names = zip.members.map((member) => member.name)
  const has = (test: RegExp) => names.some((name) => test.test(name))
  if (has(/^\/?word\/document\.xml$/i)) return 'docx'
  if (has(/^\/?xl\/workbook\.(xml|bin)$/i)) return 'xlsx'
  if (has(/^\/?ppt\/presentation\.xml$/i)) return 'pptx'
  if (has(/^datapackage\.json$/) && has(/^archive\/.+\.warc(\.gz)?$/)) return 'wacz'
  if (has(/^AndroidManifest\.xml$/)) return 'apk'
  if (has(/^Payload\/[^/]+\.app\//)) return 'ipa'
  if (has(/^META-INF\/MANIFEST\.MF$/)) return 'jar'
  if (has(/^doc\.kml$/)) return 'kmz'
  if (has(/^Index\/Slide/)) return 'keynote'
  if (
    has(/^Index\/(CalculationEngine|Tables\/)/) &&
    has(/^Index\/Document\.iwa$/) &&
    !has(/DocumentStylesheet-pages/)
  )
    return iwork(names)
  if (has(/^Index\.zip$|^index\.xml(\.gz)?$/i) && has(/^(buildVersionHistory\.plist|QuickLook\/)/))
    return 'pages'
  return 'zip'
}

/** Pages and Numbers share their layout; only Numbers keeps many table files. */
function iwork(names: readonly string[]): string {
  return names.filter((name) => name.startsWith('Index/Tables/')).length > 12 ? 'numbers' : 'pages'
}

/** What a compound file holds, by its top streams and the root's class. */
export function oleLabel(source: ByteSource): string {
  const ole = new OleFile(source)
  const has = (path: string) => ole.find(path) !== null
  if (has('EncryptedPackage')) return 'ooxml-encrypted'
  if (has('WordDocument')) return 'doc'
  if (has('PowerPoint Document') || has('PP40') || has('PP97_DUALSTORAGE')) return 'ppt'
  if (has('Workbook') || has('Book')) return 'xls'
  if (has('__properties_version1.0') || has('__nameid_version1.0')) return 'msg'
  if (has('VisioDocument')) return 'vsd'
  if (has('Quill') || has('Quill/QuillSub/CONTENTS')) return 'pub'
  if (has('NativeContent_MAIN') || has('PerfectOffice_MAIN')) return 'qpw'
  if (ole.entries.some((entry) => entry.name.startsWith('\u4840'))) return 'msi'
  const root = ole.entries.find((entry) => entry.kind === 'root')
  return CLASSES[root?.clsid ?? ''] ?? 'ole2'
}

/** Root class identifiers, for files whose main stream is gone. */
const CLASSES: Readonly<Record<string, string>> = {
  '0609020000000000c000000000000046': 'doc',
  '2008020000000000c000000000000046': 'xls',
  '1008020000000000c000000000000046': 'xls',
  '108d81649b4fcf1186ea00aa00b929e8': 'ppt',
  '0b0d020000000000c000000000000046': 'msg',
}
