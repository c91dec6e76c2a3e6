import type { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import type { ZipPackage } from '../zip-package.ts'
import { readOpenXml } from './ooxml.ts'
import { readPart, relationsOf } from './package-parts.ts'

const VERSION = '1'

/** PowerPoint packages: a part a slide in the show's order, its notes and comments; hidden slides are said. */
export const pptx: Extractor = {
  name: 'pptx',
  version: VERSION,
  reads: (type) => ['pptx', 'pptm', 'ppsx'].includes(type.label),
  extract: (input) => readOpenXml(input, `pptx ${VERSION}`, readShow),
}

export async function readShow(zip: ZipPackage, gathering: Gathering): Promise<void> {
  const roots = await relationsOf(zip, '', gathering)
  const main = roots.find((relation) => relation.type === 'officeDocument')?.target ?? 'ppt/presentation.xml'
  const relations = await relationsOf(zip, main, gathering)
  const order: string[] = []
  await readPart(zip, main, gathering, {
    open(name, attributes) {
      if (name === 'sldId') order.push(attributes['r:id'] ?? '')
    },
  })
  const listed = order.flatMap((id) => relations.find((relation) => relation.id === id)?.target ?? [])
  const all = zip.members
    .map((member) => member.name)
    .filter((name) => /^ppt\/slides\/slide\d+\.xml$/i.test(name))
  const slides = [...new Set([...listed, ...all.sort(byNumber)])].slice(0, 20_000)
  gathering.found('document.slideCount', slides.length)
  for (const [index, slide] of slides.entries()) await readSlide(zip, slide, index + 1, gathering)
  if (slides.length > listed.length && listed.length > 0)
    gathering.notice(
      'hidden-content',
      `${slides.length - listed.length} slides stand in the file but not in the show.`,
    )
  for (const member of zip.members) {
    const layer = /^ppt\/(slideMasters|notesMasters|handoutMasters|slideLayouts)\/[^/]+\.xml$/i.exec(
      member.name,
    )?.[1]
    if (layer === 'slideMasters')
      gathering.part('master', await drawingText(zip, member.name, gathering), { master: true })
  }
}

async function readSlide(
  zip: ZipPackage,
  slide: string,
  number: number,
  gathering: Gathering,
): Promise<void> {
  let hidden = false
  const text = await drawingText(zip, slide, gathering, (shown) => (hidden = !shown))
  gathering.part(`slide ${number}`, text, { slide: number, ...(hidden ? { hidden } : {}) })
  if (hidden) gathering.notice('hidden-content', `Slide ${number} is hidden from the show.`)
  for (const relation of await relationsOf(zip, slide, gathering)) {
    if (relation.external) continue
    if (relation.type === 'notesSlide')
      gathering.part(`notes of slide ${number}`, await drawingText(zip, relation.target, gathering), {
        slide: number,
        notes: true,
      })
    if (relation.type === 'comments')
      gathering.part(`comments on slide ${number}`, await drawingText(zip, relation.target, gathering), {
        slide: number,
        comments: true,
      })
    if (/^(diagramData|chart)$/.test(relation.type))
      gathering.part(`figure on slide ${number}`, await drawingText(zip, relation.target, gathering), {
        slide: number,
        figure: true,
      })
  }
}

/** Text of DrawingML: runs, paragraphs, cells; comments' plain text and chart labels too. */
export async function drawingText(
  zip: ZipPackage,
  name: string,
  gathering: Gathering,
  shown?: (shown: boolean) => void,
): Promise<string> {
  const texts: string[] = []
  let inText = false
  await readPart(zip, name, gathering, {
    open(element, attributes) {
      if (element === 't' || element === 'text' || element === 'v') inText = true
      else if (element === 'br') texts.push('\n')
      else if (element === 'sld') shown?.(attributes.show !== '0')
      else if (element === 'cNvPr' && attributes.descr) texts.push(`${attributes.descr}\n`)
    },
    close(element) {
      if (element === 't' || element === 'text' || element === 'v') inText = false
      if (element === 'p' || element === 'text' || element === 'v') texts.push('\n')
      if (element === 'tc') texts.push('\t')
    },
    text(text) {
      if (inText) texts.push(text)
    },
  })
  return texts.join('')
}

function byNumber(a: string, b: string): number {
  return Number(/(\d+)\.xml$/.exec(a)?.[1] ?? 0) - Number(/(\d+)\.xml$/.exec(b)?.[1] ?? 0)
}
