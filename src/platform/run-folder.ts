import { readFileSync } from 'node:fs'
import path from 'node:path'
import { socketFolderFor } from './postgres/socket-folder.ts'

/** Files of a running desk; made at start, worthless after it. */
export interface RunFiles {
  readonly folder: string
  /** Where the command line reaches the desk. In a short path: a socket's address holds 107 bytes. */
  readonly socket: string
  /** The local operator's token of this run (mode 0600). */
  readonly token: string
  /** Held by the one supervisor of this folder: its process id. */
  readonly lock: string
  /** What the supervisor says of itself once ready: JSON with `address` and `pid`. */
  readonly ready: string
  /** What supervisors started on demand wrote to standard error. */
  readonly output: string
}

/** Names the files; makes the folders (mode 0700). Refuses: socket_folder. */
export function runFiles(home: string): RunFiles {
  const folder = path.join(home, 'run')
  const sockets = socketFolderFor(folder)
  return {
    folder,
    socket: path.join(sockets, 'desk.sock'),
    token: path.join(folder, 'operator.token'),
    lock: path.join(folder, 'supervisor.pid'),
    ready: path.join(folder, 'ready.json'),
    output: path.join(folder, 'supervisor.log'),
  }
}

/** The process that holds the folder, or held it when it was killed; null where nobody does. */
export function readHolder(lock: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10)
    return Number.isInteger(pid) && pid > 1 ? pid : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** True where a process of this id lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
