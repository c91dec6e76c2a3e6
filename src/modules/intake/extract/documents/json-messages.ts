/** An object found in a stream of JSON, with the plain values of the objects around it. */
export interface FoundObject {
  readonly text: string
  /** Plain members of the object that holds the array: a chat's name, type, id. */
  readonly around: Readonly<Record<string, string>>
}

interface Level {
  readonly kind: 'object' | 'array'
  readonly key: string
  readonly values: Record<string, string>
}

const MAX_OBJECT_CHARS = 8_000_000
const MAX_LEVELS = 512

/**
 * Finds the objects of arrays under one key while JSON streams by, so that an export of gigabytes never
 * stands in memory. It does not check JSON: a broken object is the reader's to refuse.
 */
export class ObjectFinder {
  private readonly arrayKey: string
  private readonly found: (object: FoundObject) => void
  private readonly levels: Level[] = []
  private inString = false
  private escaped = false
  private token = ''
  private key = ''
  private captured: string[] | null = null
  private captureDepth = 0
  private capturedChars = 0

  constructor(arrayKey: string, found: (object: FoundObject) => void) {
    this.arrayKey = arrayKey
    this.found = found
  }

  write(text: string): void {
    let start = 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (this.inString) {
        this.inside(code, text, at)
        continue
      }
      if (code === 0x22) this.inString = true
      else if (code === 0x7b || code === 0x5b) {
        if (this.enter(code === 0x7b ? 'object' : 'array')) start = at
      } else if (code === 0x7d || code === 0x5d) {
        if (this.leave(text.slice(start, at + 1))) start = at + 1
      } else if (code === 0x3a) this.colon()
      else if (code === 0x2c) this.comma()
      else if (this.captured === null && code > 32) this.token += text[at]
      if (code === 0x22) this.token = ''
    }
    if (this.captured !== null) this.capture(text.slice(start))
  }

  /** True while an object is still open: the export was cut off. */
  get unfinished(): boolean {
    return this.levels.length > 0
  }

  private inside(code: number, text: string, at: number): void {
    if (this.escaped) this.escaped = false
    else if (code === 0x5c) this.escaped = true
    else if (code === 0x22) {
      this.inString = false
      return
    }
    if (this.captured === null && this.token.length < 1_000) this.token += text[at]
  }

  private enter(kind: Level['kind']): boolean {
    if (this.levels.length >= MAX_LEVELS) throw new Error('JSON nested deeper than any export')
    const parent = this.levels[this.levels.length - 1]
    const begins =
      this.captured === null && kind === 'object' && parent?.kind === 'array' && parent.key === this.arrayKey
    this.levels.push({ kind, key: this.key, values: {} })
    this.key = this.token = ''
    if (!begins) return false
    this.captured = []
    this.capturedChars = 0
    this.captureDepth = this.levels.length
    return true
  }

  private leave(text: string): boolean {
    if (this.captured === null) this.comma()
    const depth = this.levels.length
    this.levels.pop()
    this.key = this.token = ''
    if (this.captured === null || depth !== this.captureDepth) return false
    this.capture(text)
    const holder = this.levels[this.levels.length - 2]
    if (this.capturedChars <= MAX_OBJECT_CHARS)
      this.found({ text: this.captured.join(''), around: holder?.values ?? {} })
    this.captured = null
    return true
  }

  private capture(text: string): void {
    this.capturedChars += text.length
    if (this.capturedChars <= MAX_OBJECT_CHARS) this.captured?.push(text)
  }

  private colon(): void {
    if (this.captured !== null) return
    this.key = this.token
    this.token = ''
  }

  private comma(): void {
    const level = this.levels[this.levels.length - 1]
    if (this.captured === null && level?.kind === 'object' && this.key !== '')
      level.values[this.key] = unescaped(this.token)
    if (level?.kind === 'object') this.key = ''
    this.token = ''
  }
}

function unescaped(token: string): string {
  if (!token.includes('\\')) return token
  try {
    return String(JSON.parse(`"${token}"`))
  } catch {
    return token // cut short or not a string: as written
  }
}
