import type { Extractor } from '../port.ts'
import { readOpenXml } from './ooxml.ts'
import { readPart } from './package-parts.ts'

const VERSION = '1'

/** Visio drawings of the XML kind: a part a page. */
export const visio: Extractor = {
  name: 'visio',
  version: VERSION,
  reads: (type) => type.label === 'vsdx',
  extract: (input) =>
    readOpenXml(input, `visio ${VERSION}`, async (zip, gathering) => {
      const pages = zip.members
        .map((member) => member.name)
        .filter((name) => /^visio\/(pages|masters)\/(page|master)\d+\.xml$/i.test(name))
      for (const page of pages) {
        const texts: string[] = []
        let inText = 0
        await readPart(zip, page, gathering, {
          open: (name) => void (name === 'Text' && (inText += 1)),
          close(name) {
            if (name !== 'Text') return
            inText -= 1
            texts.push('\n')
          },
          text: (text) => void (inText > 0 && texts.push(text)),
        })
        const label = page.replace(/^visio\/(?:pages|masters)\/|\.xml$/gi, '')
        gathering.part(label, texts.join(''), { drawing: label })
      }
    }),
}
