import { createReadStream } from 'node:fs'
import { lstat, open } from 'node:fs/promises'

/** A file that cannot be read: a wrong use, never a verdict. */
export class Unreadable extends Error {}

/** At most `most` + 1 bytes, so that the reader of them can tell that there is more. */
export async function readBounded(path: string, most: number): Promise<Uint8Array> {
  await requireFile(path)
  const file = await attempt(path, () => open(path, 'r'))
  try {
    const bytes = new Uint8Array(Math.min(most + 1, (await file.stat()).size + 1))
    let filled = 0
    for (;;) {
      const { bytesRead } = await attempt(path, () => file.read(bytes, filled, bytes.length - filled, null))
      filled += bytesRead
      if (bytesRead === 0 || filled === bytes.length) return bytes.subarray(0, filled)
    }
  } finally {
    await file.close()
  }
}

/** The bytes of a file, or of standard input for `-`. */
export async function* readOriginal(path: string): AsyncGenerator<Uint8Array> {
  if (path !== '-') await requireFile(path)
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 20 })
  try {
    for await (const part of stream) yield part as Uint8Array
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

async function requireFile(path: string): Promise<void> {
  const found = await attempt(path, () => lstat(path))
  if (found.isSymbolicLink()) throw new Unreadable(`${path} is a link; name the file itself.`)
  if (!found.isFile()) throw new Unreadable(`${path} is not a file.`)
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

function unreadable(path: string, cause: unknown): Unreadable {
  const words = cause instanceof Error ? cause.message : String(cause)
  return new Unreadable(`${path} cannot be read: ${words}`, { cause })
}
