import { existsSync } from 'node:fs'
import path from 'node:path'

/** Where a folder of the shared test data is, or null: tests then skip and say so. */
export function sharedData(...parts: string[]): string | null {
  const root = process.env['AMANAT_SHARED'] ?? path.join(import.meta.dirname, '../../../shared')
  const folder = path.join(root, 'testdata', ...parts)
  return existsSync(folder) ? folder : null
}

/** The `skip` option of a test that needs such a folder. */
export function needs(folder: string | null): { skip: string | false } {
  return { skip: folder === null ? 'the shared test data is not here' : false }
}
