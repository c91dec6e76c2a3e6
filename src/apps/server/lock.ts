import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { Refusal } from '../../base/refusal.ts'

/** Held by the one supervisor of a desk's folder. */
export interface FolderLock {
  release(): void
}

/**
 * Takes the folder, or takes it over from a supervisor that was killed. The file holds the process id and when
 * that process began, so that another program with the same id after a reboot is not mistaken for it.
 *
 * Refuses: desk_running.
 */
export function lockFolder(file: string): FolderLock {
  const mine = `${process.pid} ${beganAt(process.pid) ?? ''}\n`
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  writeFileSync(draft, mine, { mode: 0o600 })
  try {
    for (let tries = 0; tries < 20; tries++) {
      if (link(draft, file)) return { release: () => release(file, mine) }
      const holder = read(file)
      if (holder !== null && lives(holder)) throw running(holder)
      if (holder !== null) clearStale(file, holder)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  throw running(read(file) ?? '')
}

/** `link` fails where the name exists: of two that race, one wins. */
function link(draft: string, file: string): boolean {
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Moves the dead holder's file away; where another start was quicker and its file was moved instead, puts it back. */
function clearStale(file: string, holder: string): void {
  const aside = `${file}.stale-${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (read(aside) !== holder) link(aside, file)
  rmSync(aside, { force: true })
}

function release(file: string, mine: string): void {
  if (read(file) === mine) rmSync(file, { force: true })
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function lives(holder: string): boolean {
  const [pid = '', began = ''] = holder.trim().split(' ')
  const id = Number(pid)
  if (!Number.isInteger(id) || id <= 0) return false
  if (id === process.pid) return began === (beganAt(id) ?? '')
  try {
    process.kill(id, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return began === '' || began === (beganAt(id) ?? '')
}

/** When a process began, in clock ticks since this boot, with the boot's own id; null where the system does not say. */
function beganAt(pid: number): string | null {
  if (process.platform !== 'linux') return null
  const stat = read(`/proc/${pid}/stat`)
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim()
  return ticks === undefined || boot === undefined ? null : `${boot}:${ticks}`
}

function running(holder: string): Refusal {
  const pid = holder.trim().split(' ')[0] ?? ''
  return new Refusal(
    'desk_running',
    `The desk in this folder runs already (process ${pid}). Nothing was started. Use it, or stop it first.`,
    { pid: Number(pid) || null },
  )
}
