import { equalBytes, toHex } from '../base/bytes.ts'
import { parseCertificate, type Certificate } from './certificate.ts'
import { checkCosignature, parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { openFindings, type Findings } from './findings.ts'
import { checkEntries } from './verify-entries.ts'
import { checkItem } from './verify-item.ts'
import { checkOriginal } from './verify-original.ts'
import {
  checkSignature,
  formatVerifierKey,
  linesOf,
  parseNote,
  parseVerifierKey,
  type Note,
  type VerifierKey,
} from './note.ts'
import { isMet, type TrustPolicy } from './policy.ts'
import type { Primitives } from './primitives.ts'
import type { Report } from './report.ts'

/** The bytes of the original, in order; null where there is none to compare (an erased item). */
export type Original = AsyncIterable<Uint8Array> | null

/**
 * Checks a certificate, and the original against it. Touches nothing but its arguments: no network, no
 * clock, no files. `policy`: whom to trust, from elsewhere than the certificate; without it the verdict
 * rests on the key that the certificate itself states, and the report says so.
 *
 * Never throws at bad evidence; what reading the original throws passes through.
 */
export async function verifyCertificate(
  p: Primitives,
  given: {
    readonly certificate: Uint8Array
    readonly original: Original
    readonly policy: TrustPolicy | null
  },
): Promise<Report> {
  const report = openFindings(toHex(p.sha256(given.certificate)), given.policy)
  const certificate = report.step('certificate', () => parseCertificate(given.certificate))
  if (certificate === null) return report.close()

  const key = report.step('log_key', () => checkLogKey(p, certificate, given.policy, report))
  const checkpoint = report.step('checkpoint', () =>
    checkCheckpoint(p, certificate, key, given.policy, report),
  )
  if (checkpoint !== null) checkEntries(p, certificate, checkpoint, report)
  const item = report.step('item', () => checkItem(certificate, report))
  if (item !== null && item.erased === null)
    await report.stepLater('original', () => checkOriginal(p, item, given.original, report))
  return report.close()
}

/** The key the certificate names: trusted where the policy holds it, otherwise only claimed. */
function checkLogKey(
  p: Primitives,
  certificate: Certificate,
  policy: TrustPolicy | null,
  report: Findings,
): VerifierKey {
  const key = parseVerifierKey(p, certificate.logKey)
  report.trust(formatVerifierKey(key))
  if (policy === null)
    report.note(
      'self_asserted_key',
      'No trusted key was given: the verdict rests on the key in the certificate itself.',
    )
  else if (!policy.logs.some((trusted) => isSameKey(trusted, key)))
    report.fail('untrusted_log', 'The certificate is from a log that the given policy or key does not trust.')
  return key
}

function checkCheckpoint(
  p: Primitives,
  certificate: Certificate,
  key: VerifierKey | null,
  policy: TrustPolicy | null,
  report: Findings,
): Checkpoint {
  const note = parseNote(certificate.checkpoint)
  const checkpoint = parseCheckpoint(note.text)
  report.checkpoint(checkpoint)
  if (key !== null) checkLogSignature(p, note, checkpoint, key, report)
  const checked = policy === null ? 0 : checkCosigners(p, note, policy, report)
  const own = key === null ? 0 : linesOf(note, key).length
  const unchecked = note.signatures.length - own - checked
  if (unchecked > 0)
    report.note(
      'unchecked_signatures',
      `${unchecked} signature(s) on the checkpoint are by keys not given here.`,
      {
        count: unchecked,
      },
    )
  return checkpoint
}

function checkLogSignature(
  p: Primitives,
  note: Note,
  checkpoint: Checkpoint,
  key: VerifierKey,
  report: Findings,
): void {
  if (checkpoint.origin !== key.name)
    report.fail('other_origin', 'The checkpoint is of another log than the key.', {
      origin: checkpoint.origin,
    })
  const signature = checkSignature(p, note, key)
  if (signature === 'absent') report.fail('checkpoint_unsigned', 'The log’s key did not sign the checkpoint.')
  if (signature === 'bad')
    report.fail('checkpoint_forged', 'The signature on the checkpoint is not the log’s.')
}

/** Returns how many signature lines it looked at. */
function checkCosigners(p: Primitives, note: Note, policy: TrustPolicy, report: Findings): number {
  const signed: VerifierKey[] = []
  let looked = 0
  for (const key of policy.cosigners) {
    const { verdict, epochSeconds } = checkCosignature(p, note, key)
    looked += linesOf(note, key).length
    if (verdict === 'bad')
      report.fail('cosignature_forged', `The signature of cosigner ${key.name} is not genuine.`)
    if (verdict !== 'good' || epochSeconds === null) continue
    signed.push(key)
    report.cosigner(key.name, epochSeconds)
  }
  if (!isMet(policy.quorum, signed))
    report.fail('quorum_missed', 'Fewer cosigners signed the checkpoint than the policy asks for.', {
      signed: signed.length,
    })
  return looked
}

function isSameKey(a: VerifierKey, b: VerifierKey): boolean {
  return a.name === b.name && a.type === b.type && equalBytes(a.publicKey, b.publicKey)
}
