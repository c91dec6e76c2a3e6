import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'

const VERSION = '1'
const FILE_BYTES = 16 * 1024 ** 2

/** OpenPGP files: encrypted ones are said so; the readable text of clear-signed ones is kept. */
export const sealed: Extractor = {
  name: 'openpgp',
  version: VERSION,
  reads: (type) => type.label === 'pgp',
  async extract(input) {
    const gathering = new Gathering(input, `openpgp ${VERSION}`)
    using file = new FileBytes(input.path)
    const text = file.read(0, FILE_BYTES).toString('utf8')
    const armour = /-----BEGIN PGP ([A-Z0-9 ,/]+?)-----/.exec(text)?.[1] ?? 'MESSAGE'
    gathering.found('openpgp.kind', armour.toLowerCase())
    if (armour === 'SIGNED MESSAGE') {
      const signed =
        /-----BEGIN PGP SIGNED MESSAGE-----[\s\S]*?\r?\n\r?\n([\s\S]*?)-----BEGIN PGP SIGNATURE-----/.exec(
          text,
        )?.[1] ?? ''
      gathering.part('signed text', signed.replaceAll(/^- /gm, ''), { body: true })
      gathering.notice('signed', 'Signed with OpenPGP; the signature was not checked.', { step: 'open' })
    } else if (armour.startsWith('MESSAGE')) {
      const words = 'Encrypted with OpenPGP: only the holder of the key can open it. Kept as it is.'
      gathering.notice('encrypted', words, { step: 'open', retryable: true, lost: true })
    } else gathering.part('armour', text.slice(0, 200_000), { body: true })
    return gathering.finish()
  },
}
