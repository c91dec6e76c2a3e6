import { readHealth, readMetrics } from '../../../contract/health.ts'
import { handle, type Handled } from '../handle.ts'
import { printMetrics } from '../metrics.ts'
import type { HealthProbe } from '../parts.ts'

const PROBE_TIMEOUT_MS = 3000

export const healthHandlers: readonly Handled[] = [
  handle(readHealth, async ({ parts, setStatus }) => {
    const checks = await Promise.all(parts.health.map(probe))
    const ok = checks.every((check) => check.ok)
    if (!ok) setStatus(503)
    return { status: ok ? ('ok' as const) : ('failing' as const), checks }
  }),
  handle(readMetrics, async () => ({
    type: 'text/plain; version=0.0.4; charset=utf-8',
    body: await printMetrics(),
  })),
]

/** Runs one probe; a slow one counts as failed. The words never hold more than the probe chose to say. */
async function probe({ name, check }: HealthProbe): Promise<{ name: string; ok: boolean; words: string }> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_TIMEOUT_MS} ms`)), PROBE_TIMEOUT_MS)
  })
  try {
    return { name, ok: true, words: await Promise.race([check(), late]) }
  } catch (error) {
    return { name, ok: false, words: (error as Error).message.slice(0, 300) }
  } finally {
    clearTimeout(timer)
  }
}
