import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Refusal } from '../../base/refusal.ts'
import type { Desk } from '../../platform/tx.ts'
import { parseCheckpoint } from '../../proof/checkpoint.ts'
import { parseNote } from '../../proof/note.ts'
import { grow, type GrowParts, type Published } from './grow.ts'
import { openLogFolder, type OnStep } from './log-folder.ts'
import { recover } from './recover.ts'
import type { LogSigner } from './signer-process.ts'
import * as store from './store.ts'
import { onAppend } from './wake.ts'

/** "amanatlg" as a number: the lease of the log's one sequencer. */
const LEASE = '7020098217414421607'
const LOOK_MS = 200
const STANDBY_MS = 500
const RETRY_MS = 1000
const AT_ONCE = 8192

export interface SequencerOptions {
  /** Connects as the sequencer's login (group role amanat_sequencer). */
  readonly sequencerLogin: pg.ClientConfig
  readonly signer: LogSigner
  /** How long entries gather before they are sealed together. 100 ms unless said. */
  readonly groupMs?: number
  readonly onStep?: OnStep
}

export interface SequencerStatus {
  /** `leading`: seals entries; `standby`: another one does; `stopped`: a refusal stands in `reason`. */
  readonly state: 'leading' | 'standby' | 'failing' | 'stopped'
  readonly size: number
  readonly reason: string | null
}

export interface Sequencer {
  status(): SequencerStatus
  /** Ends after the group under way; entries that wait are sealed at the next start. */
  stop(): Promise<void>
}

/**
 * Starts the one that gives committed entries their places in the log. Of several on one database only the holder
 * of the lease works; the others stand by. Two could not fork the log even then: the signer compares and swaps.
 *
 * Returns once it leads and the log is whole, or once it stands by.
 * Refuses: log_rolled_back, log_damaged, log_refused, signer_lost.
 */
export async function startSequencer(desk: Desk, options: SequencerOptions): Promise<Sequencer> {
  const run = new SequencerRun(desk, options)
  await run.begin()
  return { status: () => run.status, stop: () => run.stop() }
}

class SequencerRun {
  status: SequencerStatus = { state: 'standby', size: 0, reason: null }
  private readonly desk: Desk
  private readonly options: SequencerOptions
  private readonly parts: GrowParts
  private readonly ending = new AbortController()
  private running: Promise<void> = Promise.resolve()
  private wake: () => void = () => undefined
  private readonly forget: () => void

  constructor(desk: Desk, options: SequencerOptions) {
    this.desk = desk
    this.options = options
    this.parts = {
      folder: openLogFolder(desk.home),
      signer: options.signer,
      onStep: options.onStep ?? (() => undefined),
    }
    this.forget = onAppend(desk.home, () => this.wake())
  }

  async begin(): Promise<void> {
    const client = await this.lead()
    const tree = client === null ? null : await this.recoverOr(client)
    this.running = this.work(client, tree)
  }

  async stop(): Promise<void> {
    this.forget()
    this.ending.abort()
    this.wake()
    await this.running
  }

  /** The first recovery: its refusal is the start's refusal. */
  private async recoverOr(client: pg.Client): Promise<Published> {
    try {
      return await this.recover(client)
    } catch (error) {
      this.forget()
      await client.end()
      throw error
    }
  }

  private async recover(client: pg.Client): Promise<Published> {
    const tree = await recover(this.parts, client, this.desk.now)
    this.status = { state: 'leading', size: tree.edge.size, reason: null }
    return tree
  }

  /** Seals group after group; whatever fails, it lets go of the lease and begins again from what is durable. */
  private async work(first: pg.Client | null, firstTree: Published | null): Promise<void> {
    let [client, tree] = [first, firstTree]
    while (!this.ending.signal.aborted) {
      let isWhole = tree !== null
      try {
        client ??= await this.lead()
        if (client === null) await this.pause(STANDBY_MS)
        else {
          tree ??= await this.recover(client)
          isWhole = true
          tree = await this.sealGroup(client, tree)
        }
      } catch (error) {
        await client?.end().catch(() => undefined) // it is being given up
        client = null
        tree = null
        if (!(await this.survives(error, isWhole))) return
      }
    }
    await client?.end()
  }

  /**
   * A refusal of the recovery, which only a person can answer, ends the work. Everything else begins again with a
   * recovery: a refusal while sealing may only mean that another sequencer took over.
   */
  private async survives(error: unknown, wasWhole: boolean): Promise<boolean> {
    const lasting = ['log_rolled_back', 'log_damaged', 'log_refused']
    const isFinal = !wasWhole && error instanceof Refusal && lasting.includes(error.code)
    const reason = error instanceof Refusal ? error.detail : 'a fault; see the log'
    this.status = { state: isFinal ? 'stopped' : 'failing', size: this.status.size, reason }
    this.desk.log.error({ fault: error }, isFinal ? 'the sequencer stopped' : 'the sequencer begins again')
    if (!isFinal) await this.pause(RETRY_MS)
    return !isFinal
  }

  private async sealGroup(client: pg.Client, tree: Published): Promise<Published> {
    await this.pause(this.options.groupMs ?? 100, false)
    const pending = await store.claim(client, AT_ONCE)
    if (pending.length === 0) {
      await this.pause(LOOK_MS)
      return tree
    }
    const grown = await grow(
      this.parts,
      tree,
      pending.map((row) => new Uint8Array(row.leaf)),
    )
    await this.parts.onStep('record')
    const { origin } = parseCheckpoint(parseNote(grown.note).text)
    await store.place(client, {
      first: tree.edge.size,
      entryIds: pending.map((row) => row.entry_id),
      head: { origin, size: grown.edge.size, root: grown.root, note: grown.note },
      at: this.desk.now(),
    })
    await this.parts.onStep('recorded')
    this.status = { state: 'leading', size: grown.edge.size, reason: null }
    return grown
  }

  /** A connection that holds the lease; null where another one holds it. It ends with the connection. */
  private async lead(): Promise<pg.Client | null> {
    const client = new pg.Client({ ...this.options.sequencerLogin, application_name: 'amanat-sequencer' })
    client.on('error', () => undefined) // met at the next query, which then fails
    await client.connect()
    const answer = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [LEASE])
    if (answer.rows[0]?.held === true) return client
    await client.end()
    this.status = { state: 'standby', size: this.status.size, reason: null }
    return null
  }

  /** Waits, unless it is ended or (where `wakes`) something was appended. */
  private async pause(ms: number, wakes = true): Promise<void> {
    const wake = new AbortController()
    this.wake = () => (wakes || this.ending.signal.aborted ? wake.abort() : undefined)
    if (this.ending.signal.aborted) return
    await sleep(ms, undefined, { signal: wake.signal }).catch((error: unknown) => {
      if (!wake.signal.aborted) throw error
    })
  }
}
