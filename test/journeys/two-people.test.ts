import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { assertAccessible, NO_BROWSER, openBrowser, settled } from './browser.ts'
import { startWholeDesk } from './desk.ts'
import { furnish, itemOf } from './furnish.ts'
import { visit } from './pages.ts'
import { words } from './words.ts'

/** What needs two people, a reason, or a thing in hand; as people do it, in a real browser on a whole desk. */
let browser: Browser
let desk: Awaited<ReturnType<typeof startWholeDesk>>
let furnished: Awaited<ReturnType<typeof furnish>>
const en = words('en')

before(async () => {
  if (NO_BROWSER) return
  desk = await startWholeDesk()
  browser = await openBrowser()
  furnished = await furnish(browser, desk.origin, desk.running.firstAdministratorLink ?? '')
})
after(async () => {
  await browser?.close()
  await desk?.remove()
})

test('one proposes an erasure, another approves; the item says ERASED BY', { skip: NO_BROWSER }, async () => {
  const { officer, secondOfficer, places } = furnished
  const itemId = await itemOf(officer.context.request, places.collectionId, 'letter.html')
  await visit(officer.page, `/items/${itemId}`)
  await officer.page.getByRole('button', { name: /Propose erasure/ }).click()
  await officer.page
    .getByRole('dialog')
    .getByLabel(en('erasure.legalBasis'))
    .fill('Order 18/1402 (fictional)')
  await assertAccessible(officer.page, 'propose-erasure')
  await officer.page
    .getByRole('dialog')
    .getByRole('button', { name: en('erasure.proposeSubmit') })
    .click()
  const own = officer.page.locator('article').filter({ hasText: 'Order 18/1402' })
  await own.getByText(en('approvals.another')).waitFor()
  assert.equal(await own.getByRole('button', { name: en('erasure.approve') }).count(), 0)

  await visit(secondOfficer.page, '/audit/erasures')
  const proposed = secondOfficer.page.locator('article').filter({ hasText: 'Order 18/1402' })
  await proposed.getByRole('button', { name: en('erasure.approve') }).click()
  await secondOfficer.page
    .getByRole('dialog')
    .getByRole('button', { name: en('erasure.approve') })
    .click()
  await proposed.getByText(en('erasureState.done'), { exact: true }).waitFor({ timeout: 60_000 })

  await visit(officer.page, `/items/${itemId}`)
  await officer.page.getByText(/ERASED BY #\d+/).waitFor()
  await officer.page.getByRole('button', { name: en('check.run') }).click()
  await officer.page.getByText(en('check.ERASED')).waitFor()
  await assertAccessible(officer.page, 'erased-item')
  assert.deepEqual([...officer.faults, ...secondOfficer.faults], [])
})

test(
  'several items are chosen and proposed together; the proposal is withdrawn',
  { skip: NO_BROWSER },
  async () => {
    const { page } = furnished.officer
    await visit(page, `/collections/${furnished.places.collectionId}`)
    for (const name of ['guards.csv', 'photo.jpg'])
      await page.getByRole('checkbox', { name: `Choose ${name}` }).check()
    await page.getByRole('button', { name: /Propose to erase 2 items/ }).click()
    await page.getByRole('dialog').getByLabel(en('erasure.legalBasis')).fill('Schedule 9 (fictional)')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: en('erasure.proposeSubmit') })
      .click()
    const own = page.locator('article').filter({ hasText: 'Schedule 9' })
    await own.getByRole('button', { name: en('people.withdraw') }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: en('people.withdraw') })
      .click()
    await own.getByText(en('erasureState.withdrawn'), { exact: true }).waitFor()
  },
)

test(
  'who a source is: hidden from an officer, shown for a reason to witness protection',
  { skip: NO_BROWSER },
  async () => {
    const { officer, secondOfficer, places } = furnished
    await visit(officer.page, `/sources/${places.sourceId}`)
    await officer.page.getByText(en('identity.notYours')).waitFor()
    assert.equal(await officer.page.getByRole('button', { name: en('identity.read') }).count(), 0)

    const { page } = secondOfficer
    await visit(page, `/sources/${places.sourceId}`)
    await page.getByRole('button', { name: en('identity.read') }).click()
    await page.getByRole('dialog').getByLabel(en('field.why')).fill('To warn them (fictional)')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: en('identity.read') })
      .click()
    await page.getByText('Through a fictional friend').waitFor()
    await assertAccessible(page, 'source-identity')
    await page.reload()
    await settled(page)
    assert.equal(await page.getByText('Through a fictional friend').count(), 0)
  },
)

test('a thing is received, and rows are walked by keyboard', { skip: NO_BROWSER }, async () => {
  const { page } = furnished.officer
  await visit(page, '/intake/thing')
  await page.getByLabel(en('thing.name')).fill('Blue notebook')
  await page.getByLabel(en('thing.condition')).fill('Water stains')
  await page.getByRole('button', { name: en('thing.submit') }).click()
  await page.getByRole('heading', { level: 1, name: 'Blue notebook' }).waitFor()

  await visit(page, `/collections/${furnished.places.collectionId}`)
  await page.locator('tbody tr').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  const first = page.locator('tbody tr').first().getByRole('link')
  assert.equal(await first.evaluate((link) => link === link.ownerDocument.activeElement), true)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/items\//)
})
