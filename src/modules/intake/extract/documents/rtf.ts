import { decodeText, decoderOf, knownCharset } from '../charset/decode.ts'
import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import { nativeObject } from './ole-children.ts'
import { charsetOf } from './ole-properties.ts'

const VERSION = '1'
const FILE_BYTES = 256 * 1024 ** 2
const MAX_DEPTH = 5_000

/** RTF: text by its fonts' character sets and \u escapes, so that Persian and Arabic survive; objects as children. */
export const rtf: Extractor = {
  name: 'rtf',
  version: VERSION,
  reads: (type) => type.label === 'rtf',
  async extract(input) {
    const gathering = new Gathering(input, `rtf ${VERSION}`)
    using file = new FileBytes(input.path)
    await gathering.attempt('text', 'The RTF broke off', () => {
      const reader = new RtfReader(file.read(0, FILE_BYTES))
      reader.read(() => gathering.pressed())
      report(reader, gathering)
    })
    return gathering.finish()
  },
}

function report(reader: RtfReader, gathering: Gathering): void {
  for (const [name, text] of reader.texts) {
    const label = name === 'hidden' ? 'hidden text' : name === 'deleted' ? 'deleted text' : name
    gathering.part(
      label,
      text
        .join('')
        .replaceAll(/\n{3,}/g, '\n\n')
        .trim(),
      { part: name },
    )
  }
  if (reader.texts.has('hidden') || reader.texts.has('deleted'))
    gathering.notice('hidden-content', 'Holds hidden or deleted text; it is kept apart.')
  for (const [name, value] of reader.info) gathering.found(`document.${name}`, value.trim())
  for (const [index, hex] of reader.objects.entries()) objectChild(hex, index, gathering)
  if (reader.objects.length > 0)
    gathering.notice('active-content', `Holds ${reader.objects.length} embedded object(s); not run.`, {
      step: 'unpack',
    })
  if (reader.unbalanced)
    gathering.notice('recovered', 'The file is cut off or damaged; read as far as it goes.', { lost: true })
}

/** Embedded object data: an OLE 1.0 header, then the native bytes. */
function objectChild(hex: string, index: number, gathering: Gathering): void {
  const bytes = Buffer.from(hex, 'hex')
  const name = `object ${index + 1}`
  let at = 8
  for (let strings = 0; strings < 3 && at + 4 <= bytes.length; strings++) at += 4 + bytes.readUInt32LE(at)
  const size = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : 0
  const native = bytes.subarray(at + 4, at + 4 + size)
  if (native.length === 0) return gathering.child(`${name}.bin`, bytes)
  if (bytes.subarray(0, 40).includes('Package', 0, 'latin1'))
    return nativeObject(Buffer.concat([Buffer.alloc(4), native]), name, gathering)
  gathering.child(`${name}.ole`, native)
}

/** Character sets of fonts by \fcharset number. */
const FONT_SETS: Readonly<Record<number, string>> = {
  77: 'macintosh',
  128: 'shift_jis',
  129: 'euc-kr',
  134: 'gb18030',
  136: 'big5',
  161: 'windows-1253',
  162: 'windows-1254',
  163: 'windows-1258',
  177: 'windows-1255',
  178: 'windows-1256',
  179: 'windows-1256',
  180: 'windows-1256',
  186: 'windows-1257',
  204: 'windows-1251',
  222: 'windows-874',
  238: 'windows-1250',
  254: 'cp437',
  255: 'cp850',
}
/** Destinations whose text is for programs. */
const SILENT = new Set(
  'stylesheet colortbl listtable listoverridetable rsidtbl generator themedata colorschememapping latentstyles datastore xmlnstbl mmathPr pict objclass objname bkmkstart bkmkend fldinst datafield formfield filetbl revtbl template pgptbl wgrffmtfilter shpinst sp sn sv picprop blipuid fontemb fontfile panose falt passwordhash nonshppict xe tc do listname listlevel levelnumbers leveltext'.split(
    ' ',
  ),
)
const INFO: Readonly<Record<string, string>> = {
  title: 'title',
  subject: 'subject',
  author: 'author',
  operator: 'lastModifiedBy',
  manager: 'manager',
  company: 'company',
  category: 'category',
  keywords: 'keywords',
  doccomm: 'comments',
  hlinkbase: 'hyperlinkBase',
}
const TIMES: Readonly<Record<string, string>> = {
  creatim: 'createdAt',
  revtim: 'modifiedAt',
  printim: 'lastPrintedAt',
}
const PARTS: Readonly<Record<string, string>> = {
  header: 'header',
  headerl: 'header',
  headerr: 'header',
  headerf: 'header',
  footer: 'footer',
  footerl: 'footer',
  footerr: 'footer',
  footerf: 'footer',
  footnote: 'footnotes',
  annotation: 'comments',
}
const CHARACTERS: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  sect: '\n',
  page: '\n',
  row: '\n',
  tab: '\t',
  cell: '\t',
  nestcell: '\t',
  nestrow: '\n',
  emdash: '—',
  endash: '–',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  zwj: '\u200d',
  zwnj: '\u200c',
  ltrmark: '\u200e',
  rtlmark: '\u200f',
  emspace: '\u2003',
  enspace: '\u2002',
}

