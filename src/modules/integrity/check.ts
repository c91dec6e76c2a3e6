import { toBase64, toHex } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import type { CheckReport } from '../../contract/integrity.ts'
import type { Actor } from '../../platform/actor.ts'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { parseCertificate } from '../../proof/certificate.ts'
import { makeLeaf } from '../../proof/leaf.ts'
import { leafHash } from '../../proof/merkle.ts'
import { policyOfKey } from '../../proof/policy.ts'
import type { Finding, Report, StepName } from '../../proof/report.ts'
import { verifyCertificate } from '../../proof/verify.ts'
import { openItem, type ItemRecord } from '../evidence/policy.ts'
import { append } from '../ledger/append.ts'
import { entriesOf, readCheckpoint, type EntryRow } from '../ledger/read.ts'
import { openBlob } from '../vault/open.ts'
import { checkRegister, type Registered } from '../vault/check-register.ts'
import { rehashBlob } from '../vault/rehash.ts'
import { CERTIFIED_KINDS, certificateOf } from './certificate-of.ts'
import { integrityOf } from './start.ts'

type Step = CheckReport['steps'][number]

/** What cannot be wrong before the item is registered. */
const NEEDS_REGISTRATION: readonly Finding['code'][] = ['entry_missing']

/**
 * Recomputes everything about one item from vault and log: nothing that the database says is taken on trust.
 *
 * `PENDING`: an entry is not sealed yet. Never throws at bad evidence.
 * Refuses: not_found, not_permitted, conflict (a physical thing).
 */
