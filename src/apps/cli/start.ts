import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../../base/refusal.ts'
import { isAlive, readHolder, runFiles } from '../../platform/run-folder.ts'
import type { RunningDesk, StartOptions } from '../server/start.ts'
import { answers, homeOf, type GlobalOptions } from './connect.ts'
import { askSecret, passphraseFromFile } from './passphrase.ts'
import { createPrinter, type Printer } from './print.ts'

/** The folder with `db` and `dist`: the checkout or the installed package. */
const ROOT = path.join(import.meta.dirname, '../../..')

interface Context {
  readonly options: GlobalOptions & { readonly onDemand?: boolean }
  readonly print: Printer
}

/** Starts the desk, says where it is, and keeps it running until Ctrl-C or SIGTERM. */
export async function runStart({ options, print }: Context): Promise<void> {
  const home = homeOf(options)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const running = await openDesk({ home, environment: process.env, root: ROOT })
  print.result(
    { home, address: running.address?.href ?? null, firstAdministratorLink: running.firstAdministratorLink },
    () => describe(home, running),
  )
  await untilAskedToStop()
  print.say('Stopping…')
  await running.stop()
  print.say('Stopped.')
}

function describe(home: string, running: RunningDesk): string {
  const lines = ['', `  Amanat runs at ${running.address?.href ?? running.socket}`, `  Its folder is ${home}`]
  if (running.firstAdministratorLink)
    lines.push(
      '',
      '  Nobody administers this desk yet. This link works once and makes the first administrator:',
      `  ${running.firstAdministratorLink}`,
    )
  return [...lines, '', '  Ctrl-C stops it.', ''].join('\n')
}

/** Starts; where keys are sealed and a terminal is there, asks for the passphrase. */
async function openDesk(options: StartOptions): Promise<RunningDesk> {
  const given = passphraseFromFile(process.env)
  const { startDesk } = await import('../server/start.ts') // large: only who starts a desk waits for it
  try {
    return await startDesk(given === undefined ? options : { ...options, passphrase: given })
  } catch (error) {
    const sealed = error instanceof Refusal && error.code === 'keys_sealed'
    if (!sealed || !process.stdin.isTTY) throw error
    return startDesk({ ...options, passphrase: await askSecret('Passphrase of the desk’s keys:') })
  }
}

function untilAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}

/** The supervisor that other verbs start: only the socket, and it ends after its last client. */
export async function runServe({ options }: Context): Promise<number> {
  const home = homeOf(options)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => (stopping = true))
  let running: RunningDesk
  try {
    running = await openDesk({ home, environment: process.env, root: ROOT, listen: false })
  } catch (error) {
    // The command that started this reads the line and says it as its own.
    if (error instanceof Refusal)
      process.stderr.write(
        `${JSON.stringify({ supervisor: process.pid, refused: error.code, detail: error.detail })}\n`,
      )
    else process.stderr.write(`${(error as Error).stack ?? String(error)}\n`)
    return 7
  }
  const idleMs = options.onDemand ? running.desk.config.idleSeconds * 1000 : Infinity
  while (!stopping && running.idleMs() < idleMs) await sleep(50)
  await running.stop()
  return 0
}

/** Asks the desk of this folder to stop, and waits until it has. */
export async function runStop({ options, print }: Context): Promise<void> {
  const home = homeOf(options)
  const files = runFiles(home)
  const pid = readHolder(files.lock)
  if (pid === null || !(await answers(files.socket)))
    return print.result({ running: false }, () => 'The desk does not run.')
  process.kill(pid, 'SIGTERM')
  // Letting go of the folder is the last thing that it does.
  const holds = (): boolean => isAlive(pid) && readHolder(files.lock) === pid
  for (let waited = 0; waited < 2400 && holds(); waited++) await sleep(25)
  if (holds())
    throw new Refusal(
      'conflict',
      `The desk (process ${pid}) is still stopping after a minute. Wait, then look with amanat status.`,
    )
  print.result({ running: false }, () => 'Stopped.')
}

/** Says whether the desk of this folder runs. */
export async function runStatus({ options, print }: Context): Promise<void> {
  const home = homeOf(options)
  const files = existsSync(home) ? runFiles(home) : null
  const runs = files !== null && (await answers(files.socket))
  const ready =
    runs && files && existsSync(files.ready)
      ? (JSON.parse(readFileSync(files.ready, 'utf8')) as { address: string | null })
      : null
  print.result({ home, running: runs, address: ready?.address ?? null }, () =>
    runs
      ? `The desk in ${home} runs${ready?.address ? ` at ${ready.address}` : ''}.`
      : `The desk in ${home} does not run.`,
  )
}

/** Stops quietly on a broken pipe (`amanat search … | head`). */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') createPrinter(false).say(String(error))
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})
