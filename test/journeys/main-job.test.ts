import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import {
  assertAccessible,
  type Language,
  newPerson,
  NO_BROWSER,
  openBrowser,
  type Person,
  settled,
} from './browser.ts'
import { startWholeDesk } from './desk.ts'
import { PAPERS, post } from './furnish.ts'
import { words } from './words.ts'

/** The main job as people do it, in a real browser on a whole desk: let in, take in, register, find, check, certify. */
let browser: Browser
let desk: Awaited<ReturnType<typeof startWholeDesk>>
let administrator: Person

before(async () => {
  if (NO_BROWSER) return
  desk = await startWholeDesk()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await desk?.remove()
})

const en = words('en')

test('the first administrator comes in by the link, and it works once', { skip: NO_BROWSER }, async () => {
  const link = desk.running.firstAdministratorLink
  assert.ok(link)
  administrator = await newPerson(browser, desk.origin, 'en', 'light')
  await join(administrator, link, {
    name: 'Laila Ahmadi (fictional)',
    signInName: 'laila',
    password: 'a door with two locks',
  })
  await administrator.page.getByRole('heading', { level: 1, name: en('area.front') }).waitFor()

  const second = await newPerson(browser, desk.origin, 'en', 'light')
  await second.page.goto(link)
  await second.page.getByRole('alert').waitFor()
  assert.equal(await second.page.getByLabel(en('join.password')).count(), 0)
  await second.context.close()
})

