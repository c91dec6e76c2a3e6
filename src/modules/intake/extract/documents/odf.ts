import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import { ZipPackage } from '../zip-package.ts'
import { readPart, textOf } from './package-parts.ts'

const VERSION = '1'
const PIECE = 400_000

/** OpenDocument text, sheets, slides and drawings: content and master text, notes, changes, properties. */
export const odf: Extractor = {
  name: 'odf',
  version: VERSION,
  reads: (type) => ['odt', 'ods', 'odp', 'odg', 'odf', 'odb'].includes(type.label),
  async extract(input) {
    const gathering = new Gathering(input, `odf ${VERSION}`)
    using file = new FileBytes(input.path)
    const opened = await gathering.attempt('open', 'Not a readable OpenDocument package', async () => {
      const zip = new ZipPackage(file)
      if (zip.members.length === 0) throw new Error('it holds no parts')
      if (zip.recovered)
        gathering.notice('recovered', 'The package is damaged or cut off; read as far as it goes.', {
          step: 'open',
          lost: true,
        })
      if (await isEncrypted(zip, gathering)) return
      await readBody(zip, 'content.xml', gathering)
      await readBody(zip, 'styles.xml', gathering)
      await readPart(zip, 'meta.xml', gathering, properties(gathering))
      await gathering.attempt('unpack', 'Embedded files are damaged', () => unpack(zip, gathering))
    })
    return opened ? gathering.finish() : gathering.finish('unread')
  },
}

async function isEncrypted(zip: ZipPackage, gathering: Gathering): Promise<boolean> {
  let encrypted = false
  await readPart(zip, 'META-INF/manifest.xml', gathering, {
    open(name) {
      encrypted ||= name === 'encryption-data'
    },
  })
  if (!encrypted) return false
  gathering.notice(
    'encrypted',
    'Encrypted OpenDocument: this reader cannot open it yet, even with the password. Kept as it is.',
    {
      step: 'open',
      lost: true,
      retryable: true,
    },
  )
  gathering.found('document.encrypted', true)
  return true
}

const META: Readonly<Record<string, string>> = {
  'initial-creator': 'document.author',
  creator: 'document.lastModifiedBy',
  'creation-date': 'document.createdAt',
  date: 'document.modifiedAt',
  'print-date': 'document.lastPrintedAt',
  'printed-by': 'document.lastPrintedBy',
  generator: 'document.application',
  title: 'document.title',
  subject: 'document.subject',
  description: 'document.comments',
  keyword: 'document.keywords',
  language: 'document.language',
  'editing-cycles': 'document.revision',
  'editing-duration': 'document.editingTime',
}

function properties(gathering: Gathering): ReturnType<typeof textOf> {
  const handlers = textOf(META, (name, value) => gathering.found(name, value))
  return {
    ...handlers,
    open(name, attributes, depth) {
      handlers.open?.(name, attributes, depth)
      if (name === 'template') gathering.found('document.template', attributes['xlink:href'])
      if (name === 'document-statistic') gathering.found('document.pages', attributes['meta:page-count'])
    },
  }
}

const PARAGRAPHS = new Set(['p', 'h', 'list-item', 'table-row', 'page', 'line-break'])

