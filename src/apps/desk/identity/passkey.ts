import { call } from '../app/call.ts'

/** Signs in with a passkey, alone or as the second step; the browser asks the person. */
export async function signInWithPasskey(): Promise<{ complete: boolean }> {
  const [{ startAuthentication }, offer] = await Promise.all([
    import('@simplewebauthn/browser'),
    call('POST /api/session/passkey/options'),
  ])
  const response = await startAuthentication({ optionsJSON: offer.options as never })
  return call('POST /api/session/passkey', {
    body: { challengeId: offer.challengeId, response: { ...response } },
  })
}

/** Adds a passkey of this device or key to one's account. */
export async function addPasskey(name: string): Promise<void> {
  const [{ startRegistration }, offer] = await Promise.all([
    import('@simplewebauthn/browser'),
    call('POST /api/account/passkeys/options'),
  ])
  const response = await startRegistration({ optionsJSON: offer.options as never })
  await call('POST /api/account/passkeys', {
    body: { challengeId: offer.challengeId, name, response: { ...response } },
  })
}
