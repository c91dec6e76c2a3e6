import { equalBytes, toHex } from '../base/bytes.ts'
import { malformed } from './malformed.ts'
import { KEY_TYPE, parseVerifierKey, type VerifierKey } from './note.ts'
import type { Primitives } from './primitives.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'

/**
 * Whom a verifier trusts, given to it out of band: log keys, cosigners, and how many of which
 * cosigners must have signed. Text in the form of C2SP tlog-policy:
 *
 *     log <verifier key>
 *     witness <name> <verifier key>
 *     group <name> <number | any | all> <name>…
 *     quorum <name | none>
 */
export interface TrustPolicy {
  /** `policy`: a file; `key`: a single key given by hand. */
  readonly source: 'policy' | 'key'
  readonly logs: readonly VerifierKey[]
  readonly cosigners: readonly VerifierKey[]
  readonly quorum: Quorum
  /** Hex SHA-256 of the policy's bytes; printed in every report. */
  readonly hash: string
}

/** Met when at least `needed` of the members are. */
export type Quorum =
  | { readonly cosigner: VerifierKey }
  | { readonly needed: number; readonly members: readonly Quorum[] }

const MAX_POLICY_BYTES = 65_536
const NOBODY: Quorum = { needed: 0, members: [] }

/** The policy that trusts one log key and asks for no cosigners. Refuses malformed. */
export function policyOfKey(p: Primitives, verifierKey: string): TrustPolicy {
  const text = verifierKey.trim()
  const log = logKey(p, text)
  return { source: 'key', logs: [log], cosigners: [], quorum: NOBODY, hash: toHex(p.sha256(toUtf8(text))) }
}

/** Refuses malformed: an unknown line, a name used before it is defined or twice, no log, no quorum line. */
export function parsePolicy(p: Primitives, bytes: Uint8Array): TrustPolicy {
  if (bytes.length > MAX_POLICY_BYTES) throw malformed('the policy is too large')
  const logs: VerifierKey[] = []
  const cosigners: VerifierKey[] = []
  const named = new Map<string, Quorum>([['none', NOBODY]])
  let quorum: Quorum | null = null
  for (const words of policyLines(fromUtf8(bytes))) {
    const [verb, name = '', ...rest] = words
    if (verb === 'log') logs.push(logKey(p, name))
    else if (verb === 'witness') {
      const cosigner = parseVerifierKey(p, rest[0] ?? '')
      if (cosigner.type !== KEY_TYPE.cosignature)
        throw malformed(`the key of witness ${name} is not a cosigner key`)
      const isKnown = cosigners.some((known) => equalBytes(known.publicKey, cosigner.publicKey))
      if (isKnown) throw malformed(`the key of witness ${name} stands under another name, too`)
      cosigners.push(cosigner)
      define(named, name, { cosigner })
    } else if (verb === 'group') define(named, name, group(named, rest))
    else if (verb === 'quorum' && quorum === null) quorum = lookUp(named, name)
    else throw malformed(`the policy has a line that starts with "${(verb ?? '').slice(0, 40)}"`)
  }
  if (logs.length === 0 || quorum === null) throw malformed('the policy needs a log line and one quorum line')
  return { source: 'policy', logs, cosigners, quorum, hash: toHex(p.sha256(bytes)) }
}

/** True where the cosigners that signed are enough. */
export function isMet(quorum: Quorum, signed: readonly VerifierKey[]): boolean {
  if ('cosigner' in quorum) return signed.includes(quorum.cosigner)
  return quorum.members.filter((member) => isMet(member, signed)).length >= quorum.needed
}

function policyLines(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/[ \t]+/u))
}

function logKey(p: Primitives, text: string): VerifierKey {
  const key = parseVerifierKey(p, text)
  if (key.type !== KEY_TYPE.ed25519) throw malformed('a log key must be an Ed25519 key (type 1)')
  return key
}

function group(named: ReadonlyMap<string, Quorum>, words: readonly string[]): Quorum {
  const [how = '', ...names] = words
  if (new Set(names).size !== names.length) throw malformed('a group names a member twice')
  const members = names.map((name) => lookUp(named, name))
  const needed = how === 'any' ? 1 : how === 'all' ? members.length : /^[1-9]\d?$/.test(how) ? Number(how) : 0
  if (needed < 1 || needed > members.length)
    throw malformed(`a group of ${members.length} cannot need "${how}"`)
  return { needed, members }
}

function define(named: Map<string, Quorum>, name: string, quorum: Quorum): void {
  if (name === '' || named.has(name)) throw malformed(`the policy defines "${name}" twice or without a name`)
  named.set(name, quorum)
}

function lookUp(named: ReadonlyMap<string, Quorum>, name: string): Quorum {
  const found = named.get(name)
  if (found === undefined) throw malformed(`the policy uses "${name}" before it is defined`)
  return found
}
