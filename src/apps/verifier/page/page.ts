import { Refusal } from '../../../base/refusal.ts'
import { MAX_CERTIFICATE_BYTES } from '../../../proof/certificate.ts'
import { parsePolicy, policyOfKey, type TrustPolicy } from '../../../proof/policy.ts'
import { noblePrimitives } from '../../../proof/primitives-noble.ts'
import type { Report } from '../../../proof/report.ts'
import { toUtf8 } from '../../../proof/utf8.ts'
import { verifyCertificate } from '../../../proof/verify.ts'
import { showProblem, showReport } from './view.ts'
import { dari, english, type PageText, type Words } from './words.ts'

type Slot = 'certificate' | 'original'
type Shown = { readonly report: Report } | { readonly problem: PageText; readonly cause: string }

function find<T extends Element>(selector: string): T {
  const found = document.querySelector<T>(selector)
  if (found === null) throw new Error(`the page lacks ${selector}`)
  return found
}

const section = find<HTMLElement>('#report')
const progress = find<HTMLProgressElement>('#progress')
const trustField = find<HTMLTextAreaElement>('#trust')
const files: Record<Slot, File | null> = { certificate: null, original: null }
const wantsDari = navigator.languages.some((language) => /^(prs|fa|ps)\b/.test(language))
let words: Words = wantsDari ? dari : english
let shown: Shown | null = null
let running: AbortController | null = null

function speak(next: Words): void {
  words = next
  document.documentElement.lang = words.language
  document.documentElement.dir = words.direction
  document.title = words.page.name
  for (const place of document.querySelectorAll<HTMLElement>('[data-text]'))
    place.textContent = words.page[place.dataset['text'] as PageText]
  for (const place of document.querySelectorAll<HTMLElement>('[data-label]'))
    place.setAttribute('aria-label', words.page[place.dataset['label'] as PageText])
  for (const button of document.querySelectorAll<HTMLElement>('[data-choose]'))
    button.textContent = words.page.choose
  for (const button of document.querySelectorAll<HTMLElement>('[data-language]'))
    button.setAttribute('aria-pressed', String(button.dataset['language'] === words.language))
  for (const slot of ['certificate', 'original'] as const) showName(slot)
  showAgain()
}

function showName(slot: Slot): void {
  find(`#${slot}-name bdi`).textContent = files[slot]?.name ?? words.page.nothing
}

function showAgain(): void {
  section.hidden = shown === null
  if (shown === null) return
  if ('report' in shown) showReport(section, shown.report, words)
  else showProblem(section, words.page[shown.problem], shown.cause, words)
}

function put(slot: Slot, file: File | undefined): void {
  if (file === undefined) return
  files[slot] = file
  running?.abort()
  shown = null // a report must never stand beside other files than its own
  showName(slot)
  showAgain()
}

async function check(): Promise<void> {
  running?.abort()
  const own = new AbortController()
  running = own
  const result = await answer(own.signal)
  if (own.signal.aborted) return
  shown = result
  progress.hidden = true
  showAgain()
  section.focus()
}

async function answer(signal: AbortSignal): Promise<Shown> {
  const { certificate, original } = files
  if (certificate === null) return { problem: 'needCertificate', cause: '' }
  let policy: TrustPolicy | null
  try {
    policy = readTrust(trustField.value)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { problem: 'badTrust', cause: error.detail }
  }
  try {
    const head = await certificate.slice(0, MAX_CERTIFICATE_BYTES + 1).arrayBuffer()
    const report = await verifyCertificate(noblePrimitives, {
      certificate: new Uint8Array(head),
      original: original === null ? null : readFile(original, signal),
      policy,
    })
    return lacksOnlyOriginal(report) ? { problem: 'needOriginal', cause: '' } : { report }
  } catch (error) {
    // The verifier itself never throws at bad evidence: what comes here is the browser failing to read a file.
    return { problem: 'unreadable', cause: error instanceof Error ? error.message : String(error) }
  }
}

/** The certificate holds by itself, and there is no file to compare: that is no FAIL. */
function lacksOnlyOriginal(report: Report): boolean {
  const failures = report.findings.filter((finding) => finding.severity === 'fail')
  return failures.length === 1 && failures[0]?.code === 'original_missing'
}

/** One key, or the lines of a policy. */
function readTrust(text: string): TrustPolicy | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  const isPolicy = /^(#|log\s|witness\s|group\s|quorum\s)/m.test(trimmed)
  return isPolicy ? parsePolicy(noblePrimitives, toUtf8(text)) : policyOfKey(noblePrimitives, trimmed)
}

async function* readFile(file: File, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const step = 4 * 1024 * 1024
  progress.hidden = false
  for (let at = 0; at < file.size && !signal.aborted; at += step) {
    progress.value = at / file.size
    yield new Uint8Array(await file.slice(at, at + step).arrayBuffer())
  }
}

for (const slot of ['certificate', 'original'] as const) {
  const input = find<HTMLInputElement>(`#${slot}`)
  const drop = find<HTMLElement>(`[data-drop=${slot}]`)
  input.addEventListener('change', () => put(slot, input.files?.[0]))
  find(`[data-choose=${slot}]`).addEventListener('click', () => input.click())
  drop.addEventListener('dragover', (event) => {
    event.preventDefault()
    drop.classList.add('over')
  })
  drop.addEventListener('dragleave', () => drop.classList.remove('over'))
  drop.addEventListener('drop', (event) => {
    event.preventDefault()
    drop.classList.remove('over')
    put(slot, event.dataTransfer?.files[0])
  })
}
// A file dropped beside the two places must not replace the page.
for (const kind of ['dragover', 'drop']) document.addEventListener(kind, (event) => event.preventDefault())
for (const button of document.querySelectorAll<HTMLElement>('[data-language]'))
  button.addEventListener('click', () => speak(button.dataset['language'] === 'en' ? english : dari))
find('form').addEventListener('submit', (event) => {
  event.preventDefault()
  void check()
})
trustField.addEventListener('input', () => {
  running?.abort()
  shown = null
  showAgain()
})
speak(words)
