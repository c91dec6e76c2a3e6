import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../../base/refusal.ts'
import { findHome } from '../../platform/config.ts'
import { runFiles, type RunFiles } from '../../platform/run-folder.ts'
import { createClient, type DeskClient } from './call.ts'

const START_TIMEOUT_MS = 90_000

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
  const token = readFileSync(files.token, 'utf8').trim()
  return createClient({ words: home, socketPath: files.socket, token })
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

async function startOnDemand(home: string, files: RunFiles): Promise<void> {
  mkdirSync(files.folder, { recursive: true, mode: 0o700 })
  rmSync(files.output, { force: true })
  const output = openSync(files.output, 'w', 0o600)
  const main = path.join(import.meta.dirname, `main${path.extname(import.meta.filename)}`)
  const child = spawn(process.execPath, [main, 'serve', '--on-demand', '--home', home], {
    detached: true,
    stdio: ['ignore', 'ignore', output],
  })
  closeSync(output)
  let ended = false
  child.once('exit', () => (ended = true))
  child.unref()
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (await answers(files.socket)) return
    if (ended && !(await settled(files))) throw whyEnded(files)
    await sleep(25)
  }
  throw new Refusal(
    'desk_unreachable',
    `The desk in ${home} did not start within ${START_TIMEOUT_MS / 1000} s. Its last words are in ${files.output}.`,
  )
}

/** Another command may have started the desk in the same moment; then this one's supervisor stepped back. */
async function settled(files: RunFiles): Promise<boolean> {
  for (let tries = 0; tries < 40; tries++) {
    if (await answers(files.socket)) return true
    await sleep(50)
  }
  return false
}

function whyEnded(files: RunFiles): Refusal {
  const said = readFileSync(files.output, 'utf8').trim()
  const marked = said.split('\n').findLast((line) => line.startsWith('{"refused"'))
  if (!marked)
    return new Refusal('desk_unreachable', `The desk did not start. It said:\n${said.slice(-2000)}`)
  const refusal = JSON.parse(marked) as { refused: string; detail: string }
  return new Refusal(refusal.refused, refusal.detail)
}
