import type { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import type { ZipPackage } from '../zip-package.ts'
import { readOpenXml } from './ooxml.ts'
import { flag, readPart, relationsOf, type Relation } from './package-parts.ts'
import { attribute, type XmlHandlers } from './xml.ts'

const VERSION = '1'
const PIECE = 400_000

/**
 * Word documents (DOCX, DOCM, DOTX): body in reading order, then headers, footers, notes and comments,
 * each a part of its own; deleted and hidden text is kept apart and said.
 */
export const docx: Extractor = {
  name: 'docx',
  version: VERSION,
  reads: (type) => ['docx', 'docm', 'dotx', 'ooxml'].includes(type.label),
  extract: (input) => readOpenXml(input, `docx ${VERSION}`, readWordPackage),
}

const SIDE_PARTS: readonly (readonly [type: string, label: string])[] = [
  ['header', 'header'],
  ['footer', 'footer'],
  ['footnotes', 'footnotes'],
  ['endnotes', 'endnotes'],
  ['comments', 'comments'],
  ['glossaryDocument', 'building blocks'],
  ['aFChunk', 'inserted document'],
]

export async function readWordPackage(zip: ZipPackage, gathering: Gathering): Promise<void> {
  const roots = await relationsOf(zip, '', gathering)
  const main = roots.find((relation) => relation.type === 'officeDocument')?.target ?? 'word/document.xml'
  const body = zip.find(main) === null ? 'word/document.xml' : main
  if (!(await readWordPart(zip, body, 'body', gathering)))
    gathering.notice('broken', 'The document’s body is missing from the package.', { lost: true })
  const relations = await relationsOf(zip, body, gathering)
  for (const [type, label] of SIDE_PARTS) await readSide(zip, relations, type, label, gathering)
}

async function readSide(
  zip: ZipPackage,
  relations: readonly Relation[],
  type: string,
  label: string,
  gathering: Gathering,
): Promise<void> {
  const targets = relations.filter((relation) => relation.type === type && !relation.external)
  for (const [index, { target }] of targets.entries()) {
    if (/\.(xml)$/i.test(target))
      await readWordPart(zip, target, targets.length > 1 ? `${label} ${index + 1}` : label, gathering)
  }
}

async function readWordPart(
  zip: ZipPackage,
  name: string,
  label: string,
  gathering: Gathering,
): Promise<boolean> {
  const word = new WordText(gathering, label)
  const there = await readPart(zip, name, gathering, word.handlers)
  word.flush()
  return there
}

/** Text of WordprocessingML as it streams by. */
class WordText {
  private readonly gathering: Gathering
  private readonly label: string
  private shown: string[] = []
  private readonly deleted: string[] = []
  private readonly hidden: string[] = []
  private size = 0
  private piece = 0
  private inText = false
  private inDeleted = false
  private vanish = false
  private fallback = 0

  constructor(gathering: Gathering, label: string) {
    this.gathering = gathering
    this.label = label
  }

  readonly handlers: XmlHandlers = {
    open: (name, attributes) => {
      switch (name) {
        case 't':
        case 'instrText':
          this.inText = name === 't'
          break
        case 'delText':
          this.inDeleted = true
          break
        case 'tab':
          this.add('\t')
          break
        case 'br':
        case 'cr':
          this.add('\n')
          break
        case 'noBreakHyphen':
          this.add('\u2011')
          break
        case 'sym':
          this.add(symbol(attribute(attributes, 'char')))
          break
        case 'vanish':
          this.vanish = flagOn(attributes)
          break
        case 'r':
          this.vanish = false
          break
        case 'Fallback':
          this.fallback += 1
          break
        case 'docPr':
          if (attributes.descr) this.add(` ${attributes.descr} `)
          break
        case 'comment':
          this.add(`${attribute(attributes, 'author') ?? ''}: `)
          break
        default:
      }
    },
    close: (name) => {
      if (name === 't') this.inText = false
      else if (name === 'delText') this.inDeleted = false
      else if (name === 'p' || name === 'tr') this.add('\n')
      else if (name === 'tc') this.cell()
      else if (name === 'Fallback') this.fallback -= 1
      if (name === 'p' && this.size > PIECE) this.flush()
    },
    text: (text) => {
      if (this.inText) this.add(text)
      else if (this.inDeleted) this.deleted.push(text)
    },
  }

  flush(): void {
    this.piece += 1
    const piece = this.piece > 1 ? { piece: this.piece } : {}
    this.gathering.part(
      this.piece > 1 ? `${this.label}, continued ${this.piece}` : this.label,
      this.shown.join(''),
      { part: this.label, ...piece },
    )
    this.shown = []
    this.size = 0
    this.aside(
      this.deleted,
      'deleted text',
      { deleted: true },
      'Tracked changes: deleted text is still in the file and kept apart.',
    )
    this.aside(
      this.hidden,
      'hidden text',
      { hidden: true },
      'Holds text formatted as hidden; it is kept apart.',
    )
  }

  private aside(texts: string[], label: string, locator: Record<string, boolean>, words: string): void {
    if (texts.join('').trim() === '') return
    this.gathering.part(`${label} (${this.label})`, texts.join(''), { part: this.label, ...locator })
    this.gathering.notice('hidden-content', words)
    texts.length = 0
  }

  private cell(): void {
    if (this.shown[this.shown.length - 1] === '\n') this.shown.pop()
    this.add('\t')
  }

  private add(text: string): void {
    if (this.fallback > 0) return // the same text stands in the alternative before it
    if (this.vanish) this.hidden.push(text)
    else this.shown.push(text)
    this.size += text.length
  }
}

function flagOn(attributes: Readonly<Record<string, string>>): boolean {
  return Object.keys(attributes).length === 0 || flag(attributes, 'val')
}

/** A character of a symbol font: its private place minus the font's offset is not text; a plain one is. */
function symbol(code: string | undefined): string {
  const value = Number.parseInt(code ?? '', 16)
  return value >= 0x20 && value < 0xe000 ? String.fromCodePoint(value) : ' '
}
