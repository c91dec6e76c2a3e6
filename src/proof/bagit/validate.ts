import { toHex } from '../../base/bytes.ts'
import type { HashName, Primitives } from '../primitives.ts'
import { isSystemFile, readBag, type Bag, type StatedFile } from './read.ts'
import { Problems, type BagProblem, type BagSource } from './source.ts'

export interface BagReport {
  readonly isValid: boolean
  readonly bag: Bag | null
  /** In the order in which they were met. */
  readonly problems: readonly BagProblem[]
}

/**
 * Reads every file of a bag once and compares it with every hash stated for it. Never throws at a bad
 * bag; what the port throws passes through. Writes nothing and fetches nothing.
 */
export async function validateBag(p: Primitives, source: BagSource): Promise<BagReport> {
  const { bag, problems: found } = await readBag(source)
  if (bag === null) return { isValid: false, bag, problems: found }
  const problems = new Problems()
  problems.all.push(...found)
  checkUnlisted(bag, problems)
  const names = indexNames(bag, problems)
  for (const file of [...bag.payload, ...bag.tags]) await checkFile(p, source, file, names, problems)
  return { isValid: problems.all.every(({ severity }) => severity !== 'error'), bag, problems: problems.all }
}

/** Every payload file stands in a manifest; tag files need not. */
function checkUnlisted(bag: Bag, problems: Problems): void {
  const listed = new Set(bag.payload.map((file) => file.path))
  const folded = new Set([...listed].map(foldName))
  for (const { path } of bag.files)
    if (path.startsWith('data/') && !listed.has(path)) {
      if (folded.has(foldName(path))) continue // said where the listed name is looked for
      problems.error('file_unlisted', 'No manifest lists this payload file.', path)
    }
}

/** Made once a bag, so that a bag of a million files is read in time. */
interface Names {
  readonly all: ReadonlySet<string>
  /** Folded name → a file of the bag. */
  readonly byFold: ReadonlyMap<string, string>
  /** Folded names that more than one listed file has. */
  readonly twins: ReadonlySet<string>
  readonly toFetch: ReadonlySet<string | null>
}

function indexNames(bag: Bag, problems: Problems): Names {
  const seen = new Set<string>()
  const twins = new Set<string>()
  for (const fold of bag.payload.map(({ path }) => foldName(path)))
    if (seen.has(fold)) twins.add(fold)
    else seen.add(fold)
  return {
    all: new Set(bag.files.map(({ path }) => path)),
    byFold: new Map(bag.files.map(({ path }) => [foldName(path), path])),
    twins,
    toFetch: new Set(problems.all.filter(({ code }) => code === 'fetch_needed').map(({ path }) => path)),
  }
}

async function checkFile(
  p: Primitives,
  source: BagSource,
  file: StatedFile,
  names: Names,
  problems: Problems,
): Promise<void> {
  const fold = foldName(file.path)
  // The file itself, or the one it would be on a system that folds case or composes letters.
  const name = names.all.has(file.path) ? file.path : names.byFold.get(fold)
  if (name === undefined) {
    if (isSystemFile(file.path))
      problems.warn('file_missing', 'A system file that is listed is not there.', file.path)
    else if (!names.toFetch.has(file.path))
      problems.error('file_missing', 'A listed file is not there.', file.path)
    return
  }
  if (name !== file.path || names.twins.has(fold))
    problems.warn('name_folded', 'Another name differs from this one only in case or composition.', file.path)
  if (!(await matches(p, source, name, file)))
    problems.error('file_changed', 'The file does not have the hash that is stated for it.', file.path)
}

async function matches(p: Primitives, source: BagSource, name: string, file: StatedFile): Promise<boolean> {
  const stated = Object.entries(file.hashes) as [HashName, string][]
  const running = stated.map(([algorithm]) => p.hasher(algorithm))
  for await (const part of source.read(name)) for (const hash of running) hash.update(part)
  return stated.every(([, hash], at) => toHex(running[at]?.digest() ?? new Uint8Array(0)) === hash)
}

function foldName(path: string): string {
  return path.normalize('NFC').toLowerCase()
}
