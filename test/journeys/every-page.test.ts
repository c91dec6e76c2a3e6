import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { assertAccessible, newPerson, NO_BROWSER, openBrowser, prefer } from './browser.ts'
import { startWholeDesk } from './desk.ts'
import { furnish } from './furnish.ts'
import { administratorPages, officerPages, visit } from './pages.ts'

/** Every page, both languages, by day and by night: WCAG 2.2 AA by axe, no error, nothing asked from elsewhere. */
let browser: Browser
let desk: Awaited<ReturnType<typeof startWholeDesk>>
let furnished: Awaited<ReturnType<typeof furnish>>

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

for (const language of ['en', 'prs'] as const)
  for (const theme of ['light', 'dark'] as const)
    test(`every page is accessible (${language}, ${theme})`, { skip: NO_BROWSER }, async (t) => {
      const { officer, administrator, places } = furnished
      const stranger = await newPerson(browser, desk.origin, language, theme)
      await visit(stranger.page, '/')
      await assertAccessible(stranger.page, 'sign-in')
      for (const [person, pages] of [
        [officer, officerPages(places)],
        [administrator, administratorPages(places)],
      ] as const) {
        await prefer(person.context, language, theme)
        for (const [name, address] of pages)
          await t.test(name, async () => {
            await visit(person.page, address)
            assert.equal(
              await person.page.evaluate('document.documentElement.dir'),
              language === 'prs' ? 'rtl' : 'ltr',
            )
            assert.equal(await person.page.evaluate('document.documentElement.dataset.theme'), theme)
            await assertAccessible(person.page, name)
            await assertFits(
              person.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
              name,
            )
            assert.deepEqual(person.faults, [])
          })
      }
      await stranger.context.close()
    })

async function assertFits(over: Promise<number>, name: string): Promise<void> {
  assert.ok((await over) <= 0, `${name} is wider than the window`)
}
