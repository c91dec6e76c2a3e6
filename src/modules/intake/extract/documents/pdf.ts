import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import { readPage } from './pdf-page.ts'
import { activeMarks, embeddedFile, mentionsEncryption } from './pdf-raw.ts'
import { type Handle, type Pdfium, pdfium } from './pdfium.ts'

const VERSION = '1'
/** PDFium holds the whole file in a 32-bit heap. */
const FILE_BYTES = 1_024 * 1024 ** 2
const MAX_PAGES = 100_000
const NEEDS_PASSWORD = 4
const UNKNOWN_SECURITY = 5

/** PDF through PDFium: a part a page, notes, outline, forms, attachments; pages that need OCR are marked. */
export const pdf: Extractor = {
  name: 'pdf',
  version: VERSION,
  reads: (type) => type.label === 'pdf',
  async extract(input) {
    const gathering = new Gathering(input, `pdf ${VERSION} (PDFium)`)
    using file = new FileBytes(input.path)
    if (file.sizeBytes > FILE_BYTES) {
      gathering.notice('unsupported', 'Larger than 1 GB: kept, not read.', {
        step: 'open',
        retryable: true,
        lost: true,
      })
      return gathering.finish('unread')
    }
    const bytes = file.read(0, FILE_BYTES)
    for (const words of activeMarks(bytes))
      gathering.notice('active-content', `Holds ${words}; nothing was run.`, { step: 'open' })
    const opened = await gathering.attempt('open', 'Not a readable PDF', async () =>
      readDocument(await pdfium(), bytes, gathering),
    )
    return opened && (gathering.partCount > 0 || gathering.childCount > 0)
      ? gathering.finish()
      : gathering.finish(opened ? undefined : 'unread')
  },
}

function readDocument(library: Pdfium, bytes: Buffer, gathering: Gathering): void {
  const headed = withHeader(bytes, gathering)
  const held = library.hold(headed)
  const document = open(library, held, headed, gathering)
  try {
    if (document === 0) return
    metadata(library, document, gathering)
    readPages(library, document, gathering, bytes)
    attachments(library, document, gathering, bytes)
    forms(library, document, gathering)
  } finally {
    if (document !== 0) library.call('FPDF_CloseDocument', document)
    library.release(held)
  }
}

/** PDFium wants its header in the first kilobyte; a file that lost it is read with one put before it in memory. */
function withHeader(bytes: Buffer, gathering: Gathering): Buffer {
  if (/%PDF-\d\.\d/.test(bytes.toString('latin1', 0, 1_024))) return bytes
  gathering.notice('recovered', 'The PDF header is missing or damaged; read all the same.', { step: 'open' })
  return Buffer.concat([Buffer.from('%PDF-1.4\n'), bytes])
}

/** Opens with no password, then each given one in the spellings that writers use; 0 where none fits. */
function open(library: Pdfium, held: Handle, bytes: Buffer, gathering: Gathering): Handle {
  const tries: (Uint8Array | null)[] = [null, ...gathering.input.passwords.flatMap(spellings)]
  for (const [index, password] of tries.entries()) {
    const load = (pointer: Handle) => library.call('FPDF_LoadMemDocument', held, bytes.length, pointer)
    const document = password === null ? load(0) : library.withText(password, load)
    if (document !== 0) {
      sayOpened(library, document, index > 0, bytes, gathering)
      return document
    }
    const error = library.call('FPDF_GetLastError')
    if (error === UNKNOWN_SECURITY) throw new Error('encrypted in a way this reader does not know')
    if (error !== NEEDS_PASSWORD) throw new Error('its structure is damaged beyond repair')
  }
  const tried =
    gathering.input.passwords.length > 0 ? 'none of the given passwords fits' : 'a password is needed'
  gathering.notice('encrypted', `Encrypted: ${tried}. Kept as it is; try again with the password.`, {
    step: 'open',
    retryable: true,
    lost: true,
  })
  gathering.found('document.encrypted', true)
  return 0
}

/** A password as typed, after SASLprep's mapping, and in PDFDocEncoding's Latin part. */
function spellings(password: string): Uint8Array[] {
  const prepared = password.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
  return [Buffer.from(password, 'utf8'), Buffer.from(prepared, 'utf8'), Buffer.from(password, 'latin1')]
}

