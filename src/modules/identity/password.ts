import { argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Refusal } from '../../base/refusal.ts'

const derive = promisify(argon2)

/** RFC 9106's second recommendation: 64 MiB, three passes; about 100 ms here. */
const COST = { memory: 65_536, passes: 3, parallelism: 1, tagLength: 32 }
/** Each derivation holds 64 MiB, so a flood of sign-ins must queue and then be turned away. */
const AT_ONCE = 2
const WAITING = 64

let running = 0
const queue: (() => void)[] = []

async function takeTurn(): Promise<void> {
  if (running < AT_ONCE) {
    running++
    return
  }
  if (queue.length >= WAITING)
    throw new Refusal(
      'too_many_tries',
      'Too many people are signing in at this moment. Try again in a minute.',
      {
        retryAfterSeconds: 60,
      },
    )
  await new Promise<void>((resolve) => queue.push(resolve)) // the one before hands its turn over
}

function endTurn(): void {
  const next = queue.shift()
  if (next) next()
  else running--
}

/** The PHC string of an Argon2id hash. `salt`: 16 random bytes. */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const tag = await tagOf(password, salt, COST)
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${bare(salt)}$${bare(tag)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** True where the password makes the hash. With no hash it takes as long and says no: names cannot be probed. */
export async function verifyPassword(password: string, phc: string | null): Promise<boolean> {
  const match = PHC.exec(phc ?? '')
  if (!match) {
    await tagOf(password, new Uint8Array(16), COST)
    return false
  }
  const [, memory, passes, parallelism, salt = '', tag = ''] = match
  const expected = Buffer.from(tag, 'base64')
  const cost = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  }
  return timingSafeEqual(await tagOf(password, Buffer.from(salt, 'base64'), cost), expected)
}

async function tagOf(password: string, salt: Uint8Array, cost: typeof COST): Promise<Buffer> {
  await takeTurn()
  try {
    // NFKC: the same password typed on another keyboard has the same bytes.
    return await derive('argon2id', {
      message: Buffer.from(password.normalize('NFKC')),
      nonce: salt,
      ...cost,
    })
  } finally {
    endTurn()
  }
}

function bare(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}
