import { FileBytes, HeldBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { ExtractInput, ExtractResult } from '../port.ts'
import { ZipPackage } from '../zip-package.ts'
import { readPart, relationsOf, textOf } from './package-parts.ts'

const CORE: Readonly<Record<string, string>> = {
  creator: 'document.author',
  lastModifiedBy: 'document.lastModifiedBy',
  created: 'document.createdAt',
  modified: 'document.modifiedAt',
  lastPrinted: 'document.lastPrintedAt',
  revision: 'document.revision',
  title: 'document.title',
  subject: 'document.subject',
  description: 'document.comments',
  keywords: 'document.keywords',
  category: 'document.category',
  language: 'document.language',
  identifier: 'document.identifier',
  version: 'document.version',
  contentStatus: 'document.status',
}
const APP: Readonly<Record<string, string>> = {
  Application: 'document.application',
  AppVersion: 'document.applicationVersion',
  Company: 'document.company',
  Manager: 'document.manager',
  Template: 'document.template',
  TotalTime: 'document.editingMinutes',
  Pages: 'document.pages',
  Slides: 'document.slides',
  HiddenSlides: 'document.hiddenSlides',
  Words: 'document.words',
  HyperlinkBase: 'document.hyperlinkBase',
}

/** Reads an Office package: opens, hands the body to `read`, then properties, children and warnings. */
export async function readOpenXml(
  input: ExtractInput,
  source: string,
  read: (zip: ZipPackage, gathering: Gathering) => Promise<void>,
  bytes?: Uint8Array,
): Promise<ExtractResult> {
  using file = new FileBytes(input.path)
  const gathering = new Gathering(input, source)
  const opened = await gathering.attempt('open', 'Not a readable package', async () => {
    const zip = new ZipPackage(bytes === undefined ? file : new HeldBytes(bytes))
    if (zip.members.length === 0) throw new Error('it holds no parts')
    if (/^(docm|xlsm|xlsb|pptm)$/.test(input.type.label))
      gathering.notice('active-content', 'Of a kind that may hold macros; none were run.', { step: 'open' })
    if (zip.recovered)
      gathering.notice('recovered', 'The package is damaged or cut off; read as far as it goes.', {
        step: 'open',
        lost: true,
      })
    for (const name of zip.repeated.slice(0, 5))
      gathering.notice(
        'unsafe-name',
        `Holds the part “${name}” twice; the first was read, which others may not do.`,
        { step: 'open' },
      )
    await gathering.attempt('text', 'The body is damaged', () => read(zip, gathering))
    await gathering.attempt('metadata', 'The properties are damaged', () => properties(zip, gathering))
    await gathering.attempt('unpack', 'Embedded files are damaged', () => embedded(zip, gathering))
    await gathering.attempt('metadata', 'The relationships are damaged', () => references(zip, gathering))
  })
  const result = gathering.finish()
  const nothing =
    result.parts.length + result.children.length === 0 &&
    result.notices.some((notice) => notice.code === 'broken')
  return opened && !nothing ? result : { ...result, outcome: 'unread' }
}

async function properties(zip: ZipPackage, gathering: Gathering): Promise<void> {
  const found = (name: string, value: string) => gathering.found(name, value)
  await readPart(zip, 'docProps/core.xml', gathering, textOf(CORE, found))
  await readPart(zip, 'docProps/app.xml', gathering, textOf(APP, found))
  let name = ''
  await readPart(zip, 'docProps/custom.xml', gathering, {
    open(element, attributes) {
      if (element === 'property') name = attributes.name ?? ''
    },
    text(text) {
      if (name !== '') gathering.found(`document.custom.${name}`, text)
    },
  })
}

const EMBEDDED =
  /^(word|xl|ppt|visio)\/(embeddings|media|activeX|oleObjects|ink)\/|^customXml\/item\d+\.xml$|^docProps\/thumbnail/i
const MACROS = /vbaProject\.bin$|vbaData\.xml$|^xl\/macrosheets\//i

async function embedded(zip: ZipPackage, gathering: Gathering): Promise<void> {
  for (const member of zip.members) {
    if (MACROS.test(member.name)) {
      gathering.notice('active-content', `Holds macros (${member.name}); they were not run.`, {
        step: 'unpack',
      })
      if (!member.name.endsWith('.bin')) continue
    } else if (!EMBEDDED.test(member.name) || member.name.endsWith('/')) continue
    if (/activeX/i.test(member.name))
      gathering.notice('active-content', 'Holds ActiveX controls; they were not run.', { step: 'unpack' })
    if (/customXml/i.test(member.name) && member.sizeBytes < 4_096) continue
    const bytes = await zip.bytes(member, gathering.left() + 1)
    gathering.child(member.name, bytes)
  }
  if (zip.members.some((member) => /^_xmlsignatures\//i.test(member.name)))
    gathering.notice('signed', 'Carries a digital signature; it was not checked.', { step: 'open' })
}

/** Addresses outside the package: links are metadata; what a program would load by itself is a notice. */
async function references(zip: ZipPackage, gathering: Gathering): Promise<void> {
  let links = 0
  for (const member of zip.members.filter((one) => one.name.endsWith('.rels'))) {
    const part = member.name.replace(/_rels\/([^/]*)\.rels$/, '$1')
    for (const relation of await relationsOf(zip, part, gathering)) {
      if (!relation.external) continue
      if (relation.type !== 'hyperlink')
        gathering.notice(
          'external-reference',
          `Would load “${relation.target.slice(0, 200)}” (${relation.type}); it was not fetched.`,
          { step: 'metadata' },
        )
      if (links++ < 500)
        gathering.found(
          relation.type === 'hyperlink' ? 'document.link' : 'document.externalReference',
          relation.target,
        )
    }
  }
}