interface State {
  part: string
  silent: boolean
  font: number
  skip: number
  hidden: boolean
  deleted: boolean
  table: boolean
  info: string
  object: boolean
}

/** One pass over the bytes; groups nest on an explicit stack. */
class RtfReader {
  readonly texts = new Map<string, string[]>()
  readonly info = new Map<string, string>()
  readonly objects: string[] = []
  unbalanced = false
  private readonly bytes: Buffer
  private readonly fonts = new Map<number, string>()
  private readonly stack: State[] = []
  private state: State = {
    part: 'body',
    silent: false,
    font: -1,
    skip: 1,
    hidden: false,
    deleted: false,
    table: false,
    info: '',
    object: false,
  }
  private codePage = 'windows-1252'
  private defaultFont = 0
  private tableFont = 0
  private pending: number[] = []
  private toSkip = 0
  private at = 0
  private time: Record<string, number> = {}

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  read(stopped: () => boolean): void {
    for (let steps = 0; this.at < this.bytes.length; steps++) {
      if ((steps & 0xffff) === 0 && stopped()) break
      const byte = this.bytes[this.at] ?? 0
      if (byte === 0x5c) this.control()
      else if (byte === 0x7b) this.open()
      else if (byte === 0x7d) this.close()
      else if (byte === 0x0d || byte === 0x0a || byte === 0) this.at += 1
      else {
        this.at += 1
        this.byte(byte)
      }
    }
    this.flush()
    this.unbalanced = this.stack.length > 0
  }

  private open(): void {
    this.flush()
    this.at += 1
    if (this.stack.length < MAX_DEPTH) this.stack.push({ ...this.state })
    this.toSkip = 0
  }

  private close(): void {
    this.flush()
    this.at += 1
    this.toSkip = 0
    if (this.state.info in TIMES) this.keepTime(TIMES[this.state.info] ?? '')
    this.state = this.stack.pop() ?? this.state
  }

  private control(): void {
    const next = this.bytes[this.at + 1] ?? 0
    if (next === 0x27) return this.hexByte()
    if (!isLetter(next)) return this.symbol(next)
    let end = this.at + 1
    while (isLetter(this.bytes[end] ?? 0) && end - this.at < 40) end += 1
    const word = this.bytes.toString('latin1', this.at + 1, end)
    let numberEnd = end
    if (this.bytes[numberEnd] === 0x2d) numberEnd += 1
    while (isDigit(this.bytes[numberEnd] ?? 0) && numberEnd - end < 12) numberEnd += 1
    const argument = numberEnd > end ? Number(this.bytes.toString('latin1', end, numberEnd)) : null
    this.at = this.bytes[numberEnd] === 0x20 ? numberEnd + 1 : numberEnd
    this.word(word, Number.isNaN(argument) ? null : argument)
  }

  private hexByte(): void {
    const value = Number.parseInt(this.bytes.toString('latin1', this.at + 2, this.at + 4), 16)
    this.at += 4
    if (!Number.isNaN(value)) this.byte(value)
  }

  private symbol(code: number): void {
    this.at += 2
    if (code === 0x2a) this.state.silent = this.optional()
    else if (code === 0x7e) this.text('\u00a0')
    else if (code === 0x5f) this.text('\u2011')
    else if (code === 0x0d || code === 0x0a) this.text('\n')
    else if (code === 0x5c || code === 0x7b || code === 0x7d) this.byte(code)
  }

  /** After \* only destinations known here are read. */
  private optional(): boolean {
    const word = /^\s*\\([a-z]+)/i.exec(this.bytes.toString('latin1', this.at, this.at + 40))?.[1] ?? ''
    return (
      ![
        'annotation',
        'objdata',
        'shptxt',
        'txfieldtext',
        'atnauthor',
        'company',
        'manager',
        'hlinkbase',
        'category',
      ].includes(word) || this.state.silent
    )
  }

