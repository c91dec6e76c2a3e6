import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { formatVerifierKey } from '../../src/proof/note.ts'
import * as sample from './sample-log.ts'

const root = path.join(import.meta.dirname, '../..')
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((name) => existsSync(name))
const skip = CHROMIUM === undefined ? 'Chromium is not installed' : false
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let folder = ''
let browser: Browser | null = null
const at = (name: string): string => path.join(folder, name)

before(async () => {
  if (CHROMIUM === undefined) return
  folder = mkdtempSync(path.join(tmpdir(), 'page-'))
  const built = spawnSync(process.execPath, [path.join(root, 'scripts/build-verifier.mjs'), folder])
  assert.equal(built.status, 0, built.stderr.toString())
  writeFileSync(at('good.json'), await sample.certificate(sample.GOOD))
  writeFileSync(at('erased.json'), await sample.certificate([sample.AT.key, sample.AT.erased]))
  writeFileSync(at('original.txt'), sample.ORIGINAL)
  writeFileSync(at('other.txt'), sample.OTHER)
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
})
after(async () => {
  await browser?.close()
  if (folder !== '') rmSync(folder, { recursive: true })
})

interface Look {
  readonly locale: string
  readonly colorScheme: 'light' | 'dark'
}

async function open(look: Look): Promise<{ page: Page; problems: string[] }> {
  const page = await browser!.newPage({ ...look, reducedMotion: 'reduce' })
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => problems.push(message.text()))
  page.on('request', (request) => {
    if (!request.url().startsWith('file:') && !request.url().startsWith('blob:')) problems.push(request.url())
  })
  await page.goto(pathToFileURL(at('amanat-verify.html')).href)
  return { page, problems }
}

async function check(page: Page, certificate: string, original: string | null, key: string): Promise<string> {
  await page.setInputFiles('#certificate', at(certificate))
  if (original !== null) await page.setInputFiles('#original', at(original))
  await page.fill('#trust', key)
  await page.click('button[type=submit]')
  await page.waitForSelector('#report:not([hidden])')
  return (await page.getAttribute('#report', 'data-verdict')) ?? ''
}

async function barriers(page: Page): Promise<string[]> {
  // The page's own policy lets no script in, so the checker comes through the debugging protocol.
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[]
  }
  return found.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)
}

const key = formatVerifierKey(sample.logKey)
const ENGLISH: Look = { locale: 'en-GB', colorScheme: 'light' }
const DARI: Look = { locale: 'fa-AF', colorScheme: 'dark' }

test(
  'from a file address it says INTACT, FAIL and ERASED, and asks nothing of a network',
  { skip },
  async () => {
    const { page, problems } = await open(ENGLISH)
    assert.equal(await check(page, 'good.json', 'original.txt', key), 'INTACT')
    assert.equal(await check(page, 'good.json', 'other.txt', key), 'FAIL')
    assert.equal(await check(page, 'original.txt', 'original.txt', key), 'FAIL')
    assert.equal(await check(page, 'erased.json', null, key), 'ERASED')
    assert.equal(await check(page, 'erased.json', null, 'nonsense'), 'UNREADABLE')
    assert.deepEqual(problems, [])
    await page.close()
  },
)

test('a report goes as soon as a file or the key changes', { skip }, async () => {
  const { page } = await open(ENGLISH)
  await check(page, 'good.json', 'original.txt', key)
  await page.setInputFiles('#original', at('other.txt'))
  assert.ok(await page.isHidden('#report'))
  await check(page, 'good.json', 'original.txt', key)
  await page.fill('#trust', '')
  assert.ok(await page.isHidden('#report'))
  await page.close()
})

for (const look of [ENGLISH, DARI])
  test(`no barriers in ${look.locale}, ${look.colorScheme}`, { skip }, async () => {
    const { page } = await open(look)
    assert.equal(await page.getAttribute('html', 'dir'), look === DARI ? 'rtl' : 'ltr')
    assert.deepEqual(await barriers(page), [])
    for (const [certificate, original] of [
      ['good.json', 'original.txt'],
      ['good.json', 'other.txt'],
    ] as const) {
      await check(page, certificate, original, '')
      assert.deepEqual(await barriers(page), [])
    }
    const width = await page.evaluate('document.documentElement.scrollWidth <= innerWidth')
    assert.ok(width, 'the page scrolls sideways')
    await page.close()
  })

test('the language changes without losing the report', { skip }, async () => {
  const { page } = await open(ENGLISH)
  await check(page, 'good.json', 'original.txt', key)
  await page.click('[data-language="fa-AF"]')
  assert.equal(await page.getAttribute('html', 'lang'), 'fa-AF')
  assert.equal(await page.textContent('.verdict'), 'دست‌نخورده')
  assert.equal(await page.getAttribute('#report', 'data-verdict'), 'INTACT')
  await page.close()
})
