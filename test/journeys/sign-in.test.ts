import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { assertAccessible, newPerson, NO_BROWSER, openBrowser, settled } from './browser.ts'
import { startWholeDesk } from './desk.ts'
import { ADMINISTRATOR, post } from './furnish.ts'
import { words } from './words.ts'

/** Coming in and going out in a real browser: password and one-time code, a passkey. */
let browser: Browser
let desk: Awaited<ReturnType<typeof startWholeDesk>>

before(async () => {
  if (NO_BROWSER) return
  desk = await startWholeDesk()
  browser = await openBrowser()
})
after(async () => {
  await browser?.close()
  await desk?.remove()
})

const w = words('en')
let minasLink = ''

test(
  'password, then a one-time code; a wrong password says so and keeps the name',
  { skip: NO_BROWSER },
  async () => {
    const { page, context } = await newPerson(browser, desk.origin, 'en', 'light')
    const secret = new URL(desk.running.firstAdministratorLink ?? '').hash.slice(1)
    await post(context.request, '/api/invitations/accept', { secret, ...ADMINISTRATOR })
    const invited = { name: 'Mina (fictional)', roles: ['analyst'] }
    minasLink = (await post<{ link: string }>(context.request, '/api/invitations', invited)).link
    await page.goto('/account')
    await page.getByRole('tab', { name: w('account.ways') }).click()
    await page.getByRole('button', { name: w('account.totpBegin'), exact: true }).click()
    const shown = (await page.locator('.sheet .mono').first().innerText()).replaceAll(' ', '')
    await page.getByLabel(w('signIn.code')).fill(oneTimeCode(shown, Date.now()))
    await page.getByRole('button', { name: w('account.totpConfirm') }).click()
    await page.getByRole('button', { name: w('account.totpRemove') }).waitFor()

    await page.getByRole('button', { name: w('account.signOut') }).click()
    await page.getByLabel(w('signIn.name')).fill(ADMINISTRATOR.signInName)
    await page.getByLabel(w('signIn.password')).fill('not the password')
    await page.getByRole('button', { name: w('signIn.submit') }).click()
    await page.getByRole('alert').waitFor()
    assert.equal(await page.getByLabel(w('signIn.name')).inputValue(), ADMINISTRATOR.signInName)
    await page.getByLabel(w('signIn.password')).fill(ADMINISTRATOR.password)
    await page.getByRole('button', { name: w('signIn.submit') }).click()
    await page.getByRole('heading', { level: 1, name: w('signIn.secondStep') }).waitFor()
    await assertAccessible(page, 'second step')
    // A code is good once: the next one is what an authenticator would show a moment later. Typed with Persian digits.
    const next = oneTimeCode(shown, Date.now() + 30_000).replace(/\d/g, (digit) =>
      String.fromCharCode(0x06f0 + Number(digit)),
    )
    await page.getByLabel(w('signIn.code')).fill(next)
    await page.getByRole('button', { name: w('signIn.submit') }).click()
    await page.getByRole('heading', { level: 1, name: w('area.front') }).waitFor()
    await context.close()
  },
)

test('a passkey is added and signs in alone', { skip: NO_BROWSER }, async () => {
  const administrator = await newPerson(browser, desk.origin, 'en', 'light')
  const { page } = administrator
  const device = await administrator.context.newCDPSession(page)
  await device.send('WebAuthn.enable')
  await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await page.goto(minasLink)
  await page.getByLabel(w('signIn.name')).fill('mina')
  await page.getByLabel(w('join.password'), { exact: true }).fill('a lamp in each window')
  await page.getByLabel(w('join.again')).fill('a lamp in each window')
  await page.getByRole('button', { name: w('join.submit') }).click()
  await page.getByRole('heading', { level: 1, name: w('area.front') }).waitFor()
  await page.goto('/account')
  await page.getByRole('tab', { name: w('account.ways') }).click()
  await page.getByLabel(w('account.passkeyName')).fill('This computer')
  await page.getByRole('button', { name: w('account.passkeyAdd') }).click()
  await page.getByText('This computer').waitFor()
  await page.getByRole('button', { name: w('account.signOut') }).click()
  await page.getByRole('button', { name: w('signIn.passkey') }).click()
  await page.getByRole('heading', { level: 1, name: w('area.front') }).waitFor()
  await settled(page)
  await administrator.context.close()
})

/** RFC 6238 with SHA-1, 30 seconds, six digits, as authenticators have it. `secret`: base32. */
function oneTimeCode(secret: string, at: number): string {
  const bits = [...secret]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const digest = createHmac('sha1', key).update(counter).digest()
  const place = digest[digest.length - 1]! & 15
  return String((digest.readUInt32BE(place) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
