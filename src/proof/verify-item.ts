import type { Certificate, CertifiedEntry } from './certificate.ts'
import type { Findings } from './findings.ts'
import { ITEM_KIND, itemOf, readReceived, readRegistrationNumber, type Received } from './item-entries.ts'
import { malformed } from './malformed.ts'
import type { ItemFacts, PlacedEntry } from './report.ts'

/**
 * The entries must tell one whole story of one item: received and registered once each, or erased once
 * (then the others may be missing, for they were destroyed). Whether they are genuine is not asked here.
 */
export function checkItem(certificate: Certificate, report: Findings): ItemFacts {
  const received = only(certificate, ITEM_KIND.received, report)
  const registered = only(certificate, ITEM_KIND.registered, report)
  const erased = only(certificate, ITEM_KIND.erased, report)
  refuseOthers(certificate, report)
  const present = [received, registered, erased].filter((entry) => entry !== null)
  const first = present[0]
  if (first === undefined) throw malformed('the certificate holds no entry about an item')
  if (erased === null) requireBoth(received, registered, report)
  const id = itemOf(first.entry)
  if (present.some((entry) => itemOf(entry.entry) !== id))
    report.fail('other_item', 'The entries are about different items.')

  const facts = toFacts(id, { received, registered, erased }, report)
  report.item(facts)
  if (erased !== null)
    report.note(
      'erased',
      `Entry #${erased.index} of the log says that the item was erased.`,
      {},
      erased.index,
    )
  return facts
}

type Story = Readonly<Record<'received' | 'registered' | 'erased', CertifiedEntry | null>>

function toFacts(id: string, story: Story, report: Findings): ItemFacts {
  const what: Received | null = story.received === null ? null : readReceived(story.received.entry)
  const numbers = [story.registered, story.erased]
    .filter((entry) => entry !== null)
    .map((entry) => readRegistrationNumber(entry.entry))
  if (new Set(numbers).size > 1)
    report.fail('number_mismatch', 'The entries state different registration numbers.')
  if (
    story.erased !== null &&
    [story.received, story.registered].some((entry) => isAfter(entry, story.erased))
  )
    report.fail(
      'unexpected_entry',
      'The item was taken in or registered after it was erased.',
      {},
      story.erased.index,
    )
  return {
    id,
    registrationNumber: numbers[0] ?? null,
    sha256: what?.sha256 ?? null,
    sizeBytes: what?.sizeBytes ?? null,
    address: what?.address ?? null,
    received: placed(story.received),
    registered: placed(story.registered),
    erased: placed(story.erased),
  }
}

function requireBoth(
  received: CertifiedEntry | null,
  registered: CertifiedEntry | null,
  report: Findings,
): void {
  if (received === null) report.fail('entry_missing', 'The entry that took the item in is missing.')
  if (registered === null) report.fail('entry_missing', 'The entry that registered the item is missing.')
}

function only(certificate: Certificate, kind: string, report: Findings): CertifiedEntry | null {
  const found = certificate.entries.filter(({ entry }) => entry.kind === kind)
  const second = found[1]
  if (second !== undefined)
    report.fail('unexpected_entry', `Entry #${second.index} says ${kind} a second time.`, {}, second.index)
  return found[0] ?? null
}

function refuseOthers(certificate: Certificate, report: Findings): void {
  const kinds: readonly string[] = Object.values(ITEM_KIND)
  for (const { entry, index } of certificate.entries)
    if (!kinds.includes(entry.kind))
      report.fail(
        'unexpected_entry',
        `Entry #${index} (${entry.kind}) does not belong in a certificate.`,
        {},
        index,
      )
}

function isAfter(entry: CertifiedEntry | null, other: CertifiedEntry | null): boolean {
  return entry !== null && other !== null && entry.index > other.index
}

function placed(entry: CertifiedEntry | null): PlacedEntry | null {
  return entry === null ? null : { index: entry.index, at: entry.entry.at }
}