test('the administrator makes a compartment', { skip: NO_BROWSER }, async () => {
  const { page, faults } = administrator
  await page.goto('/compartments')
  await page.getByRole('button', { name: en('compartments.create') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(en('list.name')).fill('Customs house')
  await dialog.getByRole('button', { name: en('compartments.create') }).click()
  await page.getByRole('link', { name: 'Customs house' }).waitFor()
  assert.deepEqual(faults, [])
})

for (const language of ['en', 'prs'] as const)
  test(
    `an officer takes in, registers, finds, checks and certifies (${language})`,
    { skip: NO_BROWSER },
    async () => {
      const w = words(language)
      const officer = await newOfficer(language)
      const { page, faults } = officer
      assert.equal(await page.evaluate('document.documentElement.dir'), language === 'prs' ? 'rtl' : 'ltr')

      await makeCollection(page, w, `Papers ${language}`)
      await takeIn(page, w, `Batch ${language}`)
      const number = await registerAll(page, w)
      await findAndOpen(page, w, language)
      await check(page, w)
      await certificate(page, w)
      await goByPalette(page, w, number)
      await assertAccessible(page, `the item in ${language}`)
      // The piece that the test itself lost is the only error that the browser may name.
      assert.deepEqual(
        faults.filter((fault) => !fault.includes('ERR_CONNECTION_RESET')),
        [],
      )
      await officer.context.close()
    },
  )

async function newOfficer(language: Language, signInName = `officer-${language}`): Promise<Person> {
  const page = administrator.page
  await page.goto('/people')
  await page.getByRole('button', { name: en('people.invite') }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(en('person.name')).fill(`Officer ${language} (fictional)`)
  for (const role of ['role.evidence-officer', 'role.auditor'])
    await dialog.getByLabel(en(role), { exact: true }).check()
  await dialog.getByLabel('Customs house').check()
  await dialog.getByRole('button', { name: en('people.inviteSubmit') }).click()
  const link = await page.locator('.notice bdi').innerText()
  const officer = await newPerson(browser, desk.origin, language, 'light')
  await join(officer, link, { signInName, password: 'paper keeps what it is told' })
  await officer.page.getByRole('heading', { level: 1, name: words(language)('area.front') }).waitFor()
  return officer
}

async function join(
  person: Person,
  link: string,
  who: { name?: string; signInName: string; password: string },
): Promise<void> {
  const w = words(person.language)
  const { page } = person
  await page.goto(link)
  await assertAccessible(page, 'the invitation')
  if (who.name) await page.getByLabel(w('join.name')).fill(who.name)
  await page.getByLabel(w('signIn.name')).fill(who.signInName)
  await page.getByLabel(w('join.password'), { exact: true }).fill(who.password)
  await page.getByLabel(w('join.again')).fill(who.password)
  await page.getByRole('button', { name: w('join.submit') }).click()
}

type Words = ReturnType<typeof words>

async function makeCollection(page: Page, w: Words, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: w('shell.areas') })
    .getByRole('link', { name: w('area.collections') })
    .click()
  await page
    .getByRole('button', { name: w('collections.create') })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(w('list.name')).fill(name)
  await dialog.getByLabel(w('collection.compartment')).selectOption({ label: 'Customs house' })
  await dialog.getByRole('button', { name: w('collections.create') }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

async function takeIn(page: Page, w: Words, label: string): Promise<void> {
  await page.getByRole('link', { name: w('intake.begin') }).click()
  const files = Object.entries(PAPERS).map(([place, text]) => ({
    name: path.basename(place),
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(`${text}\n${label}`),
  }))
  // The first piece of the first file is lost on the way: the desk must send it again by itself.
  let lost = 0
  await page.route('**/api/batches/*/files/*?*', (route) =>
    lost++ === 0 ? route.abort('connectionreset') : route.continue(),
  )
  await page.locator('input[type=file][multiple]').setInputFiles(files)
  await page.getByLabel(w('intake.label')).fill(label)
  await page.getByLabel(w('collect.by')).fill('A fictional archivist')
  await page.getByRole('button', { name: w('intake.submit'), exact: true }).click()
  await page.getByRole('heading', { level: 1, name: label }).waitFor()
  await page.locator('main .heading .chip', { hasText: w('batch.done') }).waitFor({ timeout: 60_000 })
  assert.ok(lost > 1, 'a lost piece was sent again')
  await page.getByRole('tab', { name: w('intake.receipt') }).click()
  await page.getByText(w('receipt.finished')).waitFor()
  await page.getByRole('tab', { name: w('intake.files') }).click()
  assert.equal(await page.locator('main tbody tr').count(), files.length)
}

async function registerAll(page: Page, w: Words): Promise<string> {
  await page
    .getByRole('navigation', { name: w('shell.areas') })
    .getByRole('link', { name: w('area.registration') })
    .click()
  await page.getByLabel(w('list.chooseAll')).check()
  await page.locator('main .heading .button.first').click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: w('registration.submit'), exact: true })
    .click()
  const number = await page.locator('.notice .number').first().innerText()
  assert.match(number, /^\d{4}-\d{6}$/)
  return number
}

async function findAndOpen(page: Page, w: Words, language: Language): Promise<void> {
  await page
    .getByRole('navigation', { name: w('shell.areas') })
    .getByRole('link', { name: w('area.search') })
    .click()
  const box = page.getByLabel(w('search.label'))
  await box.fill('"blue ledger')
  await page.keyboard.press('Enter')
  await page.locator('.syntax .wrong').waitFor()
  // Typed with an Arabic ك where the paper has a Persian ک: variants must not hide a hit.
  await box.fill(language === 'prs' ? 'كتابچۀ' : 'blue ledger customs')
  await page.keyboard.press('Enter')
  await page.locator('.hits mark').first().waitFor({ timeout: 20_000 })
  assert.ok(!page.url().includes('?'), 'the query is not in the address')
  await assertAccessible(page, `search in ${language}`)
  await page.locator('.hits a').first().click()
  await page.locator('.passage.page mark').first().waitFor()
}

async function check(page: Page, w: Words): Promise<void> {
  await page.getByRole('tab', { name: w('item.check') }).click()
  await page.getByRole('button', { name: w('check.run') }).click()
  await page.getByText(w('check.INTACT')).waitFor({ timeout: 20_000 })
  assert.ok((await page.locator('.steps li').count()) >= 5)
  assert.equal(await page.locator('.steps .failed').count(), 0)
}

async function certificate(page: Page, w: Words): Promise<void> {
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: w('item.certificate') }).click()
  const text = readFileSync(await (await coming).path(), 'utf8')
  assert.match(text, /checkpoint/i)
}

