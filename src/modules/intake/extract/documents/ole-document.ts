import { FileBytes, HeldBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import { OleFile } from '../ole.ts'
import type { Extractor } from '../port.ts'
import { decryptOffice } from './office-crypto.ts'
import { oleChildren } from './ole-children.ts'
import { oleProperties } from './ole-properties.ts'

const FILE_BYTES = 256 * 1024 ** 2

/** What sets one old Office format apart from another; everything around it is the same compound file. */
interface OleDocument {
  /** The extractor's name, and the label of the type it reads. */
  readonly name: string
  readonly version: string
  /** Said where the file cannot be opened, and where its text cannot be read. */
  readonly unreadable: string
  readonly damaged: string
  isEncrypted(ole: OleFile): boolean
  read(ole: OleFile, gathering: Gathering): void
}

/** A reader of Office files from before 2007: properties, decryption with a password, text, embedded objects. */
export function oleDocument(format: OleDocument): Extractor {
  return {
    name: format.name,
    version: format.version,
    reads: (type) => type.label === format.name,
    async extract(input) {
      const gathering = new Gathering(input, `${format.name} ${format.version}`)
      using file = new FileBytes(input.path)
      const opened = await gathering.attempt('open', format.unreadable, async () => {
        const bytes = file.read(0, FILE_BYTES)
        let ole = new OleFile(new HeldBytes(bytes))
        oleProperties(ole, gathering)
        if (format.isEncrypted(ole)) {
          const clear = await decryptOffice(bytes, gathering)
          if (clear === null) return
          ole = new OleFile(new HeldBytes(clear))
        }
        await gathering.attempt('text', format.damaged, () => format.read(ole, gathering))
        await gathering.attempt('unpack', 'Embedded objects are damaged', () => oleChildren(ole, gathering))
        if (ole.damaged)
          gathering.notice('recovered', 'The file is damaged; read as far as it goes.', {
            step: 'open',
            lost: true,
          })
      })
      return opened ? gathering.finish() : gathering.finish('unread')
    },
  }
}
