import { Parser } from 'htmlparser2'

/** What a page holds for a reader, without running or fetching anything. */
export interface PageText {
  readonly text: string
  readonly title: string
  readonly language: string
  readonly links: readonly string[]
  readonly meta: readonly (readonly [name: string, content: string])[]
  /** Text that a browser would not show: hidden elements, comments are not among it. */
  readonly hiddenText: string
  readonly scripts: number
  /** Pictures, frames and style sheets that a browser would fetch from elsewhere. */
  readonly remote: number
}

const BLOCKS = new Set(
  'address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure footer form frame h1 h2 h3 h4 h5 h6 head header hr html iframe legend li main nav ol option p pre section select summary table tbody td textarea tfoot th thead title tr ul'.split(
    ' ',
  ),
)
const SILENT = new Set(['script', 'style', 'template', 'noembed', 'noframes', 'applet'])
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '))
const MAX_LINKS = 2_000
const PIECE = 400_000
const LOADING = new Set('img iframe frame link embed audio video source script object'.split(' '))
const HIDDEN = /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])/i

/** Collects a page's text while its markup is written in pieces. */
export class HtmlReader {
  private readonly parser: Parser
  private readonly shown: string[] = []
  private readonly hidden: string[] = []
  private readonly links: string[] = []
  private readonly meta: [string, string][] = []
  private readonly open: { name: string; hides: boolean; silent: boolean }[] = []
  private hiding = 0
  private silent = 0
  private title = ''
  private inTitle = false
  private language = ''
  private scripts = 0
  private remote = 0

  private readonly onPiece: ((text: string) => void) | null
  private size = 0

  /** `onPiece`: given long pages' text piece by piece, so that it is not held whole; `end` gives the rest. */
  constructor(xml = false, onPiece: ((text: string) => void) | null = null) {
    this.onPiece = onPiece
    this.parser = new Parser(
      {
        onopentag: (name, attributes) => this.opened(name.toLowerCase(), attributes),
        onclosetag: (name) => this.closed(name.toLowerCase()),
        ontext: (text) => this.texts(text),
      },
      { decodeEntities: true, xmlMode: xml, lowerCaseTags: !xml, recognizeSelfClosing: xml },
    )
  }

  write(markup: string): void {
    this.parser.write(markup)
  }

  end(): PageText {
    this.parser.end()
    const { title, language, links, meta, scripts, remote } = this
    return {
      text: tidy(this.shown.join('')),
      hiddenText: tidy(this.hidden.join('')),
      title: oneLine(title),
      language,
      links,
      meta,
      scripts,
      remote,
    }
  }

  private opened(name: string, attributes: Record<string, string>): void {
    if (BLOCKS.has(name)) this.break(name === 'td' || name === 'th' ? '\t' : '\n')
    const hides =
      'hidden' in attributes ||
      (attributes.style !== undefined && HIDDEN.test(attributes.style)) ||
      (name === 'input' && attributes.type === 'hidden')
    const silent = SILENT.has(name)
    if (name === 'script' || handles(attributes)) this.scripts += 1
    if (name === 'html') this.language = attributes.lang ?? attributes['xml:lang'] ?? ''
    if (name === 'title' && this.silent === 0) this.inTitle = true
    this.gather(name, attributes)
    if (VOID.has(name)) return
    this.open.push({ name, hides, silent })
    if (hides) this.hiding += 1
    if (silent) this.silent += 1
  }

  private gather(name: string, attributes: Record<string, string>): void {
    const at = attributes.href ?? attributes.src ?? attributes.action
    if (name === 'meta' && (attributes.name ?? attributes.property) !== undefined)
      this.meta.push([attributes.name ?? attributes.property ?? '', attributes.content ?? ''])
    if (
      name === 'a' &&
      at !== undefined &&
      this.links.length < MAX_LINKS &&
      /^(https?|ftp|mailto|tel|file):/i.test(at)
    )
      this.links.push(at)
    if (LOADING.has(name) && /^(https?:)?\/\//i.test(at ?? '')) this.remote += 1
    for (const said of [attributes.alt, attributes.placeholder])
      if (said !== undefined && said.trim() !== '') this.texts(` ${said} `)
    if (
      name === 'input' &&
      /^(text|submit|button|search|email|tel|url)?$/.test(attributes.type ?? '') &&
      attributes.value
    )
      this.texts(` ${attributes.value} `)
  }

  private closed(name: string): void {
    if (name === 'title') this.inTitle = false
    if (BLOCKS.has(name) && name !== 'td' && name !== 'th') this.break('\n')
    if (VOID.has(name)) return
    for (let at = this.open.length - 1; at >= 0; at--) {
      const closing = this.open[at]
      if (closing?.name !== name) continue
      for (const left of this.open.splice(at)) {
        if (left.hides) this.hiding -= 1
        if (left.silent) this.silent -= 1
      }
      return
    }
  }

  private texts(text: string): void {
    if (this.inTitle) this.title += text
    if (this.silent > 0) return
    const clean = text.replaceAll(/[ \t\r\n\f]+/g, ' ')
    if (clean === ' ' && this.shown[this.shown.length - 1] === '\n') return
    if (this.hiding > 0) this.hidden.push(clean)
    else {
      this.shown.push(clean)
      this.size += clean.length
    }
  }

  private break(mark: string): void {
    if (this.silent > 0) return
    const texts = this.hiding > 0 ? this.hidden : this.shown
    if (texts[texts.length - 1] !== mark) texts.push(mark)
    if (this.size < PIECE || this.onPiece === null) return
    this.onPiece(tidy(this.shown.join('')))
    this.shown.length = this.size = 0
  }
}

/** True where an attribute is an event's script. */
function handles(attributes: Record<string, string>): boolean {
  for (const key in attributes) if (key.startsWith('on')) return true
  return false
}

/** Reads a whole page held as a string. */
export function readHtml(markup: string, xml = false): PageText {
  const reader = new HtmlReader(xml)
  reader.write(markup)
  return reader.end()
}

/** Spaces and blank lines as a person would write them. */
export function tidy(text: string): string {
  return text
    .replaceAll(/[ \t]*\n[ \t]*/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(/[ ]*\t[ \t]*/g, '\t')
    .trim()
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