export async function checkItem(desk: Desk, actor: Actor, itemId: string): Promise<CheckReport> {
  const { item, entries } = await inTransaction(desk, actor, async (tx) => {
    const opened = await openItem(tx, itemId, 'item.check')
    if (opened.kind !== 'digital')
      throw new Refusal('conflict', 'A physical thing has no bytes to check; its custody is on its page.')
    await append(tx, { kind: 'integrity.item.checked', subjects: [{ type: 'item', id: itemId }] })
    return {
      item: opened,
      entries: await entriesOf(tx, { type: 'item', id: itemId }, { kinds: CERTIFIED_KINDS }),
    }
  })
  const head = { itemId, registrationNumber: item.registration_number, checkedAt: desk.now().toISOString() }
  const vault = await vaultStep(desk, item)
  if (entries.some((row) => row.index === null && row.erased_by === null))
    return { ...head, verdict: 'PENDING', steps: [vault], proof: null }
  try {
    return { ...head, ...(await recompute(desk, item, entries, vault)) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const step = await stepThatBroke(desk, error)
    const broken: Step = { step, holds: false, words: error.detail, facts: {} }
    return { ...head, verdict: 'FAIL', steps: [vault, broken], proof: null }
  }
}

/** Where no proof could be made: the checkpoint or an entry cannot be read, or the log does not lead from one to the other. */
async function stepThatBroke(desk: Desk, error: Refusal): Promise<Step['step']> {
  try {
    await readCheckpoint(desk)
  } catch (unread) {
    if (unread instanceof Refusal) return 'checkpoint'
    throw unread
  }
  return error.code === 'malformed' ? 'entries' : 'inclusion'
}

type Rest = Pick<CheckReport, 'verdict' | 'steps' | 'proof'>

async function recompute(
  desk: Desk,
  item: ItemRecord,
  entries: readonly EntryRow[],
  vault: Step,
): Promise<Rest> {
  const certificate = await certificateOf(desk, entries)
  const erased = item.state === 'disposed'
  const report = await verifyCertificate(nativePrimitives, {
    certificate,
    original: erased || !vault.holds || item.address === null ? null : readable(openBlob(desk, item.address)),
    policy: policyOfKey(nativePrimitives, await integrityOf(desk).logKey()),
  })
  const steps = [
    vault,
    fromReport(
      report,
      'plaintext',
      ['original'],
      item,
      `the bytes are the ${item.size_bytes ?? 0} that were taken in, by SHA-256`,
    ),
    fromReport(
      report,
      'entries',
      ['entries'],
      item,
      'every entry was signed by a key that the log authorised',
    ),
    leavesStep(entries),
    fromReport(report, 'inclusion', ['inclusion'], item, 'every entry is in the tree of the checkpoint'),
    fromReport(report, 'checkpoint', ['log_key', 'checkpoint'], item, 'the log’s key signed the checkpoint'),
    recordStep(item, report, await checkRegister(desk, item.address === null ? [] : [item.address])),
  ]
  const holds = steps.every((step) => step.holds)
  return {
    verdict: !holds ? 'FAIL' : erased ? 'ERASED' : 'INTACT',
    steps,
    proof: proofOf(certificate, report),
  }
}

/** Bytes that cannot be opened end early: the verifier then says that they are not the ones taken in. */
async function* readable(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}

async function vaultStep(desk: Desk, item: ItemRecord): Promise<Step> {
  const { state } = await rehashBlob(desk, item.address ?? '')
  const words = {
    intact: 'the sealed bytes have the SHA-256 that names them',
    missing: 'the sealed bytes are missing from the vault',
    changed: 'the sealed bytes were changed',
    erased: 'the sealed bytes were erased by order',
    erased_but_there: 'the sealed bytes were to be erased, and are still there',
    unknown: 'the vault’s register does not know the item’s bytes',
  }[state]
  return {
    step: 'vault',
    holds: state === 'intact' || state === 'erased',
    words,
    facts: { address: item.address },
  }
}

/** One of our steps out of the verifier's: it holds where all of those hold and nothing that matters was found. */
function fromReport(
  report: Report,
  step: Step['step'],
  names: readonly StepName[],
  item: ItemRecord,
  words: string,
): Step {
  const excused = item.registration_number === null ? NEEDS_REGISTRATION : []
  const held = report.steps.filter((one) => names.includes(one.step)).every((one) => one.holds)
  const failures = report.findings.filter(
    (finding) => finding.severity === 'fail' && belongs(finding, names) && !excused.includes(finding.code),
  )
  const holds = failures.length === 0 && (held || excused.length > 0)
  return {
    step,
    holds,
    words: holds
      ? words
      : failures.map((finding) => finding.words).join(' ') || 'this could not be recomputed',
    facts: {},
  }
}

const STEP_OF: Partial<Record<Finding['code'], StepName>> = {
  untrusted_log: 'log_key',
  checkpoint_unsigned: 'checkpoint',
  checkpoint_forged: 'checkpoint',
  other_origin: 'checkpoint',
  not_included: 'inclusion',
  unauthorised_key: 'entries',
  entry_forged: 'entries',
  disclosure_mismatch: 'entries',
  original_missing: 'original',
  original_changed: 'original',
  original_shorter: 'original',
  original_longer: 'original',
}

function belongs(finding: Finding, names: readonly StepName[]): boolean {
  return names.includes(STEP_OF[finding.code] ?? 'item')
}

/** The leaf that stands beside each entry is the one its salt and bytes make. */
function leavesStep(entries: readonly EntryRow[]): Step {
  const wrong = entries.filter((row) => {
    if (row.envelope === null || row.salt === null) return false
    return (
      toHex(makeLeaf(nativePrimitives, new Uint8Array(row.salt), new Uint8Array(row.envelope))) !==
      row.leaf.toString('hex')
    )
  })
  const words =
    wrong.length === 0
      ? 'each entry makes the leaf that the log holds'
      : `the leaf of entry ${wrong.map((row) => `#${row.index ?? '?'}`).join(', ')} is not the one its bytes make`
  return { step: 'leaves', holds: wrong.length === 0, words, facts: {} }
}

/** What the database says of the item is what the sealed entries say. */
function recordStep(item: ItemRecord, report: Report, register: ReadonlyMap<string, Registered>): Step {
  const said = report.item
  const pairs: [string, unknown, unknown][] =
    said === null
      ? []
      : [
          ['SHA-256', item.sha256?.toString('hex') ?? null, said.sha256],
          ['size', item.size_bytes, said.sizeBytes],
          [
            'size in the vault’s register',
            register.get(item.address ?? '')?.sizeBytes ?? null,
            said.sizeBytes,
          ],
          ['vault address', item.address, said.address],
          ['registration number', item.registration_number, said.registrationNumber],
        ]
  const differ = item.state === 'disposed' ? [] : pairs.filter(([, ours, theirs]) => ours !== theirs)
  const story = report.findings.filter(
    (finding) =>
      finding.severity === 'fail' &&
      belongs(finding, ['item']) &&
      !(item.registration_number === null && finding.code === 'entry_missing'),
  )
  const holds = said !== null && differ.length === 0 && story.length === 0
  const why = [
    ...story.map((finding) => finding.words),
    ...differ.map(
      ([name, ours, theirs]) => `${name}: the database says ${String(ours)}, the log ${String(theirs)}.`,
    ),
  ]
  return {
    step: 'registration',
    holds,
    words: holds
      ? 'the database says of it what the log says'
      : why.join(' ') || 'the entries tell no story of one item',
    facts: { number: item.registration_number },
  }
}

function proofOf(certificate: Uint8Array, report: Report): CheckReport['proof'] {
  const parsed = parseCertificate(certificate)
  const shown = parsed.entries.at(-1)
  if (!shown || report.checkpoint === null) return null
  return {
    entryIndex: shown.index,
    leafHash: toBase64(leafHash(nativePrimitives, makeLeaf(nativePrimitives, shown.salt, shown.bytes))),
    path: shown.proof.map(toBase64),
    treeSize: report.checkpoint.size,
    root: report.checkpoint.root,
    checkpoint: parsed.checkpoint,
  }
}
