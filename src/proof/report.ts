/**
 * What a verifier says. Never thrown: bad evidence is an answer, not an error.
 *
 * INTACT: the original is, byte for byte, what the log took in and registered.
 * ERASED: the log says that the item was erased, so that nothing can be compared.
 * FAIL: something does not fit; `findings` says what and where.
 */
export type Verdict = 'INTACT' | 'ERASED' | 'FAIL'

export interface Report {
  readonly verdict: Verdict
  /** In the order in which they were made. */
  readonly steps: readonly Step[]
  /** Why the verdict is not INTACT, and what the reader should know besides. */
  readonly findings: readonly Finding[]
  readonly trust: Trust
  readonly item: ItemFacts | null
  readonly checkpoint: { readonly origin: string; readonly size: number; readonly root: string } | null
  /** Cosigners of the policy whose signatures verified, with the time they state. */
  readonly cosigners: readonly { readonly name: string; readonly time: string }[]
  /** Hex SHA-256 of the certificate's own bytes. */
  readonly certificateSha256: string
}

export interface Step {
  readonly step: StepName
  readonly holds: boolean
}

export type StepName =
  | 'certificate' // it has the form of this format
  | 'log_key' // the log's key is the one the policy trusts
  | 'checkpoint' // the log, and enough cosigners, signed the checkpoint
  | 'inclusion' // every entry is in the tree of the checkpoint
  | 'entries' // every entry was signed by a key that the log authorised
  | 'item' // the entries tell one whole story of one item
  | 'original' // the original is what they say

export interface Finding {
  readonly code: FindingCode
  readonly severity: 'fail' | 'note'
  /** One plain English sentence. */
  readonly words: string
  /** Position in the log, where the finding is about an entry. */
  readonly index: number | null
  readonly facts: Readonly<Record<string, string | number>>
}

export type FindingCode =
  | 'malformed'
  | 'untrusted_log'
  | 'self_asserted_key'
  | 'checkpoint_unsigned'
  | 'checkpoint_forged'
  | 'other_origin'
  | 'cosignature_forged'
  | 'quorum_missed'
  | 'unchecked_signatures'
  | 'not_included'
  | 'unauthorised_key'
  | 'entry_forged'
  | 'disclosure_mismatch'
  | 'unexpected_entry'
  | 'entry_missing'
  | 'other_item'
  | 'number_mismatch'
  | 'original_missing'
  | 'original_changed'
  | 'original_shorter'
  | 'original_longer'
  | 'erased'

export interface Trust {
  /** `certificate`: nobody vouches for the log's key but the certificate itself. */
  readonly source: 'policy' | 'key' | 'certificate'
  readonly logKey: string | null
  /** Hex SHA-256 of the policy or key that was given; null where none was. */
  readonly policyHash: string | null
}

export interface ItemFacts {
  readonly id: string
  readonly registrationNumber: string | null
  readonly sha256: string | null
  readonly sizeBytes: number | null
  readonly address: string | null
  readonly received: PlacedEntry | null
  readonly registered: PlacedEntry | null
  readonly erased: PlacedEntry | null
}

/** `at` is the desk's own statement; `index` is proven. */
export interface PlacedEntry {
  readonly index: number
  readonly at: string
}
