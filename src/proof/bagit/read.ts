import type { HashName } from '../primitives.ts'
import { algorithmOf, isSafePath, parseManifest, decodePath, type ManifestLine } from './manifest.ts'
import { Problems, type BagFile, type BagProblem, type BagSource } from './source.ts'
import { linesOf, parseBagInfo, readDeclaration, readTagFile, type Declaration } from './tag-files.ts'

/** A bag as its tag files describe it; nothing of the payload has been read. */
export interface Bag {
  readonly declaration: Declaration
  /** `bag-info.txt` (`package-info.txt` before 0.95), in order; labels may repeat. */
  readonly info: readonly (readonly [string, string])[]
  /** Payload files with every hash that a manifest states for them. */
  readonly payload: readonly StatedFile[]
  /** Tag files that a tag manifest lists. */
  readonly tags: readonly StatedFile[]
  readonly files: readonly BagFile[]
  readonly problems: readonly BagProblem[]
}

export interface StatedFile {
  readonly path: string
  readonly hashes: Readonly<Partial<Record<HashName, string>>>
}

const MAX_MANIFEST_BYTES = 256 * 1024 * 1024
const MAX_INFO_BYTES = 1024 * 1024

/** Reads a bag's tag files (BagIt 0.93–0.97, 1.0). Null where it is no bag: the problems say why. */
export async function readBag(
  source: BagSource,
): Promise<{ readonly bag: Bag | null; readonly problems: readonly BagProblem[] }> {
  const problems = new Problems()
  const files = await source.list()
  const names = new Set(files.map((file) => file.path))
  if (!names.has('bagit.txt')) {
    problems.error('declaration_missing', 'There is no bagit.txt: this is not a bag.')
    return { bag: null, problems: problems.all }
  }
  const declaration = await readDeclaration(source, problems)
  if (declaration === null) return { bag: null, problems: problems.all }
  const reading: Reading = { source, declaration, names, problems }
  const payload = await readManifests(reading, true)
  const tags = await readManifests(reading, false)
  await checkFetch(reading)
  const info = await readInfo(reading)
  const bag = { declaration, info, payload, tags, files, problems: problems.all }
  checkOxum(bag, names, problems)
  return { bag, problems: problems.all }
}

interface Reading {
  readonly source: BagSource
  readonly declaration: Declaration
  readonly names: ReadonlySet<string>
  readonly problems: Problems
}

async function readManifests(reading: Reading, isPayload: boolean): Promise<StatedFile[]> {
  const { names, problems, declaration } = reading
  const form = isPayload ? /^manifest-[^/]+\.txt$/i : /^tagmanifest-[^/]+\.txt$/i
  const paths = [...names].filter((name) => form.test(name)).sort()
  const stated = new Map<string, Partial<Record<HashName, string>>>()
  const complete: { path: string; lines: readonly ManifestLine[] }[] = []
  for (const path of paths) {
    const algorithm = algorithmOf(path)
    if (algorithm === null) {
      problems.warn(
        'algorithm_unknown',
        `${path} uses a hash that is not supported; it is not checked.`,
        path,
      )
      continue
    }
    const text = await readTagFile(
      reading.source,
      { path, encoding: declaration.encoding, maxBytes: MAX_MANIFEST_BYTES },
      problems,
    )
    if (text === null) continue
    const order = {
      path,
      algorithm,
      version: declaration.version,
      has: (name: string) => names.has(name),
      isPayload,
    }
    const lines = parseManifest(text, order, problems)
    for (const line of lines) stated.set(line.path, { ...stated.get(line.path), [algorithm]: line.hash })
    complete.push({ path, lines })
  }
  if (isPayload && complete.length === 0)
    problems.error('manifest_missing', 'The bag has no payload manifest that can be checked.')
  if (isPayload && declaration.version === '1.0') requireAllInEach(complete, stated, problems)
  return [...stated].map(([path, hashes]) => ({ path, hashes }))
}

/** Version 1.0: every payload manifest lists every payload file. */
function requireAllInEach(
  manifests: readonly { readonly path: string; readonly lines: readonly ManifestLine[] }[],
  stated: ReadonlyMap<string, unknown>,
  problems: Problems,
): void {
  for (const { path, lines } of manifests)
    if (lines.length !== stated.size)
      problems.error('file_unlisted', `${path} does not list every file that the other manifests list.`, path)
}

/** `fetch.txt` names files to be had elsewhere. Nothing is ever fetched; a path that leaves the bag is an error. */
async function checkFetch({ source, declaration, names, problems }: Reading): Promise<void> {
  if (!names.has('fetch.txt')) return
  const order = { path: 'fetch.txt', encoding: declaration.encoding, maxBytes: MAX_MANIFEST_BYTES }
  const text = await readTagFile(source, order, problems)
  for (const line of linesOf(text ?? '')) {
    const named = /^\S+[ \t]+(?:\d+|-)[ \t]+(.+)$/.exec(line)?.[1]
    if (named === undefined) {
      problems.error(
        'fetch_malformed',
        'fetch.txt has a line that is not an address, a length and a path.',
        'fetch.txt',
      )
      continue
    }
    const path = named.replace(/^\.\//, '')
    const decoded = declaration.version === '1.0' || !names.has(path) ? decodePath(path) : path
    if (!isSafePath(decoded) || !decoded.startsWith('data/'))
      problems.error('path_unsafe', 'fetch.txt names a path outside the payload.', named)
    else if (!names.has(decoded))
      problems.error(
        'fetch_needed',
        'The bag is incomplete: fetch.txt says where this file could be had.',
        decoded,
      )
  }
}

async function readInfo({
  source,
  declaration,
  names,
  problems,
}: Reading): Promise<(readonly [string, string])[]> {
  const path = ['bag-info.txt', 'package-info.txt'].find((name) => names.has(name))
  if (path === undefined) return []
  const order = { path, encoding: declaration.encoding, maxBytes: MAX_INFO_BYTES }
  return parseBagInfo((await readTagFile(source, order, problems)) ?? '')
}

/** Files that a system makes by itself; that one is missing is no loss. */
export function isSystemFile(path: string): boolean {
  return /(^|\/)(\.ds_store|thumbs\.db|desktop\.ini)$/i.test(path)
}

/** `Payload-Oxum: bytes.files`, where it is stated. */
function checkOxum(bag: Bag, names: ReadonlySet<string>, problems: Problems): void {
  const payload = bag.files.filter((file) => file.path.startsWith('data/'))
  const sizeBytes = payload.reduce((sum, file) => sum + file.sizeBytes, 0)
  const lost = bag.payload.filter((file) => isSystemFile(file.path) && !names.has(file.path)).length
  for (const [label, value] of bag.info) {
    if (label.toLowerCase() !== 'payload-oxum' || value === `${sizeBytes}.${payload.length}`) continue
    const words = `The bag states a payload of ${value.slice(0, 60)} (bytes.files); it has ${sizeBytes}.${payload.length}.`
    if (lost > 0 && value.endsWith(`.${payload.length + lost}`)) problems.warn('oxum_mismatch', words)
    else problems.error('oxum_mismatch', words)
  }
}
