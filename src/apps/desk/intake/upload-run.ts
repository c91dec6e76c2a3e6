import { useSyncExternalStore } from 'react'
import { call, CallFailed, queries, type Said, upload } from '../app/call.ts'
import type { Chosen } from './choose-files.ts'

/** One piece of one call: small enough that a broken line costs little. */
const PIECE_BYTES = 8 * 1024 * 1024
const ANNOUNCED_AT_ONCE = 500
const AT_ONCE = 3
const TRIES = 5

type BatchFile = Said<'POST /api/batches/:id/files'>['files'][number]

/** A file that could not be sent, its reason, and the file itself so that it can be tried again. */
export interface NotSent {
  readonly chosen: Chosen
  readonly words: string
}

/** How an upload stands; replaced, never changed. */
export interface UploadState {
  readonly running: boolean
  readonly files: number
  readonly filesSent: number
  readonly bytes: number
  readonly bytesSent: number
  readonly bytesPerSecond: number
  readonly current: string
  readonly notSent: readonly NotSent[]
  readonly failed: unknown
}

const IDLE: UploadState = {
  running: false,
  files: 0,
  filesSent: 0,
  bytes: 0,
  bytesSent: 0,
  bytesPerSecond: 0,
  current: '',
  notSent: [],
  failed: null,
}

/**
 * Sends chosen files to one batch. It belongs to no page, so that it goes on while the person looks at another;
 * closing the window ends it, and choosing the same files again goes on where it was.
 */
class UploadRun {
  state = IDLE
  readonly stop = new AbortController()
  private readonly batchId: string
  private readonly marks: { at: number; bytes: number }[] = []

  constructor(batchId: string) {
    this.batchId = batchId
  }

  async send(chosen: readonly Chosen[], close: boolean): Promise<void> {
    const bytes = chosen.reduce((sum, { file }) => sum + file.size, 0)
    this.set({ ...IDLE, running: true, files: chosen.length, bytes })
    try {
      for (let at = 0; at < chosen.length; at += ANNOUNCED_AT_ONCE)
        await this.sendSome(chosen.slice(at, at + ANNOUNCED_AT_ONCE))
      if (close && this.state.notSent.length === 0)
        await call('POST /api/batches/:id/close', { params: { id: this.batchId } })
    } catch (error) {
      if (!this.stop.signal.aborted) this.set({ ...this.state, failed: error })
    } finally {
      this.set({ ...this.state, running: false, current: '' })
      await queries.invalidateQueries()
    }
  }

  private async sendSome(chosen: readonly Chosen[]): Promise<void> {
    const { files } = await call('POST /api/batches/:id/files', {
      params: { id: this.batchId },
      body: {
        files: chosen.map(({ path, file }) => ({
          path,
          sizeBytes: file.size,
          modifiedAt: new Date(file.lastModified).toISOString(),
        })),
      },
    })
    const queue = chosen.map((one, at) => [one, files[at]] as const)
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [one, known] = next
        if (known) await this.sendOne(one, known)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  private async sendOne(chosen: Chosen, known: BatchFile): Promise<void> {
    this.stop.signal.throwIfAborted()
    const waits = known.state === 'announced' || known.state === 'receiving'
    try {
      if (waits) await this.sendPieces(chosen, known)
      else this.count(chosen.file.size, chosen.path)
      this.set({ ...this.state, filesSent: this.state.filesSent + 1 })
    } catch (error) {
      if (this.stop.signal.aborted) throw error
      const words = error instanceof CallFailed ? error.detail || error.code : String(error)
      this.set({ ...this.state, notSent: [...this.state.notSent, { chosen, words }] })
    }
  }

  private async sendPieces(chosen: Chosen, known: BatchFile): Promise<void> {
    let offset = known.offset
    this.count(offset, chosen.path)
    do {
      const piece = chosen.file.slice(offset, offset + PIECE_BYTES)
      const next = await this.sendPiece(known.id, piece, offset)
      this.count(next - offset, chosen.path)
      if (next === offset && piece.size > 0) throw new Error(`the desk took nothing of ${chosen.path}`)
      offset = next
    } while (offset < chosen.file.size)
  }

  /** Tries again where the line broke; what the desk refuses is final. */
  private async sendPiece(fileId: string, piece: Blob, offset: number): Promise<number> {
    for (let tried = 1; ; tried++) {
      try {
        const { signal } = this.stop
        const answer = await upload('PUT /api/batches/:id/files/:fileId', piece, signal, {
          params: { id: this.batchId, fileId },
          query: { offset },
        })
        return answer.offset
      } catch (error) {
        const lineBroke = error instanceof CallFailed && (error.status === 0 || error.status === 503)
        if (!lineBroke || tried === TRIES) throw error
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tried))
      }
    }
  }

  private count(bytes: number, current: string): void {
    const bytesSent = this.state.bytesSent + bytes
    const now = performance.now()
    this.marks.push({ at: now, bytes: bytesSent })
    while (this.marks.length > 2 && now - (this.marks[0]?.at ?? now) > 10_000) this.marks.shift()
    const first = this.marks[0] ?? { at: now, bytes: bytesSent }
    const seconds = (now - first.at) / 1000
    const bytesPerSecond = seconds > 0.5 ? (bytesSent - first.bytes) / seconds : this.state.bytesPerSecond
    this.set({ ...this.state, bytesSent, bytesPerSecond, current })
  }

  private set(state: UploadState): void {
    this.state = state
    for (const tell of listeners) tell()
  }
}

const runs = new Map<string, UploadRun>()
const listeners = new Set<() => void>()

/** Begins to send; the batch is closed once every file is in, if asked. */
export function startUpload(batchId: string, chosen: readonly Chosen[], close: boolean): void {
  const run = new UploadRun(batchId)
  runs.set(batchId, run)
  void run.send(chosen, close)
}

export function stopUpload(batchId: string): void {
  runs.get(batchId)?.stop.abort()
}

/** How the upload to a batch from this window stands; null where none was begun. */
export function useUpload(batchId: string): UploadState | null {
  return useSyncExternalStore(subscribe, () => runs.get(batchId)?.state ?? null)
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

window.addEventListener('beforeunload', (event) => {
  if ([...runs.values()].some((run) => run.state.running)) event.preventDefault()
})
