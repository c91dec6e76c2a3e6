import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../../base/refusal.ts'
import { findHome } from '../../platform/config.ts'
import { isAlive, readHolder, runFiles, type RunFiles } from '../../platform/run-folder.ts'
import { createClient, type DeskClient } from './call.ts'

const START_TIMEOUT_MS = 90_000
const LONGEST_OUTPUT_BYTES = 8 * 1024 * 1024

/** Options that every verb takes. */
export interface GlobalOptions {
  readonly home?: string
  readonly desk?: string
  readonly token?: string
  readonly json?: boolean
}

/** The checkout this program runs from, or null where it was installed as a package. */
export function findCheckout(): string | null {
  const root = path.join(import.meta.dirname, '../../..')
  return existsSync(path.join(root, 'tsconfig.build.json')) && !root.split(path.sep).includes('node_modules')
    ? root
    : null
}

/** The desk's folder that these options and the environment name. */
export function homeOf(options: GlobalOptions): string {
  return findHome(options.home, process.env, findCheckout())
}

/**
 * A client for the desk that the options name: another one by its address and a token, or this machine's,
 * which is started where it does not run and stops again after its last client.
 *
 * Refuses: invalid_input, not_signed_in (no token), desk_unreachable, and what keeps the desk from starting.
 */
export async function connectDesk(options: GlobalOptions): Promise<DeskClient> {
  const url = options.desk ?? process.env['AMANAT_DESK']
  if (url) return createClient(remoteAddress(url, options.token ?? process.env['AMANAT_TOKEN']))
  const home = homeOf(options)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const files = runFiles(home)
  if (!(await answers(files.socket))) await startOnDemand(home, files)
  const readToken = (): string => readFileSync(files.token, 'utf8').trim()
  return createClient({
    words: home,
    socketPath: files.socket,
    token: readToken(),
    // It may have stopped, idle, between two calls of one command.
    revive: async () => {
      await startOnDemand(home, files)
      return readToken()
    },
  })
}

function remoteAddress(text: string, token: string | undefined): { words: string; url: URL; token: string } {
  if (!URL.canParse(text))
    throw new Refusal(
      'invalid_input',
      `--desk takes an address like https://desk.example.org, not "${text}".`,
    )
  if (!token)
    throw new Refusal(
      'not_signed_in',
      'Another desk needs a token: make one in the desk under "My account", then set AMANAT_TOKEN.',
    )
  return { words: text, url: new URL(text), token }
}

/** True where something accepts connections at the socket. */
export function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connectSocket(socket)
    probe.once('connect', () => resolve((probe.destroy(), true)))
    probe.once('error', () => resolve(false))
  })
}

/**
 * Starts the supervisor and waits until it answers. Another command may have started one in the same moment, or an
 * older one may just be stopping: this one then waits for it to answer, or to be gone, and tries again.
 */
async function startOnDemand(home: string, files: RunFiles): Promise<void> {
  mkdirSync(files.folder, { recursive: true, mode: 0o700 })
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    const pid = await spawnSupervisor(home, files, deadline)
    if (pid === 'answers') return
    const why = whyEnded(files, pid)
    if (why.code !== 'desk_running') throw why
    if (await answersOrIsGone(files, deadline)) return
  }
  throw new Refusal(
    'desk_unreachable',
    `The desk in ${home} did not start within ${START_TIMEOUT_MS / 1000} s. Its last words are in ${files.output}.`,
  )
}

/** Its process id where it ended without answering. */
async function spawnSupervisor(home: string, files: RunFiles, deadline: number): Promise<'answers' | number> {
  const written = statSync(files.output, { throwIfNoEntry: false })?.size ?? 0
  const output = openSync(files.output, written > LONGEST_OUTPUT_BYTES ? 'w' : 'a', 0o600)
  const main = path.join(import.meta.dirname, `main${path.extname(import.meta.filename)}`)
  const child = spawn(process.execPath, [main, 'serve', '--on-demand', '--home', home], {
    detached: true,
    stdio: ['ignore', 'ignore', output],
  })
  closeSync(output)
  let ended = false
  for (const event of ['exit', 'error']) child.once(event, () => (ended = true))
  child.unref()
  while (Date.now() < deadline) {
    // Asked first: a supervisor that stepped back has ended, and the other one answers.
    if (await answers(files.socket)) return 'answers'
    if (ended) return child.pid ?? 0
    await sleep(25)
  }
  child.kill('SIGTERM')
  return child.pid ?? 0
}

/** True once the supervisor that holds the folder answers; false once none holds it. */
async function answersOrIsGone(files: RunFiles, deadline: number): Promise<boolean> {
  while (Date.now() < deadline) {
    if (await answers(files.socket)) return true
    const holder = readHolder(files.lock)
    if (holder === null || !isAlive(holder)) return false
    await sleep(50)
  }
  return false
}

function whyEnded(files: RunFiles, pid: number): Refusal {
  const said = readFileSync(files.output, 'utf8').trim()
  const marked = said.split('\n').findLast((line) => line.startsWith(`{"supervisor":${pid},`))
  if (!marked)
    return new Refusal('desk_unreachable', `The desk did not start. Its last words:\n${said.slice(-2000)}`)
  const refusal = JSON.parse(marked) as { refused: string; detail: string }
  return new Refusal(refusal.refused, refusal.detail)
}
