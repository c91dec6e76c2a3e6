import { Refusal } from '../../base/refusal.ts'
import type { Actor } from '../../platform/actor.ts'
import { nativePrimitives } from '../../platform/primitives-native.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import { policyOfKey } from '../../proof/policy.ts'
import type { Report } from '../../proof/report.ts'
import { verifyCertificate } from '../../proof/verify.ts'
import { openItem } from '../evidence/policy.ts'
import { append } from '../ledger/append.ts'
import { entriesOf, waitSealed } from '../ledger/read.ts'
import { openBlob } from '../vault/open.ts'
import { CERTIFIED_KINDS, certificateOf } from './certificate-of.ts'
import { integrityOf } from './start.ts'

export interface Certified {
  readonly registrationNumber: string | null
  readonly bytes: Uint8Array
  readonly verdict: Report['verdict']
}

/**
 * An item's integrity certificate. It is verified against the vault before it is handed out: a certificate that
 * would fail is never given.
 *
 * Refuses: not_found, not_permitted, conflict (not registered; a physical thing), not_sealed_yet, integrity_failed
 * with the findings.
 */
export async function certifyItem(desk: Desk, actor: Actor, itemId: string): Promise<Certified> {
  const { item, entries } = await inTransaction(desk, actor, async (tx) => {
    const opened = await openItem(tx, itemId, 'item.certify')
    if (opened.kind !== 'digital')
      throw new Refusal(
        'conflict',
        'A physical thing has no bytes to certify. Certify its image or photographs.',
      )
    if (opened.registration_number === null && opened.state !== 'disposed')
      throw new Refusal('conflict', 'The item is not registered yet. Register it, then certify.')
    await append(tx, { kind: 'integrity.item.certified', subjects: [{ type: 'item', id: itemId }] })
    return {
      item: opened,
      entries: await entriesOf(tx, { type: 'item', id: itemId }, { kinds: CERTIFIED_KINDS }),
    }
  })
  for (const entry of entries) await waitSealed(desk, entry.id)
  const sealed = await inTransaction(desk, actor, (tx) =>
    entriesOf(tx, { type: 'item', id: itemId }, { kinds: CERTIFIED_KINDS }),
  )
  const bytes = await certificateOf(desk, sealed)
  const isErased = item.state === 'disposed' || item.address === null
  const report = await verifyCertificate(nativePrimitives, {
    certificate: bytes,
    original: isErased ? null : openBlob(desk, item.address ?? ''),
    policy: policyOfKey(nativePrimitives, await integrityOf(desk).logKey()),
  })
  if (report.verdict === 'FAIL') throw failed(report)
  return { registrationNumber: item.registration_number, bytes, verdict: report.verdict }
}

function failed(report: Report): Refusal {
  const words = report.findings
    .filter((finding) => finding.severity === 'fail')
    .map((finding) => finding.words)
  return new Refusal(
    'integrity_failed',
    `No certificate was made: the item does not stand up to its own proof. ${words.join(' ')} Run an audit.`,
    {
      findings: report.findings.map((finding) => finding.code),
    },
  )
}
