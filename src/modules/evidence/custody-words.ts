/** The kinds of entries that make a chain of custody, and how each reads. Access is not custody. */
const WORDS: Readonly<Record<string, (detail: Readonly<Record<string, unknown>>) => string>> = {
  'evidence.item.collected': (detail) =>
    sentence('Collected', [
      ['by', detail['collectedBy']],
      ['on', detail['collectedAt']],
      ['at', detail['place']],
      ['', detail['how']],
      ['with', [detail['tool'], detail['toolVersion']].filter(Boolean).join(' ')],
      [
        'held before by',
        Array.isArray(detail['priorHolders']) ? detail['priorHolders'].join(', ') : undefined,
      ],
    ]),
  'evidence.item.received': (detail) =>
    detail['parent'] === undefined ? 'Received and sealed.' : 'Taken out of its container and sealed.',
  'evidence.item.received_again': () => 'The same bytes arrived again.',
  'evidence.item.segments_joined': (detail) =>
    `Joined with the other files of one disk image: ${String(detail['segments'])} segments.`,
  'evidence.item.registered': (detail) => `Registered as ${String(detail['registrationNumber'])}.`,
  'evidence.item.read': (detail) =>
    `Read by machine: ${String(detail['outcome'])}, ${String(detail['parts'])} parts of text.`,
  'evidence.item.quarantined': (detail) =>
    `Put into quarantine: ${String(detail['words'] ?? detail['reason'])}`,
  'evidence.item.released_from_quarantine': () => 'Released from quarantine.',
  'evidence.item.returned': () => 'Returned to the provider; bytes and entries stay.',
  'evidence.item.opened_for_review': () => 'Opened for review.',
  'evidence.item.held': () => 'Put under legal hold.',
  'evidence.item.hold_lifted': () => 'Legal hold lifted.',
  'evidence.item.classified': (detail) => `Classified as ${String(detail['classification'])}.`,
  'evidence.item.described': () => 'Described.',
  'evidence.item.handed_over': (detail) => {
    const told = (detail['handover'] ?? {}) as Record<string, unknown>
    return sentence(`Handed over by ${String(told['giver'])} to ${String(told['receiver'])}`, [
      ['on', told['at']],
      ['at', told['place']],
      ['for', told['purpose']],
      ['under seal', told['seal']],
    ])
  },
  'evidence.item.received_physically': () => 'Received as a thing.',
  'evidence.item.certified': () => 'An integrity certificate was made.',
  'integrity.item.certified': () => 'An integrity certificate was made.',
  'integrity.item.erased': () => 'Erased by order of two people.',
}

export const CUSTODY_KINDS: readonly string[] = Object.keys(WORDS)

/** One plain sentence for an entry of a chain of custody. */
export function custodyWords(kind: string, detail: Readonly<Record<string, unknown>>): string {
  return WORDS[kind]?.(detail) ?? kind
}

function sentence(start: string, parts: readonly (readonly [string, unknown])[]): string {
  const told = parts.filter(([, value]) => value !== undefined && value !== '')
  return `${[start, ...told.map(([word, value]) => [word, String(value)].filter(Boolean).join(' '))].join(', ')}.`
}
