import { decodeText, knownCharset } from '../charset/decode.ts'
import { charsetOf } from './ole-properties.ts'
import { CHARACTERS, FONT_SETS, INFO, PARTS, SILENT, TIMES } from './rtf-words.ts'

const MAX_DEPTH = 5_000

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
export class RtfReader {
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
    const text = decodeText(Uint8Array.from(this.pending), charset)
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
