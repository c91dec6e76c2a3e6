import { looksLikeGarbage, repaired } from './text-layer.ts'
import type { Handle, Pdfium } from './pdfium.ts'

export interface PageReading {
  readonly text: string
  readonly notes: readonly string[]
  /** Why the page must be read from its picture; null where the text layer serves. */
  readonly ocr: 'picture' | 'garbage' | 'blank' | null
  readonly files: readonly Handle[]
  readonly links: readonly string[]
  readonly scripts: boolean
}

interface Objects {
  readonly images: number
  readonly texts: number
  readonly forms: number
  readonly all: number
}

const PAGE_CHARS = 4_000_000
const IMAGE = 3
const TEXT_OBJECT = 1
const FORM = 5
/** So many drawn objects without text are a picture, or letters drawn as outlines. */
const DRAWN = 10
const FLATTEN_FOR_SCREEN = 0
const SUBTYPE_POPUP = 16
const SUBTYPE_WIDGET = 20

/**
 * Reads one page: its text with that of form fields and free-text notes (their appearance is merged
 * into the page in memory, never in the file), notes' contents apart, and whether OCR is needed.
 */
export function readPage(pdf: Pdfium, document: Handle, index: number): PageReading | null {
  const page = pdf.call('FPDF_LoadPage', document, index)
  if (page === 0) return null
  const plain = pageText(pdf, page)
  const { notes, files, links, scripts, count } = annotations(pdf, page)
  const objects = pageObjects(pdf, page)
  const flattened = count > 0 && pdf.call('FPDFPage_Flatten', page, FLATTEN_FOR_SCREEN) === 1
  pdf.call('FPDF_ClosePage', page)
  const merged = flattened ? reread(pdf, document, index) : null
  const fuller = merged !== null && merged.text.length > plain.text.length ? merged.text : plain.text
  const text = repaired(fuller).replaceAll('\r', '')
  return {
    text,
    notes,
    files,
    links,
    scripts,
    ocr: ocrNeed(text, text === fuller ? plain.unmapped : 0, {
      ...objects,
      forms: objects.forms + (flattened ? 1 : 0),
    }),
  }
}

function reread(pdf: Pdfium, document: Handle, index: number): { text: string } | null {
  const page = pdf.call('FPDF_LoadPage', document, index)
  if (page === 0) return null
  const reading = pageText(pdf, page)
  pdf.call('FPDF_ClosePage', page)
  return reading
}

/** A page's text in PDFium's reading order, and the share of its characters without a Unicode value. */
function pageText(pdf: Pdfium, page: Handle): { text: string; unmapped: number } {
  const layer = pdf.call('FPDFText_LoadPage', page)
  if (layer === 0) return { text: '', unmapped: 0 }
  const count = Math.max(0, Math.min(pdf.call('FPDFText_CountChars', layer), PAGE_CHARS))
  const text = pdf.buffer((count + 1) * 2, (pointer, read) => {
    const written = pdf.call('FPDFText_GetText', layer, 0, count, pointer)
    return read(Math.max(0, written - 1) * 2).toString('utf16le')
  })
  let [bad, looked] = [0, 0]
  for (let at = 0; at < count; at += Math.ceil(count / 2_000)) {
    looked += 1
    if (pdf.call('FPDFText_HasUnicodeMapError', layer, at) === 1) bad += 1
  }
  pdf.call('FPDFText_ClosePage', layer)
  return { text, unmapped: looked === 0 ? 0 : bad / looked }
}

function pageObjects(pdf: Pdfium, page: Handle): Objects {
  const count = Math.min(Math.max(0, pdf.call('FPDFPage_CountObjects', page)), 5_000)
  const found = { images: 0, texts: 0, forms: 0, all: count }
  for (let at = 0; at < count; at++) {
    const type = pdf.call('FPDFPageObj_GetType', pdf.call('FPDFPage_GetObject', page, at))
    if (type === IMAGE) found.images += 1
    if (type === TEXT_OBJECT) found.texts += 1
    if (type === FORM) found.forms += 1
  }
  return found
}

function ocrNeed(text: string, unmapped: number, objects: Objects): PageReading['ocr'] {
  const words = text.replaceAll(/\s+/g, '')
  const drawn = objects.images + objects.forms > 0 || objects.all >= DRAWN
  if (words.length < 3 && drawn) return 'picture'
  if (words.length < 3) return objects.texts > 2 ? 'garbage' : objects.all === 0 ? 'blank' : null
  return looksLikeGarbage(text, unmapped) ? 'garbage' : null
}

function annotations(pdf: Pdfium, page: Handle): Omit<PageReading, 'text' | 'ocr'> & { count: number } {
  const [notes, files, links]: [string[], Handle[], string[]] = [[], [], []]
  let scripts = false
  const count = Math.min(Math.max(0, pdf.call('FPDFPage_GetAnnotCount', page)), 5_000)
  for (let at = 0; at < count; at++) {
    const note = pdf.call('FPDFPage_GetAnnot', page, at)
    if (note === 0) continue
    const subtype = pdf.call('FPDFAnnot_GetSubtype', note)
    const value = (key: string) =>
      pdf.withText(key, (name) =>
        pdf.text((pointer, bytes) => pdf.call('FPDFAnnot_GetStringValue', note, name, pointer, bytes)),
      )
    if (subtype !== SUBTYPE_POPUP) {
      const said =
        subtype === SUBTYPE_WIDGET
          ? [value('TU'), value('V')]
          : [value('T'), value('Subj'), value('Contents')]
      const line = said.filter((piece) => piece.trim() !== '').join(': ')
      if (line !== '') notes.push(line)
    }
    const file = pdf.call('FPDFAnnot_GetFileAttachment', note)
    if (file !== 0) files.push(file)
    const link = pdf.call('FPDFAnnot_GetLink', note)
    const address = link === 0 ? '' : linkAddress(pdf, page, link)
    if (address !== '') links.push(address)
    scripts ||= pdf.withText('AA', (name) => pdf.call('FPDFAnnot_HasKey', note, name)) === 1
    pdf.call('FPDFPage_CloseAnnot', note)
  }
  return { notes, files, links, scripts, count }
}

function linkAddress(pdf: Pdfium, _page: Handle, link: Handle): string {
  const action = pdf.call('FPDFLink_GetAction', link)
  if (action === 0) return ''
  const document = 0
  const uri = pdf.call('FPDFAction_GetURIPath', document, action, 0, 0)
  if (uri <= 1 || uri > 8_192) return ''
  return pdf.buffer(uri, (pointer, read) => {
    pdf.call('FPDFAction_GetURIPath', document, action, pointer, uri)
    return read()
      .subarray(0, uri - 1)
      .toString('utf8')
  })
}
