import { randomBytes, sign, type KeyObject } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import { fromBase64, toBase64 } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { keysDamaged, openKeyFile, readKeyFile, writeKeyFile } from '../../platform/keys/key-file.ts'
import { ed25519Key, rawPublicKey } from '../../platform/keys/open.ts'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { formatCheckpoint } from '../../proof/checkpoint.ts'
import { emptyRoot, verifyConsistency } from '../../proof/merkle.ts'
import { KEY_TYPE, formatNote, formatVerifierKey, signNote, verifierKey } from '../../proof/note.ts'
import { readState, writeState, type SignerState } from './state.ts'

const secretsSchema = z.strictObject({ seed: z.string().length(44) })

export interface TreeOrder {
  readonly size: number
  readonly root: Uint8Array
  /** That the tree promised last (the signer's, not the caller's) is the beginning of this one. */
  readonly proof: readonly Uint8Array[]
}

export interface ContinueOrder {
  readonly newOrigin: string
  /** The tree that is really there. */
  readonly size: number
  readonly root: Uint8Array
  /** The newest checkpoint that anyone holds of the log that is given up. */
  readonly lastKnownCheckpoint: string
  /** Ids of the two people (or more) who decided it. */
  readonly approvals: readonly string[]
  readonly at: string
}

export interface SignerView {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  /** `name+hash+key`: what a verifier is given. */
  readonly logKey: string
  readonly continued: SignerState['continued']
}

/**
 * Holds the log's key and the promise that goes with it: never to sign two trees of which one is not the beginning
 * of the other. One call at a time; the caller queues them.
 */
export class Signer {
  private readonly stateFile: string
  private readonly key: KeyObject
  private state: SignerState

  private constructor(stateFile: string, key: KeyObject, state: SignerState) {
    this.stateFile = stateFile
    this.key = key
    this.state = state
  }

  /**
   * Opens the signer's folder; on the very first use makes the key, the origin and the empty promise.
   *
   * The promise is written before the key: a key without its promise is never taken for a new log.
   * Refuses: log_refused (promise lost or unreadable), keys_sealed, keys_damaged.
   */
  static async open(folder: string, unlock: Uint8Array | null): Promise<Signer> {
    const files = { key: path.join(folder, 'log-key.json'), state: path.join(folder, 'state.json') }
    const [keyFile, found] = [await readKeyFile(files.key), await readState(files.state)]
    const isNew = keyFile === null && (found === null || found.size === 0)
    if (!isNew && (keyFile === null || found === null))
      throw promiseLost(keyFile === null ? files.key : files.state)
    const state = found ?? newState()
    if (found === null) await writeState(files.state, state)
    if (keyFile === null) await writeKeyFile(files.key, { seed: randomBytes(32).toString('base64') }, unlock)
    return new Signer(files.state, await readSeed(files.key, unlock), state)
  }

  view(): SignerView {
    const { origin, size, root, continued } = this.state
    const name = verifierKey(nativePrimitives, {
      name: origin,
      type: KEY_TYPE.ed25519,
      publicKey: rawPublicKey(this.key),
    })
    return { origin, size, root: rootOf(root), logKey: formatVerifierKey(name), continued }
  }

  /**
   * The checkpoint of a tree, as a signed note.
   *
   * Refuses: log_refused, for a tree that is smaller than, or does not begin with, the one promised.
   */
  async sign(order: TreeOrder): Promise<string> {
    this.requireConsistent(order)
    if (order.size > this.state.size)
      await this.promise({ ...this.state, size: order.size, root: toBase64(order.root) })
    const { origin } = this.state
    const name = verifierKey(nativePrimitives, {
      name: origin,
      type: KEY_TYPE.ed25519,
      publicKey: rawPublicKey(this.key),
    })
    const text = formatCheckpoint({ origin, size: order.size, root: order.root, extensions: [] })
    const line = signNote(text, name, (message) => new Uint8Array(sign(null, message, this.key)))
    return formatNote({ text, signatures: [line] })
  }

  /**
   * Gives up the promise openly, after an older state was restored: a new origin begins at the tree that is there.
   * What was promised before stays on record and is never signed again.
   *
   * Refuses: two_people_needed, conflict (an origin used before).
   */
  async continueLog(order: ContinueOrder): Promise<SignerView> {
    if (new Set(order.approvals).size < 2)
      throw new Refusal(
        'two_people_needed',
        'Continuing a log after a restore needs two people. Nothing was changed.',
      )
    const { origin, size, root, continued } = this.state
    if ([origin, ...continued.map((one) => one.origin)].includes(order.newOrigin))
      throw new Refusal('conflict', `The origin ${order.newOrigin} was used before. Nothing was changed.`)
    const { at, lastKnownCheckpoint, approvals } = order
    const given = { origin, size, root, at, lastKnownCheckpoint, approvals: [...approvals] }
    await this.promise({
      origin: order.newOrigin,
      size: order.size,
      root: toBase64(order.root),
      continued: [...continued, given],
    })
    return this.view()
  }

  private async promise(next: SignerState): Promise<void> {
    await writeState(this.stateFile, next)
    this.state = next
  }

  private requireConsistent(order: TreeOrder): void {
    const { size, root } = this.state
    const claim = {
      oldSize: size,
      oldRoot: rootOf(root),
      size: order.size,
      root: order.root,
      proof: order.proof,
    }
    if (order.size >= size && verifyConsistency(nativePrimitives, claim)) return
    throw new Refusal(
      'log_refused',
      order.size < size
        ? `The signer has signed a log of ${size} entries and was shown one of ${order.size}: an older state of the desk was put in its place. Nothing was signed. Put back the newer state, or continue the log openly (docs/operations/backup.md).`
        : `The log shown does not begin with the ${size} entries that the signer has signed: something in it was changed. Nothing was signed. Run an audit; it names what differs.`,
      { promisedSize: size, shownSize: order.size },
    )
  }
}

function newState(): SignerState {
  const origin = `amanat.org/log/${randomBytes(8).toString('hex')}`
  return { origin, size: 0, root: toBase64(emptyRoot(nativePrimitives)), continued: [] }
}

async function readSeed(file: string, unlock: Uint8Array | null): Promise<KeyObject> {
  const found = await readKeyFile(file)
  const secrets = secretsSchema.safeParse(found === null ? null : openKeyFile(file, found, unlock))
  const seed = secrets.success ? fromBase64(secrets.data.seed) : null
  if (seed === null || seed.length !== 32) throw keysDamaged(file)
  return ed25519Key(seed)
}

function rootOf(text: string): Uint8Array {
  const root = fromBase64(text)
  if (root === null || root.length !== 32) throw new Error("the root in the signer's record is not a hash")
  return root
}

function promiseLost(file: string): Refusal {
  return new Refusal(
    'log_refused',
    `The signer's folder is not whole: ${file} is missing. It signs nothing, because it cannot know what it has signed. See docs/operations/keys.md, "The signer".`,
  )
}
