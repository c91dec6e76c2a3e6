import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startDesk, type RunningDesk } from '../../src/apps/server/start.ts'
import { createLogger } from '../../src/platform/log.ts'

const ROOT = path.join(import.meta.dirname, '../..')

/** A whole desk of its own in a fresh folder, as `npm start` runs it; `remove` stops it and takes the folder away. */
export async function startWholeDesk(): Promise<{
  running: RunningDesk
  origin: string
  remove: () => Promise<void>
}> {
  const home = mkdtempSync(path.join(tmpdir(), 'amanat-journey-'))
  const running = await startDesk({
    home,
    root: ROOT,
    environment: { PATH: process.env['PATH'], AMANAT_PORT: '0', AMANAT_DESK_NAME: 'Sample desk' },
    log: createLogger('fatal'),
  })
  if (!running.address) throw new Error('the desk listens nowhere')
  const remove = async (): Promise<void> => {
    await running.stop()
    rmSync(home, { recursive: true, force: true })
  }
  return { running, origin: running.address.origin, remove }
}