function sayOpened(
  library: Pdfium,
  document: Handle,
  withPassword: boolean,
  bytes: Buffer,
  gathering: Gathering,
): void {
  const revision = library.call('FPDF_GetSecurityHandlerRevision', document)
  if (revision < 0 && !mentionsEncryption(bytes)) return
  gathering.found('document.encrypted', true)
  const how = withPassword ? 'opened with a given password' : 'opens without a password'
  gathering.notice('encrypted', `Encrypted; ${how}.`, { step: 'open' })
  gathering.found('document.permissions', library.call('FPDF_GetDocPermissions', document) >>> 0)
}

const INFO: readonly (readonly [key: string, name: string])[] = [
  ['Title', 'title'],
  ['Author', 'author'],
  ['Subject', 'subject'],
  ['Keywords', 'keywords'],
  ['Creator', 'creator'],
  ['Producer', 'producer'],
  ['CreationDate', 'createdAt'],
  ['ModDate', 'modifiedAt'],
]

function metadata(library: Pdfium, document: Handle, gathering: Gathering): void {
  for (const [key, name] of INFO) {
    const value = library.withText(key, (tag) =>
      library.text((pointer, bytes) => library.call('FPDF_GetMetaText', document, tag, pointer, bytes)),
    )
    gathering.found(`document.${name}`, name.endsWith('At') ? pdfDate(value) : value)
  }
  library.buffer(4, (pointer, read) => {
    if (library.call('FPDF_GetFileVersion', document, pointer) === 1)
      gathering.found('pdf.version', (read().readInt32LE(0) / 10).toFixed(1))
  })
  const signatures = library.call('FPDF_GetSignatureCount', document)
  if (signatures > 0)
    gathering.notice('signed', `Carries ${signatures} digital signature(s); not checked.`, {
      step: 'metadata',
    })
  gathering.part('outline', outline(library, document).join('\n'), { outline: true })
}

