import { createHash } from 'node:crypto'
import type { Child, DetectedType, Extractor } from '../port.ts'
import { quoted } from './children.ts'
import { FileReader } from './file-reader.ts'
import { Report } from './report.ts'
import { ZipWork } from './zip.ts'

const NAME = 'web-archive-package'
const VERSION = '1.0'
const MOST_JSON_BYTES = 32 * 1024 * 1024
const MOST_PAGES = 20_000

interface Resource {
  readonly path?: unknown
  readonly hash?: unknown
  readonly bytes?: unknown
}

/** WACZ: a ZIP with WARCs, indexes and a list of pages; the hashes its datapackage states are recomputed. */
export const waczExtractor: Extractor = {
  name: NAME,
  version: VERSION,
  reads: (type: DetectedType) => type.label === 'wacz',
  async extract(input) {
    const report = new Report(NAME, VERSION)
    using file = new FileReader(input.path)
    await new ZipWork(input, file, report).run()
    const byPath = new Map(report.children.map((child) => [child.path, child]))
    checkPackage(byPath, report)
    checkDigest(byPath, report)
    listPages(byPath, report)
    return report.result()
  },
}

function checkPackage(byPath: ReadonlyMap<string, Child>, report: Report): void {
  const described = json(byPath.get('datapackage.json'))
  if (described === undefined) {
    report.notice(
      'broken',
      'The package has no readable datapackage.json; its hashes could not be checked.',
      { step: 'open' },
    )
    return
  }
  for (const key of [
    'wacz_version',
    'title',
    'description',
    'created',
    'modified',
    'software',
    'mainPageURL',
    'mainPageDate',
  ]) {
    const value = described[key]
    if (typeof value === 'string') report.find(`wacz.${key}`, value)
  }
  const resources = Array.isArray(described['resources']) ? (described['resources'] as Resource[]) : []
  let matched = 0
  for (const resource of resources) {
    const path = typeof resource?.path === 'string' ? resource.path : undefined
    if (path === undefined) continue
    const child = byPath.get(path)
    if (!child) report.notice('missing-attachment', `The package names ${quoted(path)}, which is not in it.`)
    else if (differs(child, resource))
      report.notice('tampered', `${quoted(path)} does not match the hash the package states.`)
    else matched++
  }
  report.find('wacz.resources', resources.length)
  report.find('wacz.resourcesMatched', matched)
}

function differs(child: Child, resource: Resource): boolean {
  if (typeof resource.bytes === 'number' && resource.bytes !== child.sizeBytes) return true
  const [, name, stated] = /^(sha256|sha1|md5|sha512):([0-9a-f]+)$/i.exec(String(resource.hash)) ?? []
  return name !== undefined && hashOf(child, name.toLowerCase()) !== stated?.toLowerCase()
}

/** datapackage-digest.json commits to datapackage.json itself, and may be signed. */
function checkDigest(byPath: ReadonlyMap<string, Child>, report: Report): void {
  const digest = json(byPath.get('datapackage-digest.json'))
  const described = byPath.get('datapackage.json')
  const stated = digest?.['hash']
  if (typeof stated !== 'string' || !described) return
  const matches = stated.toLowerCase() === `sha256:${hashOf(described, 'sha256')}`
  report.find('wacz.packageDigestMatches', matches)
  if (!matches) report.notice('tampered', 'datapackage.json does not match the digest stated for it.')
  if (digest?.['signedData'] !== undefined) {
    report.notice('signed', 'The package is signed by its maker; the signature was kept and not checked.', {
      step: 'open',
    })
  }
}

function listPages(byPath: ReadonlyMap<string, Child>, report: Report): void {
  const lines: string[] = []
  for (const path of ['pages/pages.jsonl', 'pages/extraPages.jsonl']) {
    for (const line of text(byPath.get(path)).split('\n')) {
      const page = parse(line)
      if (typeof page?.['url'] !== 'string' || lines.length >= MOST_PAGES) continue
      lines.push(
        [page['ts'], page['url'], page['title']].filter((word) => typeof word === 'string').join(' '),
      )
    }
  }
  report.find('wacz.pages', lines.length)
  report.text('pages', lines.join('\n'), { part: 'pages' })
}

function hashOf(child: Child, name: string): string {
  using file = new FileReader(child.file)
  const hash = createHash(name)
  for (const chunk of file.chunks()) hash.update(chunk)
  return hash.digest('hex')
}

function text(child: Child | undefined): string {
  if (!child) return ''
  using file = new FileReader(child.file)
  return file.read(0, MOST_JSON_BYTES).toString('utf8')
}

function json(child: Child | undefined): Record<string, unknown> | undefined {
  return parse(text(child))
}

function parse(words: string): Record<string, unknown> | undefined {
  if (!words.trim().startsWith('{')) return undefined
  try {
    return JSON.parse(words) as Record<string, unknown>
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined
    throw fault
  }
}
