import { FileBytes } from '../file-bytes.ts'
import { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'
import { nativeObject } from './ole-children.ts'
import { RtfReader } from './rtf-reader.ts'

const VERSION = '1'
const FILE_BYTES = 256 * 1024 ** 2

/** RTF: text by its fonts' character sets and \u escapes, so that Persian and Arabic survive; objects as children. */
export const rtf: Extractor = {
  name: 'rtf',
  version: VERSION,
  reads: (type) => type.label === 'rtf',
  async extract(input) {
    const gathering = new Gathering(input, `rtf ${VERSION}`)
    using file = new FileBytes(input.path)
    await gathering.attempt('text', 'The RTF broke off', () => {
      const reader = new RtfReader(file.read(0, FILE_BYTES))
      reader.read(() => gathering.pressed())
      report(reader, gathering)
    })
    return gathering.finish()
  },
}

function report(reader: RtfReader, gathering: Gathering): void {
  for (const [name, text] of reader.texts) {
    const label = name === 'hidden' ? 'hidden text' : name === 'deleted' ? 'deleted text' : name
    gathering.part(
      label,
      text
        .join('')
        .replaceAll(/\n{3,}/g, '\n\n')
        .trim(),
      { part: name },
    )
  }
  if (reader.texts.has('hidden') || reader.texts.has('deleted'))
    gathering.notice('hidden-content', 'Holds hidden or deleted text; it is kept apart.')
  for (const [name, value] of reader.info) gathering.found(`document.${name}`, value.trim())
  for (const [index, hex] of reader.objects.entries()) objectChild(hex, index, gathering)
  if (reader.objects.length > 0)
    gathering.notice('active-content', `Holds ${reader.objects.length} embedded object(s); not run.`, {
      step: 'unpack',
    })
  if (reader.unbalanced)
    gathering.notice('recovered', 'The file is cut off or damaged; read as far as it goes.', { lost: true })
}

/** Embedded object data: an OLE 1.0 header, then the native bytes. */
function objectChild(hex: string, index: number, gathering: Gathering): void {
  const bytes = Buffer.from(hex, 'hex')
  const name = `object ${index + 1}`
  let at = 8
  for (let strings = 0; strings < 3 && at + 4 <= bytes.length; strings++) at += 4 + bytes.readUInt32LE(at)
  const size = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : 0
  const native = bytes.subarray(at + 4, at + 4 + size)
  if (native.length === 0) return gathering.child(`${name}.bin`, bytes)
  if (bytes.subarray(0, 40).includes('Package', 0, 'latin1'))
    return nativeObject(Buffer.concat([Buffer.alloc(4), native]), name, gathering)
  gathering.child(`${name}.ole`, native)
}
