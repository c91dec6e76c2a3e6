import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { TestContext } from 'node:test'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Debian's Chromium; the journeys bring none of their own. */
const CHROMIUM = process.env['AMANAT_CHROMIUM'] ?? '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

export type Language = 'en' | 'prs'
export type Theme = 'light' | 'dark'

/** False where this machine has no Chromium: journeys then skip and say so. */
export const NO_BROWSER: string | false = existsSync(CHROMIUM) ? false : `no Chromium at ${CHROMIUM}`

/** A fresh Chromium with a profile of its own; closed with the test. */
export async function openBrowser(t?: TestContext): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, headless: true })
  t?.after(() => browser.close())
  return browser
}

/** A person's browser: nobody signed in, language and theme chosen, errors of the page collected. */
export async function newPerson(
  browser: Browser,
  origin: string,
  language: Language,
  theme: Theme,
): Promise<Person> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1360, height: 860 },
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) faults.push(message.text())
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== origin)
      faults.push(`asked elsewhere: ${url.origin}`)
  })
  await prefer(context, language, theme)
  return { context, page, faults, language }
}

export interface Person {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors on the console, thrown errors, requests to anywhere but the desk. */
  readonly faults: string[]
  readonly language: Language
}

/** How the desk is read from the next load on. */
export async function prefer(context: BrowserContext, language: Language, theme: Theme): Promise<void> {
  const calendar = language === 'prs' ? 'solar-hijri' : 'gregorian'
  const kept = JSON.stringify({ language, theme, calendar, numerals: 'language' })
  await context.addInitScript(`localStorage.setItem('amanat.preferences', ${JSON.stringify(kept)})`)
}

/** Waits until nothing loads, then asks axe for WCAG 2.2 AA; each violation is named with its elements. */
export async function assertAccessible(page: Page, name: string): Promise<void> {
  await settled(page)
  await page.evaluate(AXE)
  const { violations: found } = await page.evaluate<AxeAnswer>(
    `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(RULES)} } })`,
  )
  const violations = found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ html }) => html.slice(0, 160))
        .slice(0, 4)
        .join(' | ')}`,
  )
  assert.deepEqual(violations, [], `axe on ${name}`)
}

interface AxeAnswer {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

/** Until the page has its heading and shows nothing that is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.locator('.loading').first().waitFor({ state: 'detached', timeout: 20_000 })
  await page.evaluate('document.fonts.ready.then(() => undefined)')
}
