import { zipLabel } from '../detect/container-types.ts'
import { FileBytes, HeldBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { ExtractResult, Extractor } from '../port.ts'
import { readWordPackage } from './docx.ts'
import { decryptOffice } from './office-crypto.ts'
import { readOpenXml } from './ooxml.ts'
import { readShow } from './pptx.ts'
import { readBinaryPackage } from './workbook.ts'
import { readWorkbook } from './xlsx.ts'

const VERSION = '1'
const FILE_BYTES = 256 * 1024 ** 2

/** Office packages encrypted inside a compound file (agile, standard): opened with a password, read as what they are. */
export const encryptedPackage: Extractor = {
  name: 'encrypted-package',
  version: VERSION,
  reads: (type) => type.label === 'ooxml-encrypted',
  async extract(input) {
    const source = `encrypted-package ${VERSION}`
    const gathering = new Gathering(input, source)
    using file = new FileBytes(input.path)
    const clear = await decryptOffice(file.read(0, FILE_BYTES), gathering)
    const about = gathering.finish()
    if (clear === null) return { ...about, outcome: 'unread' }
    const label = await zipLabel(new HeldBytes(clear)).catch(() => 'ooxml')
    const inner = await readOpenXml(
      input,
      source,
      async (zip, inside) => {
        inside.found('document.format', label)
        if (/^xls[xm]$/.test(label)) await readWorkbook(zip, inside)
        else if (label === 'xlsb') await readBinaryPackage(clear, zip, inside)
        else if (label.startsWith('pp')) await readShow(zip, inside)
        else await readWordPackage(zip, inside)
      },
      clear,
    )
    return joined(about, inner)
  },
}

function joined(about: ExtractResult, inner: ExtractResult): ExtractResult {
  return {
    ...inner,
    metadata: [...about.metadata, ...inner.metadata],
    notices: [...about.notices, ...inner.notices],
  }
}
