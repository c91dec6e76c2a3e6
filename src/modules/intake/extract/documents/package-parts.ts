import type { Gathering } from '../gather.ts'
import type { ZipMember, ZipPackage } from '../zip-package.ts'
import { type Attributes, attribute, type XmlHandlers, XmlReader } from './xml.ts'

/** One relationship of an Office package: an id in a part that stands for another part or an address. */
export interface Relation {
  readonly id: string
  readonly type: string
  readonly target: string
  readonly external: boolean
}

/** XML of one part beyond this is not read; a sheet of 100 MB is. */
const PART_BYTES = 512 * 1024 ** 2

/**
 * Reads a part's XML in slices within the file's budget; says when it stops early. False where the
 * part is not there.
 */
export async function readPart(
  zip: ZipPackage,
  name: string,
  gathering: Gathering,
  handlers: XmlHandlers,
): Promise<boolean> {
  const member = zip.find(name)
  if (member === null) return false
  await readMember(zip, member, gathering, handlers)
  return true
}

export async function readMember(
  zip: ZipPackage,
  member: ZipMember,
  gathering: Gathering,
  handlers: XmlHandlers,
): Promise<void> {
  const step = member.name
  await gathering.attempt(step, `“${step}” is damaged`, async () => {
    const reader = new XmlReader({
      ...handlers,
      declaration(text) {
        if (/<!ENTITY|SYSTEM|PUBLIC/i.test(text))
          gathering.notice(
            'external-reference',
            'Declares XML entities; they were neither expanded nor fetched.',
            { step },
          )
        handlers.declaration?.(text)
      },
      unclosed() {
        gathering.notice('recovered', `“${step}” is not well-formed XML; read as far as it goes.`, { step })
      },
    })
    let [stopped, size] = [false, 0]
    for await (const slice of zip.slices(member, PART_BYTES)) {
      gathering.spend(slice.length)
      size += slice.length
      reader.write(slice)
      stopped = gathering.textFullNow || gathering.pressed()
      if (stopped) break
    }
    reader.end()
    if (size === 0) throw new Error('it is empty')
    if (stopped && gathering.pressed())
      gathering.notice('time-limit', 'Stopped at the time limit; the rest is not indexed.', {
        step,
        lost: true,
        retryable: true,
      })
  })
}

/** The relationships of a part, targets resolved to part names. */
export async function relationsOf(
  zip: ZipPackage,
  part: string,
  gathering: Gathering,
): Promise<readonly Relation[]> {
  const cut = part.lastIndexOf('/')
  const [folder, file] = [part.slice(0, cut + 1), part.slice(cut + 1)]
  const relations: Relation[] = []
  await readPart(zip, `${folder}_rels/${file}.rels`, gathering, {
    open(name, attributes) {
      if (name !== 'Relationship' || relations.length > 50_000) return
      const external = attributes.TargetMode === 'External'
      const target = attributes.Target ?? ''
      const resolved = external ? target : resolve(folder, target)
      relations.push({
        id: attributes.Id ?? '',
        type: lastStep(attributes.Type ?? ''),
        target: resolved,
        external,
      })
    },
  })
  return relations
}

/** A part name relative to a folder: '..' and a leading '/' resolved, never above the package. */
export function resolve(folder: string, target: string): string {
  const steps: string[] = []
  for (const step of (target.startsWith('/') ? target : `${folder}${target}`).split('/')) {
    if (step === '..') steps.pop()
    else if (step !== '' && step !== '.') steps.push(step)
  }
  return steps.join('/')
}

function lastStep(type: string): string {
  return type.slice(type.lastIndexOf('/') + 1)
}

/** A handler pair that gathers the text of elements by name: for core and custom properties. */
export function textOf(
  names: Readonly<Record<string, string>>,
  found: (name: string, value: string) => void,
): XmlHandlers {
  let current: string | null = null
  let value = ''
  return {
    open(name) {
      current = names[name] ?? null
      value = ''
    },
    text(text) {
      if (current !== null && value.length < 4_000) value += text
    },
    close(name) {
      if (current !== null && names[name] === current && value.trim() !== '') found(current, value.trim())
      current = null
    },
  }
}

export function flag(attributes: Attributes, name: string): boolean {
  const value = attribute(attributes, name)
  return value !== undefined && value !== '0' && value !== 'false' && value !== 'off' && value !== 'none'
}
