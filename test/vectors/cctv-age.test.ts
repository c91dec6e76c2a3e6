import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { inflateSync } from 'node:zlib'
import { Decrypter, armor } from 'age-encryption'
import { nativePrimitives } from '../../src/platform/primitives-native.ts'
import { ageHeaderLength } from '../../src/proof/age-header.ts'
import { decryptPayload } from '../../src/proof/age.ts'
import { noblePrimitives } from '../../src/proof/primitives-noble.ts'
import type { Primitives } from '../../src/proof/primitives.ts'
import { needs, sharedData } from './shared.ts'

const folder = sharedData('ledger', 'cctv-age', 'testdata')

interface Vector {
  readonly expect: string
  readonly payload: string | undefined
  readonly fields: readonly (readonly [string, string])[]
  readonly file: Uint8Array
}

function readVector(bytes: Buffer): Vector {
  const end = bytes.indexOf('\n\n')
  const fields = bytes
    .subarray(0, end)
    .toString()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)] as const)
  const value = (name: string): string | undefined => fields.find(([found]) => found === name)?.[1]
  const body = bytes.subarray(end + 2)
  const file = value('compressed') === 'zlib' ? inflateSync(body) : body
  return { expect: value('expect')!, payload: value('payload'), fields, file: Uint8Array.from(file) }
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** What happens to the file, in the vectors' own words, and the hash of what was released. */
async function outcome(p: Primitives, vector: Vector): Promise<{ what: string; hash: string }> {
  const released = createHash('sha256')
  const end = (what: string): { what: string; hash: string } => ({ what, hash: released.digest('hex') })
  let file = vector.file
  if (vector.fields.some(([name]) => name === 'armored'))
    try {
      file = armor.decode(Buffer.from(file).toString('latin1'))
    } catch {
      return end('armor failure')
    }
  const decrypter = new Decrypter()
  for (const [name, text] of vector.fields)
    if (name === 'identity') decrypter.addIdentity(text)
    else if (name === 'passphrase') decrypter.addPassphrase(text)
  let fileKey: Uint8Array
  let payload: Uint8Array
  try {
    payload = file.subarray(ageHeaderLength(file))
    if (payload.length < 16) return end('header failure') // the vectors count the nonce to the header
    fileKey = await decrypter.decryptHeader(file)
  } catch (error) {
    const words = String(error)
    if (words.includes('no identity matched')) return end('no match')
    return end(words.includes('HMAC') ? 'HMAC failure' : 'header failure')
  }
  try {
    for await (const part of decryptPayload(p, fileKey, whole(payload))) released.update(part)
    return end('success')
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'malformed', String(error))
    return end('payload failure')
  }
}

test(
  'all 143 age vectors end as they say, with our payload code under the library’s headers',
  needs(folder),
  async () => {
    const names = readdirSync(folder!)
    assert.equal(names.length, 143)
    const wrong: string[] = []
    for (const name of names) {
      const vector = readVector(readFileSync(path.join(folder!, name)))
      for (const p of name.startsWith('stream') ? [nativePrimitives, noblePrimitives] : [nativePrimitives]) {
        const { what, hash } = await outcome(p, vector)
        if (what !== vector.expect) wrong.push(`${name}: ${what} instead of ${vector.expect}`)
        else if (vector.payload !== undefined && hash !== vector.payload)
          wrong.push(`${name}: another plaintext`)
      }
    }
    assert.deepEqual(wrong, [])
  },
)
