import { existsSync, statfsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { createHash } from 'node:crypto'
import type { Desk } from '../../platform/tx.ts'
import { openPool, type Pool } from './extract/pool.ts'

/** A pool of readers and the folder in which its working copies live and die. */
export interface Workshop {
  readonly pool: Pool
  readonly root: string
}

interface Workshops {
  /** In memory: nothing of a small file touches the disk in the clear. */
  readonly small: Promise<Workshop>
  /** On the desk's disk; opened with the first large file. */
  large: Promise<Workshop> | null
}

/** Copies up to this size go to memory. */
const SMALL_BYTES = 64 * 1024 * 1024
const MEMORY = '/dev/shm'
const MEMORY_NEEDED = 2 * 1024 ** 3

const workshops = new WeakMap<Desk, Workshops>()

/** The readers for a file of this size. Opened with the first file; closed when the desk stops. */
export function workshopFor(desk: Desk, sizeBytes: number): Promise<Workshop> {
  const known = workshops.get(desk) ?? {
    small: open(desk, smallRoot(desk.home), desk.config.workers),
    large: null,
  }
  workshops.set(desk, known)
  if (sizeBytes <= SMALL_BYTES) return known.small
  known.large ??= open(desk, path.join(desk.home, 'work'), 1)
  return known.large
}

/** True once the readers were stopped: what they answered then says nothing about the file. */
export function isStopped(desk: Desk, { pool }: Workshop): boolean {
  return desk.signal.aborted || stopped.has(pool)
}

const stopped = new WeakSet<Pool>()

/** Kills all readers and wipes what they worked on. */
export async function closeWorkshops(desk: Desk): Promise<void> {
  const known = workshops.get(desk)
  workshops.delete(desk)
  for (const opening of [known?.small, known?.large]) {
    if (!opening) continue
    const { pool, root } = await opening
    stopped.add(pool)
    await pool.close()
    await rm(root, { recursive: true, force: true })
  }
}

async function open(desk: Desk, root: string, workers: number): Promise<Workshop> {
  await rm(root, { recursive: true, force: true }) // what a killed desk left in the clear
  await mkdir(root, { recursive: true, mode: 0o700 })
  const pool = await openPool({ workers, workRoot: root })
  desk.signal.addEventListener('abort', () => void closeWorkshops(desk), { once: true })
  return { pool, root }
}

function smallRoot(home: string): string {
  const roomy = existsSync(MEMORY) && statfsSync(MEMORY).bavail * statfsSync(MEMORY).bsize > MEMORY_NEEDED
  if (!roomy) return path.join(home, 'work-small')
  const mark = createHash('sha256').update(path.resolve(home)).digest('hex').slice(0, 16)
  return path.join(MEMORY, `amanat-${process.getuid?.() ?? 0}-${mark}`)
}
