/**
 * Takes a picture of every page of the desk, in both languages, by day and by night:
 * `node scripts/pictures.ts [FOLDER [PAGES [WIDTH]]]`; PAGES is a regular expression over their names.
 * The desk is a whole one with fictional papers; `docs/pictures` keeps the few that the documentation shows.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import {
  newPerson,
  openBrowser,
  type Person,
  prefer,
  settled,
  type Language,
  type Theme,
} from '../test/journeys/browser.ts'
import { startWholeDesk } from '../test/journeys/desk.ts'
import { furnish } from '../test/journeys/furnish.ts'
import { administratorPages, officerPages, visit } from '../test/journeys/pages.ts'

const folder = path.resolve(process.argv[2] ?? 'pictures.draft')
const only = process.argv[3]
const width = Number(process.argv[4] ?? 1360)
const LOOKS: readonly (readonly [Language, Theme])[] = [
  ['en', 'light'],
  ['en', 'dark'],
  ['prs', 'light'],
  ['prs', 'dark'],
]

const { running, origin, remove } = await startWholeDesk()
const browser = await openBrowser()
try {
  mkdirSync(folder, { recursive: true })
  const { administrator, officer, places } = await furnish(
    browser,
    origin,
    running.firstAdministratorLink ?? '',
  )
  for (const [language, theme] of LOOKS) {
    const take = pictureTaker(language, theme)
    const stranger = await newPerson(browser, origin, language, theme)
    await visit(stranger.page, '/')
    await take(stranger, 'sign-in')
    for (const [person, pages] of [
      [officer, officerPages(places)],
      [administrator, administratorPages(places)],
    ] as const) {
      await prefer(person.context, language, theme)
      for (const [name, address] of pages) {
        if (only && !new RegExp(only).test(name)) continue
        await person.page.setViewportSize({ width, height: 780 })
        await visit(person.page, address)
        if (name === 'search') await search(person)
        if (name === 'item-check') await check(person)
        await take(person, name)
      }
    }
    await stranger.context.close()
  }
} finally {
  await browser.close()
  await remove()
}

function pictureTaker(language: Language, theme: Theme) {
  return async (person: Person, name: string): Promise<void> => {
    await settled(person.page)
    await person.page.screenshot({
      path: path.join(folder, `${name}-${language}-${theme}.png`),
      fullPage: false,
    })
  }
}

async function search(person: Person): Promise<void> {
  await person.page.locator('#question').fill('ledger OR دفتر')
  await person.page.keyboard.press('Enter')
  await person.page.locator('.hits li, .empty, .notice').first().waitFor()
}

async function check(person: Person): Promise<void> {
  await person.page.locator('main .button.first').last().click()
  await person.page.locator('main .steps li, main .notice').first().waitFor()
}