  private word(word: string, argument: number | null): void {
    const character = CHARACTERS[word]
    if (character !== undefined) return this.text(character)
    switch (word) {
      case 'u':
        this.flush()
        this.text(String.fromCharCode(((argument ?? 63) + 65_536) & 0xffff))
        this.toSkip = this.state.skip
        return
      case 'uc':
        this.state.skip = Math.max(0, Math.min(argument ?? 1, 16))
        return
      case 'bin':
        this.at += Math.max(0, Math.min(argument ?? 0, this.bytes.length - this.at))
        return
      case 'ansicpg':
        this.codePage = charsetOf(argument ?? 1252)
        return
      case 'mac':
        this.codePage = 'macintosh'
        return
      case 'pc':
        this.codePage = 'cp437'
        return
      case 'deff':
        this.defaultFont = argument ?? 0
        return
      case 'f':
      case 'af':
        return this.font(word, argument ?? 0)
      case 'fcharset':
        this.fontSet(argument ?? 0)
        return
      case 'cpg':
        if (this.state.table) this.fonts.set(this.tableFont, charsetOf(argument ?? 1252))
        return
      case 'v':
        this.flush()
        this.state.hidden = argument !== 0
        return
      case 'deleted':
        this.flush()
        this.state.deleted = argument !== 0
        return
      case 'plain':
        this.flush()
        this.state.hidden = this.state.deleted = false
        this.state.font = -1
        return
      default:
        this.destination(word, argument)
    }
  }

  private font(word: string, number: number): void {
    if (this.state.table) this.tableFont = number
    else if (word === 'f') {
      this.flush()
      this.state.font = number
    }
  }

  private fontSet(number: number): void {
    const charset = FONT_SETS[number]
    if (this.state.table && charset !== undefined && knownCharset(charset))
      this.fonts.set(this.tableFont, charset)
  }

  private destination(word: string, argument: number | null): void {
    if (word === 'fonttbl') this.state.table = this.state.silent = true
    else if (word === 'info') this.state.info = 'info'
    else if (this.state.info !== '' && word in INFO) this.state.info = INFO[word] ?? ''
    else if (word in TIMES) {
      this.state.info = word
      this.time = {}
    } else if (this.state.info in TIMES && argument !== null) this.time[word] = argument
    else if (word === 'objdata') {
      this.state.object = true
      this.objects.push('')
    } else if (word in PARTS) {
      this.flush()
      this.state.part = PARTS[word] ?? 'body'
    } else if (SILENT.has(word)) this.state.silent = true
  }

  private byte(value: number): void {
    if (this.toSkip > 0) this.toSkip -= 1
    else if (this.state.object) this.objectByte(value)
    else if (!this.state.silent) this.pending.push(value)
  }

  private objectByte(value: number): void {
    const last = this.objects.length - 1
    const digit = String.fromCharCode(value)
    if (last >= 0 && last < 1_000 && /[0-9a-fA-F]/.test(digit)) this.objects[last] += digit
  }

  /** Bytes wait until their font's character set is settled: multi-byte ones come in pairs of escapes. */
  private flush(): void {
    if (this.pending.length === 0) return
    const font = this.state.font < 0 ? this.defaultFont : this.state.font
    const charset = this.fonts.get(font) ?? this.codePage
    const text = decodeText(
      Uint8Array.from(this.pending),
      decoderOf(charset) === null ? 'windows-1252' : charset,
    )
    this.pending = []
    this.keep(text)
  }

  private text(text: string): void {
    this.flush()
    if (!this.state.silent && !this.state.object) this.keep(text)
  }

  private keep(text: string): void {
    const { info } = this.state
    if (info !== '') {
      if (info !== 'info' && !(info in TIMES)) this.info.set(info, (this.info.get(info) ?? '') + text)
      return
    }
    const part = this.state.deleted ? 'deleted' : this.state.hidden ? 'hidden' : this.state.part
    const texts = this.texts.get(part)
    if (texts === undefined) this.texts.set(part, [text])
    else texts.push(text)
  }

  private keepTime(name: string): void {
    const { yr, mo = 1, dy = 1, hr = 0, min = 0 } = this.time
    if (yr === undefined || yr === 0) return
    const two = (value: number) => String(value).padStart(2, '0')
    this.info.set(name, `${yr}-${two(mo)}-${two(dy)}T${two(hr)}:${two(min)}`)
    this.time = {}
  }
}

function isLetter(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90)
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}
