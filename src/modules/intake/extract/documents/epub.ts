import { decodeText } from '../charset/decode.ts'
import { detectCharset } from '../charset/detect-charset.ts'
import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import { ZipPackage } from '../zip-package.ts'
import { readHtml } from './html-text.ts'
import { readPart, resolve, textOf } from './package-parts.ts'

const VERSION = '1'
const CHAPTER_BYTES = 32 * 1024 ** 2

/** EPUB books: a part a chapter in the spine's order, then what the spine leaves out; pictures as children. */
export const epub: Extractor = {
  name: 'epub',
  version: VERSION,
  reads: (type) => type.label === 'epub',
  async extract(input) {
    const gathering = new Gathering(input, `epub ${VERSION}`)
    using file = new FileBytes(input.path)
    const opened = await gathering.attempt('open', 'Not a readable EPUB', async () => {
      const zip = new ZipPackage(file)
      if (zip.members.length === 0) throw new Error('it holds no parts')
      if (zip.recovered)
        gathering.notice('recovered', 'The package is damaged or cut off; read as far as it goes.', {
          step: 'open',
          lost: true,
        })
      if (zip.find('META-INF/encryption.xml') !== null)
        gathering.notice('encrypted', 'Parts of the book are encrypted (rights management or fonts).', {
          step: 'open',
        })
      await readBook(zip, gathering)
    })
    return opened ? gathering.finish() : gathering.finish('unread')
  },
}

const META: Readonly<Record<string, string>> = {
  title: 'document.title',
  creator: 'document.author',
  contributor: 'document.contributor',
  publisher: 'document.publisher',
  language: 'document.language',
  date: 'document.date',
  identifier: 'document.identifier',
  subject: 'document.subject',
  description: 'document.comments',
  rights: 'document.rights',
}

async function readBook(zip: ZipPackage, gathering: Gathering): Promise<void> {
  let root = ''
  await readPart(zip, 'META-INF/container.xml', gathering, {
    open(name, attributes) {
      if (name === 'rootfile' && root === '') root = attributes['full-path'] ?? ''
    },
  })
  const folder = root.slice(0, root.lastIndexOf('/') + 1)
  const items = new Map<string, string>()
  const spine: string[] = []
  const meta = textOf(META, (name, value) => gathering.found(name, value))
  await readPart(zip, root, gathering, {
    ...meta,
    open(name, attributes, depth) {
      meta.open?.(name, attributes, depth)
      if (name === 'item') items.set(attributes.id ?? '', resolve(folder, unquoted(attributes.href ?? '')))
      if (name === 'itemref') spine.push(attributes.idref ?? '')
    },
  })
  const ordered = spine.flatMap((id) => items.get(id) ?? [])
  const pages = zip.members.map((member) => member.name).filter((name) => /\.x?html?$/i.test(name))
  const chapters = [...new Set([...ordered, ...pages])]
  for (const [index, chapter] of chapters.entries()) {
    if (gathering.pressed() || gathering.textFullNow) break
    await gathering.attempt(`chapter ${index + 1}`, `“${chapter}” is damaged`, () =>
      readChapter(zip, chapter, index + 1, gathering),
    )
  }
  for (const member of zip.members)
    if (/\.(jpe?g|png|gif|webp|mp3|mp4|m4a)$/i.test(member.name))
      gathering.child(member.name, await zip.bytes(member, gathering.left() + 1))
}

async function readChapter(
  zip: ZipPackage,
  name: string,
  number: number,
  gathering: Gathering,
): Promise<void> {
  const member = zip.find(name)
  if (member === null)
    return gathering.notice('broken', `The chapter “${name}” is missing.`, {
      step: `chapter ${number}`,
      lost: true,
    })
  const bytes = await zip.bytes(member, CHAPTER_BYTES)
  gathering.spend(bytes.length)
  const page = readHtml(decodeText(bytes, detectCharset(bytes)?.charset ?? 'utf-8'))
  gathering.part(
    page.title === '' ? `chapter ${number}` : `chapter ${number}: ${page.title.slice(0, 80)}`,
    page.text,
    { chapter: number, path: name },
  )
  if (page.scripts > 0) gathering.notice('active-content', 'Holds scripts; they were not run.')
}

function unquoted(href: string): string {
  try {
    return decodeURIComponent(href)
  } catch {
    return href // a stray percent sign: the name as written
  }
}
