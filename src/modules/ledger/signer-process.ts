import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Refusal } from '../../base/refusal.ts'

/** The largest tree that the signer has signed, and its key. */
export interface SignerView {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  /** C2SP verifier key: `name+hash+key`. */
  readonly logKey: string
}

export interface TreeOrder {
  readonly size: number
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

export interface ContinueOrder {
  readonly newOrigin: string
  readonly size: number
  readonly root: Uint8Array
  readonly lastKnownCheckpoint: string
  readonly approvals: readonly string[]
  readonly at: string
}

/** What the ledger needs of a signer; `startSigner` gives the one in a process of its own. */
export interface LogSigner {
  view(): Promise<SignerView>
  /** The signed note. Refuses: log_refused. */
  sign(order: TreeOrder): Promise<string>
  /** Refuses: two_people_needed, conflict. */
  continueLog(order: ContinueOrder): Promise<SignerView>
  stop(): Promise<void>
}

export type SignerCall =
  | { readonly id: number; readonly what: 'open'; readonly unlock: Uint8Array | null }
  | { readonly id: number; readonly what: 'view' }
  | { readonly id: number; readonly what: 'sign'; readonly order: TreeOrder }
  | { readonly id: number; readonly what: 'continue'; readonly order: ContinueOrder }

export interface SignerAnswer {
  readonly id: number
  readonly value?: unknown
  readonly refusal?: {
    readonly code: string
    readonly detail: string
    readonly facts: Readonly<Record<string, unknown>>
  }
  readonly fault?: string
}

type SignerRequest = SignerCall extends infer Call
  ? Call extends SignerCall
    ? Omit<Call, 'id'>
    : never
  : never

export interface SignerOptions {
  /** The signer's program: `signerProgram()` of apps/signer. */
  readonly program: URL
  /** `<home>/signer`: never part of a backup. */
  readonly folder: string
  /** `DeskKeys.signerUnlock`. */
  readonly unlock: Uint8Array | null
}

const STOP_MS = 5000

/**
 * Starts the signer in a process of its own. Where it is killed, the next call starts it again: what it may sign
 * stands in its own durable record, so that nothing depends on the process.
 *
 * Refuses: keys_sealed, keys_damaged, log_refused (its record is lost), signer_lost.
 */
export async function startSigner(options: SignerOptions): Promise<LogSigner> {
  let current = await openProcess(options)
  let starting: Promise<SignerProcess> | null = null
  let stopped = false
  const running = async (): Promise<SignerProcess> => {
    if (current.child.connected || stopped) return current
    starting ??= openAfter(current, options).finally(() => (starting = null))
    current = await starting
    return current
  }
  const ask = async (call: SignerRequest): Promise<unknown> => (await running()).ask(call)
  return {
    view: () => ask({ what: 'view' }) as Promise<SignerView>,
    sign: (order) => ask({ what: 'sign', order }) as Promise<string>,
    continueLog: (order) => ask({ what: 'continue', order }) as Promise<SignerView>,
    stop: async () => {
      stopped = true
      await starting?.catch(() => undefined) // whoever asked for it has the refusal
      await stop(current.child)
    },
  }
}

interface SignerProcess {
  readonly child: ChildProcess
  ask(call: SignerRequest): Promise<unknown>
}

/** Only once the old one is gone: two must never sign from one record. */
async function openAfter(old: SignerProcess, options: SignerOptions): Promise<SignerProcess> {
  if (old.child.exitCode === null && old.child.signalCode === null) {
    const gone = once(old.child, 'exit')
    old.child.kill('SIGKILL')
    await gone
  }
  return openProcess(options)
}

async function openProcess(options: SignerOptions): Promise<SignerProcess> {
  const child = fork(fileURLToPath(options.program), [options.folder], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  })
  const ask = callerOf(child)
  try {
    await ask({ what: 'open', unlock: options.unlock })
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return { child, ask }
}

function callerOf(child: ChildProcess): (call: SignerRequest) => Promise<unknown> {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let nextId = 1
  child.on('message', (answer: SignerAnswer) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.refusal)
      asked?.reject(new Refusal(answer.refusal.code, answer.refusal.detail, answer.refusal.facts))
    else if (answer.fault !== undefined) asked?.reject(new Error(`the signer failed: ${answer.fault}`))
    else asked?.resolve(answer.value)
  })
  const fail = (): void => {
    for (const asked of waiting.values()) asked.reject(signerLost())
    waiting.clear()
  }
  child.once('exit', fail)
  child.once('error', fail)
  return (call) =>
    new Promise((resolve, reject) => {
      if (!child.connected) return reject(signerLost())
      const id = nextId++
      waiting.set(id, { resolve, reject })
      child.send({ ...call, id } as SignerCall)
    })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  if (child.connected) child.disconnect()
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await gone
  clearTimeout(late)
}

function signerLost(): Refusal {
  return new Refusal(
    'signer_lost',
    'The signer of the log is not running. Entries are kept and wait for their place in the log; it is started again. If this stays, restart the desk.',
  )
}
