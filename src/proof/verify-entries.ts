import type { Certificate, CertifiedEntry } from './certificate.ts'
import type { Checkpoint } from './checkpoint.ts'
import { entryKeyId, isSignedBy, opensSealed } from './entry.ts'
import type { Findings } from './findings.ts'
import { ITEM_KIND, readAuthorisedKey } from './item-entries.ts'
import { makeLeaf } from './leaf.ts'
import { leafHash, verifyInclusion } from './merkle.ts'
import type { Primitives } from './primitives.ts'

/** Every entry stands in the tree where it says, and a key that the log authorised before signed it. */
export function checkEntries(
  p: Primitives,
  certificate: Certificate,
  checkpoint: Checkpoint,
  report: Findings,
): void {
  report.step('inclusion', () => {
    for (const entry of certificate.entries)
      if (!isIncluded(p, entry, checkpoint))
        report.fail('not_included', `Entry #${entry.index} is not in the log at its place.`, {}, entry.index)
  })
  report.step('entries', () => checkKeys(p, certificate.entries, report))
}

function isIncluded(p: Primitives, entry: CertifiedEntry, checkpoint: Checkpoint): boolean {
  return verifyInclusion(p, {
    index: entry.index,
    size: checkpoint.size,
    leafHash: leafHash(p, makeLeaf(p, entry.salt, entry.bytes)),
    root: checkpoint.root,
    proof: entry.proof,
  })
}

/**
 * In the order of the log, so that a key can sign only after it was authorised. The log's first entry
 * authorises the key that signed it; every later key needs the signature of an earlier one.
 */
function checkKeys(p: Primitives, entries: readonly CertifiedEntry[], report: Findings): void {
  const keys = new Map<string, Uint8Array>()
  for (const certified of entries) {
    const { entry, envelope, index } = certified
    const stated = entry.kind === ITEM_KIND.keyAuthorised ? readAuthorisedKey(entry) : null
    if (stated !== null && index === 0) keys.set(entryKeyId(p, stated), stated)
    const key = keys.get(envelope.keyId)
    if (key === undefined)
      report.fail(
        'unauthorised_key',
        `Nothing shows that the key of entry #${index} was authorised.`,
        {},
        index,
      )
    else if (!isSignedBy(p, envelope, key))
      report.fail('entry_forged', `The signature of entry #${index} does not verify.`, {}, index)
    else if (stated !== null) keys.set(entryKeyId(p, stated), stated)
    checkDisclosed(p, certified, report)
  }
}

function checkDisclosed(p: Primitives, certified: CertifiedEntry, report: Findings): void {
  for (const [name, disclosure] of Object.entries(certified.disclosed))
    if (!opensSealed(p, certified.entry, name, disclosure))
      report.fail(
        'disclosure_mismatch',
        `The disclosed field "${name.slice(0, 40)}" of entry #${certified.index} is not what was sealed.`,
        {},
        certified.index,
      )
}
