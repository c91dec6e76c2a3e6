import { createRequire } from 'node:module'
import type { Gathering } from '../gather.ts'

const require = createRequire(import.meta.url)

interface Opener {
  decrypt(bytes: Buffer, options: { password: string }): Promise<Buffer>
}

/** The password Excel itself uses for workbooks “protected” without one. */
const BUILT_IN = 'VelvetSweatshop'

/**
 * Opens an encrypted Office file with the first password that fits; says so either way. Null where
 * none fits: the file stays whole and can be tried again with another password.
 */
export async function decryptOffice(bytes: Buffer, gathering: Gathering): Promise<Buffer | null> {
  const { decrypt } = require('officecrypto-tool') as Opener
  for (const password of [BUILT_IN, ...gathering.input.passwords]) {
    if (gathering.pressed()) break
    const opened = await decrypt(bytes, { password }).catch(() => null) // a wrong password and a damaged file answer alike
    if (opened === null) continue
    const how =
      password === BUILT_IN ? 'with the password Office uses when none is set' : 'with a given password'
    gathering.notice('encrypted', `Encrypted; opened ${how}.`, { step: 'open' })
    gathering.found('document.encrypted', true)
    return opened
  }
  const tried =
    gathering.input.passwords.length > 0 ? 'none of the given passwords fits' : 'a password is needed'
  gathering.notice('encrypted', `Encrypted: ${tried}. Kept as it is; try again with the password.`, {
    step: 'open',
    retryable: true,
    lost: true,
  })
  gathering.found('document.encrypted', true)
  return null
}