/** Streams a body: sheets and slides become parts of their own; notes, comments and changes stand apart. */
async function readBody(zip: ZipPackage, member: string, gathering: Gathering): Promise<void> {
  const beside = new Map<string, string[]>()
  const master = member === 'styles.xml'
  let texts: string[] = []
  let [label, locator, size, slide, inBody, quiet] = [
    master ? 'header, footer and master' : 'body',
    { part: member } as Record<string, string | number | boolean>,
    0,
    0,
    0,
    0,
  ]
  const asides: string[] = []
  const flush = () => {
    gathering.part(
      label,
      texts
        .join('')
        .replaceAll(/[ ]*\n\s*\n+/g, '\n')
        .trim(),
      locator,
    )
    texts = []
    size = 0
  }
  const add = (text: string) => {
    const aside = asides[asides.length - 1]
    if (aside === undefined) texts.push(text)
    else beside.set(aside, [...(beside.get(aside) ?? []), text])
    size += text.length
  }
  await readPart(zip, member, gathering, {
    open(name, attributes) {
      if (name === 'body' || name === 'master-styles') inBody += 1
      if (inBody === 0) return
      if (name === 'binary-data' || name === 'script') quiet += 1
      else if (name === 'table' && zipIsSheet(zip, member, attributes)) {
        flush()
        label = `sheet "${attributes['table:name'] ?? ''}"`
        locator = { sheet: attributes['table:name'] ?? '' }
      } else if (name === 'page') {
        flush()
        slide += 1
        label = `slide ${slide}`
        locator = { slide }
      } else if (name === 'annotation' || name === 'tracked-changes' || name === 'note') {
        asides.push(name === 'annotation' ? 'comments' : name === 'note' ? 'notes' : 'deleted text')
      } else if (name === 'tab') add('\t')
      else if (name === 's') add(' '.repeat(Math.min(Number(attributes['text:c'] ?? 1) || 1, 100)))
      if (
        attributes['table:display'] === 'false' ||
        attributes['text:display'] === 'none' ||
        attributes['table:visibility'] === 'collapse'
      )
        gathering.notice('hidden-content', 'Holds hidden rows, sheets or passages; they were read too.')
    },
    close(name) {
      if (name === 'body' || name === 'master-styles') inBody -= 1
      if (inBody === 0) return
      if (name === 'binary-data' || name === 'script') quiet -= 1
      if (name === 'annotation' || name === 'tracked-changes' || name === 'note') asides.pop()
      if (PARAGRAPHS.has(name)) add('\n')
      else if (name === 'table-cell' || name === 'covered-table-cell') {
        if (texts[texts.length - 1] === '\n') texts.pop()
        add('\t')
      }
      if (name === 'p' && size > PIECE) flush()
    },
    text(text) {
      if (inBody > 0 && quiet === 0) add(text.replaceAll(/\s+/g, ' '))
    },
  })
  flush()
  for (const [name, said] of beside) gathering.part(name, said.join(''), { part: member, [name]: true })
  if (beside.has('deleted text'))
    gathering.notice('hidden-content', 'Tracked changes: deleted text is still in the file and kept apart.')
}

function zipIsSheet(zip: ZipPackage, member: string, attributes: Readonly<Record<string, string>>): boolean {
  return (
    member === 'content.xml' && attributes['table:name'] !== undefined && zip.find('content.xml') !== null
  )
}

async function unpack(zip: ZipPackage, gathering: Gathering): Promise<void> {
  for (const member of zip.members) {
    if (/^(Basic|Scripts)\/.+\.(xml|py|js|bsh)$/i.test(member.name))
      gathering.notice('active-content', 'Holds macros; they were not run.', { step: 'unpack' })
    if (
      !/^(Pictures|media|Object[^/]*|ObjectReplacements)(\/|$)/i.test(member.name) ||
      member.name.endsWith('/')
    )
      continue
    const inner = /^Object [^/]*\/content\.xml$/.test(member.name)
    if (inner) await readBodyOf(zip, member.name, gathering)
    else if (!/^Object [^/]*\//.test(member.name))
      gathering.child(member.name, await zip.bytes(member, gathering.left() + 1))
  }
}

/** An embedded object kept as loose parts: its words are read in place. */
async function readBodyOf(zip: ZipPackage, member: string, gathering: Gathering): Promise<void> {
  const texts: string[] = []
  await readPart(zip, member, gathering, {
    close: (name) => void (PARAGRAPHS.has(name) && texts.push('\n')),
    text: (text) => void texts.push(text),
  })
  gathering.part(`embedded ${member.replace(/\/content\.xml$/, '')}`, texts.join(''), { part: member })
}