async function goByPalette(page: Page, w: Words, number: string): Promise<void> {
  await page.goto('/')
  await settled(page)
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: w('palette.label') }).fill(number)
  const option = page.getByRole('option', { name: w('palette.number') })
  await option.waitFor()
  while ((await option.getAttribute('aria-selected')) !== 'true') await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.locator('main .number', { hasText: number }).first().waitFor()
}

test(
  'a folder is compared with the list that came with it; what differs waits in quarantine',
  { skip: NO_BROWSER },
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'amanat-folder-'))
    mkdirSync(path.join(folder, 'papers'))
    writeFileSync(path.join(folder, 'papers', 'changed.txt'), 'not what the list says')
    writeFileSync(path.join(folder, 'papers', 'large.bin'), Buffer.alloc(9 * 1024 * 1024, 'several pieces '))
    const officer = await newOfficer('en', 'clerk')
    const { page, faults } = officer
    await makeCollection(page, en, 'Papers with a list')
    await page.getByRole('link', { name: en('intake.begin') }).click()
    await page.locator('input[webkitdirectory]').setInputFiles(path.join(folder, 'papers'))
    const list = `path,sha256\npapers/changed.txt,${'0'.repeat(64)}\npapers/missing.txt,\n`
    await page
      .getByLabel(en('intake.manifest'))
      .setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(list) })
    await page.getByLabel(en('intake.label')).fill('Folder with a list')
    await page.getByRole('button', { name: en('intake.submit'), exact: true }).click()
    await page.locator('main .heading .chip', { hasText: en('batch.done') }).waitFor({ timeout: 60_000 })
    await page.getByRole('tab', { name: en('intake.manifest') }).click()
    await page.getByText('papers/missing.txt').waitFor()
    await assertAccessible(page, 'reconciliation')
    await page.goto('/registration/quarantine')
    await page
      .getByRole('row', { name: /changed\.txt/ })
      .getByRole('checkbox')
      .check()
    await page.getByRole('button', { name: en('quarantine.return'), exact: true }).click()
    await page.getByRole('dialog').getByLabel(en('field.why')).fill('The provider sends it again')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: en('quarantine.return'), exact: true })
      .click()
    await page.getByText(en('quarantine.none')).waitFor()
    assert.deepEqual(faults, [])
    await officer.context.close()
    rmSync(folder, { recursive: true })
  },
)

test('what one may not see is not found, and the page says who can help', { skip: NO_BROWSER }, async () => {
  const { link } = await post<{ link: string }>(administrator.context.request, '/api/invitations', {
    name: 'Outsider (fictional)',
    roles: ['analyst'],
  })
  const outsider = await newPerson(browser, desk.origin, 'en', 'dark')
  await join(outsider, link, { signInName: 'outsider', password: 'sees nothing of the house' })
  const { page } = outsider
  await page.getByRole('heading', { level: 1, name: en('area.front') }).waitFor()
  await page.goto('/collections')
  await page.getByText(en('collections.noneHintReader')).waitFor()
  await page.goto('/items/0190a000-0000-7000-8000-000000000000')
  await page.getByText(en('refusal.not_found')).waitFor()
  await assertAccessible(page, 'not found')
  await page.route('**/api/collections*', (route) => route.abort())
  await page.goto('/collections')
  await page.getByText(en('refusal.desk_unreachable')).waitFor({ timeout: 20_000 })
  await page.unroute('**/api/collections*')
  await page.getByRole('button', { name: en('action.again') }).click()
  await page.getByText(en('collections.noneHintReader')).waitFor()
  await outsider.context.close()
})
