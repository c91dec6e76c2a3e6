import type { Report, Step, StepName } from '../../proof/report.ts'

const STEPS: Readonly<Record<StepName, string>> = {
  certificate: 'The certificate has the documented form',
  log_key: 'The log is the one that is trusted',
  checkpoint: 'The checkpoint is signed',
  inclusion: 'Every entry is in the log, at its place',
  entries: 'Every entry is signed by an authorised key',
  item: 'The entries tell one whole story of one item',
  original: 'The original is the one that was taken in',
}

const MEANING = {
  INTACT: 'The file is, byte for byte, what was taken in and registered.',
  ERASED: 'The item was erased; its erasure is in the log. There is nothing to compare.',
  FAIL: 'Something does not fit. The reasons are below.',
} as const

const LIMITS =
  'Shown is that the bytes are unchanged since registration, not that what they say is true.\n' +
  'Times are the desk’s own statements; positions in the log are proven.'

/** The report for a person at a terminal. Ends in a newline. */
export function printReport(report: Report): string {
  const number = report.item?.registrationNumber
  const worstFirst = report.findings.toSorted((a, b) => a.severity.localeCompare(b.severity)) // fail, note
  const isOwnWord = report.trust.source === 'certificate' && report.verdict !== 'FAIL'
  return [
    `${report.verdict}${isOwnWord ? ', ON THE CERTIFICATE’S OWN WORD' : ''}${number ? `  ${printable(number)}` : ''}`,
    MEANING[report.verdict],
    '',
    ...worstFirst.map(({ severity, words }) => `${severity === 'fail' ? '✗' : '!'} ${printable(words)}`),
    ...(report.findings.length > 0 ? [''] : []),
    ...report.steps.map((step) => stepLine(step, report)),
    '',
    ...facts(report).map(([name, value]) => `${name.padEnd(18)}${printable(value)}`),
    '',
    LIMITS,
    '',
  ].join('\n')
}

function stepLine({ step, holds }: Step, report: Report): string {
  const isOwnWord = step === 'log_key' && holds && report.trust.source === 'certificate'
  return isOwnWord
    ? '! Nobody but the certificate vouches for the log’s key'
    : `${holds ? '✓' : '✗'} ${STEPS[step]}`
}

function facts(report: Report): (readonly [string, string])[] {
  const { item, checkpoint, trust } = report
  const given = {
    policy: 'the policy given',
    key: 'the key given',
    certificate: 'the certificate itself only',
  }[trust.source]
  const rows: (readonly [string, string | null])[] = [
    ['Item', item?.id ?? null],
    ['SHA-256', item?.sha256 ?? null],
    ['Size', item?.sizeBytes === undefined || item.sizeBytes === null ? null : `${item.sizeBytes} bytes`],
    ['Vault address', item?.address ?? null],
    ['Taken in', place(item?.received)],
    ['Registered', place(item?.registered)],
    ['Erased', place(item?.erased)],
    ['Log', checkpoint === null ? null : `${checkpoint.origin}, ${checkpoint.size} entries`],
    ['Root', checkpoint?.root ?? null],
    ['Log key', trust.logKey],
    ['Vouched for by', given],
    [`SHA-256 of ${trust.source === 'key' ? 'key' : 'policy'}`, trust.policyHash],
    ...report.cosigners.map(({ name, time }) => ['Cosigned by', `${name}, ${time}`] as const),
    ['Certificate', `SHA-256 ${report.certificateSha256}`],
  ]
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
}

function place(entry: { readonly index: number; readonly at: string } | null | undefined): string | null {
  return entry ? `entry #${entry.index}, ${entry.at}` : null
}

/** Nothing from a certificate reaches the terminal as a control or an invisible character. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`)
}
