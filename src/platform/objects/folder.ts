import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { asDiskFull, isMissing, makeFolder, syncFolder } from './durable.ts'
import {
  ObjectMissing,
  requireObjectName,
  type ObjectDraft,
  type ObjectStat,
  type ObjectStore,
} from './port.ts'

/** So many bytes may wait in the system's memory before they are flushed, while more are being written. */
const FLUSH_EVERY_BYTES = 32 * 1024 * 1024
const READ_BYTES = 1024 * 1024

/** Objects as files `ab/cd/<name>` below `root`; drafts in `root/drafts`, on the same disk. */
export function openFolderStore(root: string): ObjectStore {
  const drafts = path.join(root, 'drafts')
  return {
    draft: () => startDraft(root, drafts),
    read: (name, start, end) => readRange(pathOf(root, name), name, start, end),
    stat: (name) => statOf(root, name),
    list: () => listAll(root),
    remove: (name) => remove(pathOf(root, name)),
    removeDrafts: (before) => removeDrafts(drafts, before),
  }
}

function pathOf(root: string, name: string): string {
  requireObjectName(name)
  return path.join(root, name.slice(0, 2), name.slice(2, 4), name)
}

async function startDraft(root: string, drafts: string): Promise<ObjectDraft> {
  await makeFolder(drafts)
  const file = path.join(drafts, randomBytes(16).toString('hex'))
  const handle = await open(file, 'wx', 0o600)
  return new FolderDraft(root, file, handle)
}

/** Write → fsync → rename → fsync folder. Flushes behind the writing, so that the last fsync is short. */
class FolderDraft implements ObjectDraft {
  private readonly root: string
  private readonly file: string
  private readonly handle: FileHandle
  private at = 0
  private unflushed = 0
  private flushing: Promise<void> = Promise.resolve()
  private isClosed = false

  constructor(root: string, file: string, handle: FileHandle) {
    this.root = root
    this.file = file
    this.handle = handle
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, this.at)
        done += bytesWritten
        this.at += bytesWritten
      }
      this.unflushed += bytes.length
      if (this.unflushed >= FLUSH_EVERY_BYTES) await this.flushBehind()
    } catch (error) {
      throw asDiskFull(error)
    }
  }

  /** Waits for the flush before, starts the next: at most two portions are in memory. */
  private async flushBehind(): Promise<void> {
    this.unflushed = 0
    await this.flushing
    this.flushing = this.handle.datasync()
    this.flushing.catch(() => undefined) // met again at the next flush or at the commit
  }

  async commit(name: string): Promise<void> {
    const target = pathOf(this.root, name)
    try {
      await this.flushing
      await this.handle.sync()
      await this.close()
      await makeFolder(path.dirname(target))
      await rename(this.file, target)
      await syncFolder(path.dirname(target))
    } catch (error) {
      throw asDiskFull(error)
    }
  }

  async abandon(): Promise<void> {
    await this.flushing.catch(() => undefined) // the bytes are being thrown away
    await this.close()
    await rm(this.file, { force: true })
  }

  private async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    await this.handle.close()
  }
}

async function* readRange(
  file: string,
  name: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const handle = await openToRead(file, name)
  try {
    for (let at = start; at < end;) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, end - at))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  } finally {
    await handle.close()
  }
}

async function openToRead(file: string, name: string): Promise<FileHandle> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (isMissing(error)) throw new ObjectMissing(name)
    throw error
  }
}

async function statOf(root: string, name: string): Promise<ObjectStat | null> {
  const found = await stat(pathOf(root, name)).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  return found === null ? null : { name, sizeBytes: found.size, modifiedAt: found.mtime }
}

async function* listAll(root: string): AsyncGenerator<ObjectStat> {
  for (const first of await namesIn(root, /^[0-9a-f]{2}$/))
    for (const second of await namesIn(path.join(root, first), /^[0-9a-f]{2}$/))
      for (const name of await namesIn(path.join(root, first, second), /^[0-9a-f]{64}$/)) {
        const found = await statOf(root, name)
        if (found !== null) yield found
      }
}

async function namesIn(folder: string, form: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => form.test(name)).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function remove(file: string): Promise<void> {
  await rm(file, { force: true })
  await syncFolder(path.dirname(file)).catch((error: unknown) => {
    if (!isMissing(error)) throw error
  })
}

async function removeDrafts(drafts: string, before: Date): Promise<number> {
  let removed = 0
  for (const name of await namesIn(drafts, /^[0-9a-f]{32}$/)) {
    const file = path.join(drafts, name)
    if ((await stat(file)).mtime >= before) continue
    await rm(file, { force: true })
    removed++
  }
  return removed
}
