import type { PlacedEntry, Report } from '../../../proof/report.ts'
import type { FactName, Words } from './words.ts'

/** A plain element with text; text only ever goes in as text. */
function element(name: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const made = document.createElement(name)
  if (className !== '') made.className = className
  made.append(...content)
  return made
}

/** Values from the certificate keep their own direction and cannot disturb the line around them. */
function isolated(text: string, direction: 'auto' | 'ltr' = 'auto'): HTMLElement {
  const made = element('bdi', '', text)
  made.dir = direction
  return made
}

/** A position in the log; its sign has no direction of its own. */
function position(index: number): HTMLElement {
  return isolated(`#${index}`, 'ltr')
}

/** Fills the section with a report in the reader's language. */
export function showReport(section: HTMLElement, report: Report, words: Words): void {
  section.dataset['verdict'] = report.verdict
  section.replaceChildren(
    element('h2', 'verdict', words.verdicts[report.verdict]),
    element('p', '', words.meanings[report.verdict]),
    ...(isOwnWord(report) ? [element('p', 'own-word', words.page.ownWord)] : []),
    ...findings(report, words),
    element('h2', '', words.page.stepsTitle),
    steps(report, words),
    element('h2', '', words.page.details),
    details(report, words),
  )
}

/** Fills the section where there is nothing to report on. */
export function showProblem(section: HTMLElement, text: string, cause: string, words: Words): void {
  section.dataset['verdict'] = 'UNREADABLE'
  section.replaceChildren(
    element('h2', 'verdict', words.verdicts.UNREADABLE),
    element('p', '', text, ' ', isolated(cause)),
  )
}

function isOwnWord(report: Report): boolean {
  return report.trust.source === 'certificate'
}

function findings(report: Report, words: Words): HTMLElement[] {
  const said = report.findings.filter((finding) => finding.code !== 'self_asserted_key') // has its own line
  if (said.length === 0) return []
  const list = element('ul', 'findings')
  const worstFirst = said.toSorted((a, b) => a.severity.localeCompare(b.severity)) // fail, note
  for (const { code, severity, index, words: exact } of worstFirst) {
    const line = element('li', severity, words.findings[code])
    if (index !== null) line.append(' (', words.facts.entry, ' ', position(index), ')')
    if (code === 'malformed') line.append(' ', isolated(exact))
    list.append(line)
  }
  return [list]
}

function steps(report: Report, words: Words): HTMLElement {
  const list = element('ul', 'steps')
  for (const { step, holds } of report.steps) {
    if (step === 'log_key' && holds && isOwnWord(report)) continue // said above, and no step that was passed
    const mark = element('span', 'mark', holds ? '✓' : '✗')
    mark.setAttribute('role', 'img')
    mark.setAttribute('aria-label', holds ? words.page.holds : words.page.failed)
    list.append(element('li', holds ? '' : 'fail', mark, element('span', '', words.steps[step])))
  }
  return list
}

function details(report: Report, words: Words): HTMLElement {
  const { item, checkpoint, trust } = report
  const { facts } = words
  const list = element('dl', '')
  const add = (name: FactName, value: string | null | undefined, isCode = true): void => {
    if (value === null || value === undefined) return
    list.append(element('dt', '', facts[name]), element('dd', isCode ? 'code' : '', isolated(value)))
  }
  const place = (name: FactName, entry: PlacedEntry | null | undefined): void => {
    if (!entry) return
    const value = element('dd', '', facts.entry, ' ', position(entry.index), ' · ', isolated(entry.at))
    list.append(element('dt', '', facts[name]), value)
  }
  add('number', item?.registrationNumber)
  add('item', item?.id)
  add('sha256', item?.sha256)
  if (item && item.sizeBytes !== null)
    list.append(
      element('dt', '', facts.size),
      element('dd', '', isolated(String(item.sizeBytes)), ' ', facts.bytes),
    )
  add('address', item?.address)
  place('received', item?.received)
  place('registered', item?.registered)
  place('erased', item?.erased)
  if (checkpoint) {
    const size = element(
      'dd',
      '',
      isolated(checkpoint.origin),
      ' · ',
      isolated(String(checkpoint.size)),
      ' ',
      facts.entries,
    )
    list.append(element('dt', '', facts.log), size)
    add('root', checkpoint.root)
  }
  add('logKey', trust.logKey)
  add('source', words.sources[trust.source], false)
  add('policyHash', trust.policyHash)
  for (const { name, time } of report.cosigners) add('cosigner', `${name} · ${time}`)
  add('certificateSha256', report.certificateSha256)
  return list
}
