import { createRequire } from 'node:module'
import type { Gathering } from '../gather.ts'
import type { OleEntry, OleFile } from '../ole.ts'

const require = createRequire(import.meta.url)
const POOLS = /^(?:ObjectPool\/_\d+|MBD[0-9A-F]+|Embedding \d+|Object \d+)$/i
const MACROS = /(^|\/)(_VBA_PROJECT_CUR|VBA|Macros)(\/|$)/i

/** Objects embedded in a compound document become children; macros are said, never run. */
export function oleChildren(ole: OleFile, gathering: Gathering): void {
  for (const entry of ole.entries)
    if (entry.kind === 'storage' && POOLS.test(entry.path)) embeddedObject(ole, entry, gathering)
  const modules = ole.entries.filter(
    (entry) =>
      entry.kind === 'stream' &&
      MACROS.test(entry.path) &&
      !/^(dir|_VBA_PROJECT|PROJECT(wm)?|__SRP_.*)$/i.test(entry.name),
  )
  if (modules.length > 0)
    gathering.notice('active-content', 'Holds macros; they were not run.', { step: 'unpack' })
  for (const module of modules.slice(0, 100)) gathering.found('document.macroModule', module.name)
}

function embeddedObject(ole: OleFile, storage: OleEntry, gathering: Gathering): void {
  const inside = (name: string) => ole.stream(`${storage.path}/${name}`)
  const native = inside('\u0001Ole10Native')
  const packaged = inside('Package') ?? inside('CONTENTS')
  if (native !== null) return nativeObject(native, storage.path, gathering)
  if (packaged !== null && packaged.length > 0)
    return gathering.child(`${storage.path}${suffixOf(packaged)}`, packaged)
  const bytes = standAlone(ole, storage)
  if (bytes !== null) gathering.child(`${storage.path}.ole`, bytes)
}

/** A packaged file: label, original path and bytes ([MS-OLEDS] 2.3.6 and what writers make of it). */
export function nativeObject(bytes: Buffer, path: string, gathering: Gathering): void {
  let at = 6
  const text = () => {
    const end = bytes.indexOf(0, at)
    const value = end < 0 ? '' : bytes.subarray(at, end).toString('latin1')
    at = end < 0 ? bytes.length : end + 1
    return value
  }
  const label = text()
  const origin = text()
  at += 4
  const lengthOfTemporary = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : 0
  at += 4 + lengthOfTemporary
  const size = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : -1
  if (size < 0 || at + 4 + size > bytes.length) return gathering.child(`${path}/Ole10Native`, bytes)
  const metadata = [
    { name: 'embedded.originalPath', value: origin.slice(0, 1_000), source: gathering.source },
  ]
  gathering.child(label === '' ? `${path}/object` : label, bytes.subarray(at + 4, at + 4 + size), {
    metadata,
  })
}

interface Writer {
  utils: { cfb_new(): object; cfb_add(file: object, path: string, bytes: Uint8Array): void }
  write(file: object, options: { type: 'buffer' }): Buffer
}

/** A storage written out as a compound file of its own, so that its reader can open it. */
function standAlone(ole: OleFile, storage: OleEntry): Buffer | null {
  const streams = ole.entries.filter(
    (entry) => entry.kind === 'stream' && entry.path.startsWith(`${storage.path}/`),
  )
  if (
    !streams.some((stream) =>
      /^(Workbook|Book|WordDocument|PowerPoint Document|VisioDocument|Equation Native|Contents)$/i.test(
        stream.name,
      ),
    )
  )
    return null
  const { utils, write } = require('cfb') as Writer
  const file = utils.cfb_new()
  for (const stream of streams)
    utils.cfb_add(file, `/${stream.path.slice(storage.path.length + 1)}`, ole.bytes(stream))
  return write(file, { type: 'buffer' })
}

function suffixOf(bytes: Buffer): string {
  const start = bytes.subarray(0, 4).toString('latin1')
  if (start === '%PDF') return '.pdf'
  return start === 'PK\u0003\u0004' ? '.zip' : '.bin'
}
