import { createCipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

const TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  let crc = value
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc >>> 0
})
const step = (crc: number, byte: number): number => ((crc >>> 8) ^ (TABLE[(crc ^ byte) & 255] ?? 0)) >>> 0

/** PKWARE's traditional cipher (APPNOTE 6.1): broken long ago, so it only ever opens what others locked. */
class TraditionalCipher {
  #a = 0x12345678
  #b = 0x23456789
  #c = 0x34567890

  constructor(password: Uint8Array) {
    for (const byte of password) this.#update(byte)
  }

  #update(byte: number): void {
    this.#a = step(this.#a, byte)
    this.#b = (Math.imul(this.#b + (this.#a & 255), 134775813) + 1) >>> 0
    this.#c = step(this.#c, this.#b >>> 24)
  }

  open(bytes: Uint8Array): Uint8Array {
    const plain = new Uint8Array(bytes.length)
    for (let at = 0; at < bytes.length; at++) {
      const mask = (this.#c | 2) & 0xffff
      const byte = (bytes[at] ?? 0) ^ ((Math.imul(mask, mask ^ 1) >>> 8) & 255)
      plain[at] = byte
      this.#update(byte)
    }
    return plain
  }
}

/** Chunks of plaintext, or undefined where the 12-byte header shows the password to be wrong (1 in 256 passes by chance). */
export function openTraditional(
  header: Buffer,
  chunks: Iterable<Uint8Array>,
  password: string,
  checkByte: number,
): Iterable<Uint8Array> | undefined {
  const cipher = new TraditionalCipher(Buffer.from(password, 'utf8'))
  if (cipher.open(header)[11] !== checkByte) return undefined
  return (function* (): Generator<Uint8Array> {
    for (const chunk of chunks) yield cipher.open(chunk)
  })()
}

export interface AesFrame {
  readonly strength: 1 | 2 | 3
  readonly salt: Buffer
  readonly verifier: Buffer
  readonly mac: Buffer
}

export const aesSaltBytes = (strength: 1 | 2 | 3): number => 4 + 4 * strength

/**
 * WinZip AE-1 and AE-2: AES-CTR with a little-endian counter, HMAC-SHA1 over the ciphertext.
 *
 * Undefined where the verifier shows the password to be wrong. Throws after the last chunk when the MAC differs.
 * Source: https://www.winzip.com/en/support/aes-encryption/
 */
export function openAes(
  frame: AesFrame,
  chunks: Iterable<Uint8Array>,
  password: string,
): Iterable<Uint8Array> | undefined {
  const keyBytes = 8 + 8 * frame.strength
  const derived = pbkdf2Sync(Buffer.from(password, 'utf8'), frame.salt, 1000, 2 * keyBytes + 2, 'sha1')
  if (!derived.subarray(2 * keyBytes).equals(frame.verifier)) return undefined
  const key = derived.subarray(0, keyBytes)
  const mac = createHmac('sha1', derived.subarray(keyBytes, 2 * keyBytes))
  return (function* (): Generator<Uint8Array> {
    const stream = new LittleEndianCounter(key)
    for (const chunk of chunks) {
      mac.update(chunk)
      yield stream.open(chunk)
    }
    const computed = mac.digest().subarray(0, 10)
    if (frame.mac.length !== 10 || !timingSafeEqual(computed, frame.mac)) {
      throw new Error('its authentication code does not match')
    }
  })()
}

/** AES in counter mode as WinZip counts: a 128-bit little-endian block number from 1. */
class LittleEndianCounter {
  readonly #cipher
  #block = 1
  #pad: Buffer = Buffer.alloc(0)

  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false)
  }

  open(bytes: Uint8Array): Uint8Array {
    if (this.#pad.length < bytes.length)
      this.#pad = Buffer.concat([this.#pad, this.#more(bytes.length - this.#pad.length)])
    const plain = new Uint8Array(bytes.length)
    for (let at = 0; at < bytes.length; at++) plain[at] = (bytes[at] ?? 0) ^ (this.#pad[at] ?? 0)
    this.#pad = this.#pad.subarray(bytes.length)
    return plain
  }

  #more(bytes: number): Buffer {
    const blocks = Buffer.alloc(Math.ceil(bytes / 16) * 16)
    for (let at = 0; at < blocks.length; at += 16) {
      blocks.writeUInt32LE(this.#block >>> 0, at)
      blocks.writeUInt32LE(Math.floor(this.#block / 2 ** 32), at + 4)
      this.#block++
    }
    return this.#cipher.update(blocks)
  }
}