/** `D:20240131120000+04'30'` as ISO with the offset as written; anything else as it stands. */
export function pdfDate(text: string): string {
  const match = /^(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?/.exec(text)
  if (match === null) return text
  const [
    ,
    year,
    month = '01',
    day = '01',
    hour = '00',
    minute = '00',
    second = '00',
    utc,
    sign,
    hours,
    minutes = '00',
  ] = match
  const zone = utc === undefined ? (sign === undefined ? '' : `${sign}${hours}:${minutes}`) : 'Z'
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`
}

function outline(library: Pdfium, document: Handle): string[] {
  const titles: string[] = []
  const seen = new Set<Handle>()
  const waiting: [bookmark: Handle, depth: number][] = [
    [library.call('FPDFBookmark_GetFirstChild', document, 0), 0],
  ]
  while (waiting.length > 0 && titles.length < 20_000) {
    const [bookmark, depth] = waiting.pop() ?? [0, 0]
    if (bookmark === 0 || seen.has(bookmark)) continue
    seen.add(bookmark)
    titles.push(
      `${'  '.repeat(Math.min(depth, 20))}${library.text((pointer, bytes) => library.call('FPDFBookmark_GetTitle', bookmark, pointer, bytes))}`,
    )
    waiting.push([library.call('FPDFBookmark_GetNextSibling', document, bookmark), depth])
    waiting.push([library.call('FPDFBookmark_GetFirstChild', document, bookmark), depth + 1])
  }
  return titles
}

function readPages(library: Pdfium, document: Handle, gathering: Gathering, raw: Buffer): void {
  const pages = Math.min(library.call('FPDF_GetPageCount', document), MAX_PAGES)
  gathering.found('document.pages', pages)
  if (pages <= 0) throw new Error('it has no pages')
  const unread: number[] = []
  const ocr = { picture: [] as number[], garbage: [] as number[], blank: [] as number[] }
  for (let index = 0; index < pages; index++) {
    if (gathering.pressed() || gathering.textFullNow) {
      gathering.notice('time-limit', `Stopped at page ${index + 1} of ${pages}.`, {
        lost: true,
        retryable: true,
      })
      break
    }
    const page = readPage(library, document, index)
    if (page === null) {
      unread.push(index + 1)
      continue
    }
    if (page.ocr !== null) ocr[page.ocr].push(index + 1)
    gathering.part(
      `page ${index + 1}`,
      page.text,
      { page: index + 1, ...(page.ocr === 'garbage' ? { untrusted: true } : {}) },
      page.ocr === 'picture' || page.ocr === 'garbage',
    )
    gathering.part(`notes on page ${index + 1}`, page.notes.join('\n'), { page: index + 1, notes: true })
    for (const link of page.links.slice(0, 200)) gathering.found('document.link', link)
    if (page.scripts)
      gathering.notice('active-content', 'Holds form or note actions; nothing was run.', { step: 'open' })
    for (const [at, file] of page.files.entries())
      attachedFile(library, file, `page ${index + 1}, attachment ${at + 1}`, gathering, raw)
  }
  sayPages(unread, ocr, gathering)
}

function sayPages(
  unread: readonly number[],
  ocr: { picture: number[]; garbage: number[]; blank: number[] },
  gathering: Gathering,
): void {
  if (unread.length > 0)
    gathering.notice('broken', `Could not be read: page ${list(unread)}.`, { step: 'text', lost: true })
  if (ocr.picture.length > 0)
    gathering.notice('needs-ocr', `Pictures without text: page ${list(ocr.picture)}.`, {
      step: 'text',
      retryable: true,
    })
  if (ocr.blank.length > 0)
    gathering.notice('empty', `Show nothing, blank or damaged: page ${list(ocr.blank)}.`, { step: 'text' })
  if (ocr.garbage.length > 0)
    gathering.notice(
      'needs-ocr',
      `The text layer has no usable Unicode and is not to be trusted: page ${list(ocr.garbage)}.`,
      { step: 'text', retryable: true },
    )
}

function list(pages: readonly number[]): string {
  return pages.length > 20
    ? `${pages.slice(0, 20).join(', ')} and ${pages.length - 20} more`
    : pages.join(', ')
}

function attachments(library: Pdfium, document: Handle, gathering: Gathering, raw: Buffer): void {
  const count = Math.min(
    library.call('FPDFDoc_GetAttachmentCount', document),
    gathering.input.limits.maxChildren,
  )
  for (let at = 0; at < count; at++)
    attachedFile(
      library,
      library.call('FPDFDoc_GetAttachment', document, at),
      `attachment ${at + 1}`,
      gathering,
      raw,
    )
}

function attachedFile(
  library: Pdfium,
  file: Handle,
  fallback: string,
  gathering: Gathering,
  raw: Buffer,
): void {
  if (file === 0) return
  const name =
    library.text((pointer, bytes) => library.call('FPDFAttachment_GetName', file, pointer, bytes)) || fallback
  const size = library.buffer(4, (pointer, read) =>
    library.call('FPDFAttachment_GetFile', file, 0, 0, pointer) === 1 ? read().readUInt32LE(0) : -1,
  )
  if (size < 0) {
    const bytes = embeddedFile(raw, name)
    if (bytes !== null) return gathering.child(name, bytes)
    const words = `The attached file “${name}” could not be opened: encrypted by itself, or damaged.`
    return gathering.notice('encrypted', words, { step: 'unpack', lost: true, retryable: true })
  }
  if (size > gathering.left())
    return gathering.notice('bomb', `The attached file “${name}” is too large to unpack.`, {
      step: 'unpack',
      lost: true,
    })
  const bytes = library.buffer(size + 4, (pointer, read) => {
    library.call('FPDFAttachment_GetFile', file, pointer, size, pointer + size)
    return read(size)
  })
  gathering.child(name, bytes)
}

/** XFA packets are XML beside the pages: their words are text that a reader of the form would see. */
function forms(library: Pdfium, document: Handle, gathering: Gathering): void {
  const scripts = library.call('FPDFDoc_GetJavaScriptActionCount', document)
  if (scripts > 0) gathering.notice('active-content', 'Holds JavaScript; nothing was run.', { step: 'open' })
  const kind = library.call('FPDF_GetFormType', document)
  if (kind > 0) gathering.found('pdf.form', kind === 1 ? 'AcroForm' : 'XFA')
  if (kind < 2) return
  gathering.notice('active-content', 'Holds an XFA form; nothing was run.', { step: 'open' })
  const count = Math.min(Math.max(0, library.call('FPDF_GetXFAPacketCount', document)), 64)
  for (let at = 0; at < count; at++) {
    const size = library.buffer(4, (pointer, read) =>
      library.call('FPDF_GetXFAPacketContent', document, at, 0, 0, pointer) === 1
        ? read().readUInt32LE(0)
        : 0,
    )
    if (size === 0 || size > gathering.left()) continue
    const text = library.buffer(size + 4, (pointer, read) => {
      library.call('FPDF_GetXFAPacketContent', document, at, pointer, size, pointer + size)
      return read(size).toString('utf8')
    })
    const words = text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
    gathering.part(`form data ${at + 1}`, words, { form: at + 1 })
  }
}
