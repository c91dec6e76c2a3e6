import { createHash } from 'node:crypto'
import { mkdirSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Refusal } from '../../base/refusal.ts'

/** Room for `/.s.PGSQL.5432` and `.lock` within the 107 bytes that a socket address holds. */
const LONGEST_FOLDER = 85

/**
 * A folder (mode 0700) short enough to hold a socket: inside `folder` where its path is short, otherwise
 * in the system's temporary folder under a name that only depends on `folder`.
 *
 * Refuses: socket_folder, where another user made that name first.
 */
export function socketFolderFor(folder: string): string {
  const inside = path.join(path.resolve(folder), 'socket')
  const short = Buffer.byteLength(inside) <= LONGEST_FOLDER
  const name = createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 16)
  const chosen = short ? inside : path.join(tmpdir(), `amanat-${name}`)
  mkdirSync(chosen, { recursive: true, mode: 0o700 })
  const found = statSync(realpathSync(chosen))
  const mine = process.getuid === undefined || process.getuid() === 0 || found.uid === process.getuid()
  if (!mine || (found.mode & 0o022) !== 0) {
    throw new Refusal(
      'socket_folder',
      `${chosen} belongs to somebody else, so it cannot hold the desk's socket. Remove it, or use a shorter --home.`,
    )
  }
  return chosen
}
