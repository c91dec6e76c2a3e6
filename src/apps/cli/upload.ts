import { createReadStream, lstatSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import path from 'node:path'
import { intakeRoutes, PIECE_BYTES } from '../../contract/intake.ts'
import type { Received } from '../../contract/route.ts'
import type { DeskClient } from './call.ts'
import { formatBytes, isolate, type Printer } from './print.ts'

const ANNOUNCED_AT_ONCE = 500

interface LocalFile {
  readonly file: string
  /** As the batch knows it: below the folder that was named, with `/`. */
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedAt: string
}

/** Sends every file below the paths to another desk; what it has already is skipped, what broke off goes on. */
export async function uploadAll(
  desk: DeskClient,
  batchId: string,
  paths: readonly string[],
  print: Printer,
): Promise<void> {
  let waiting: LocalFile[] = []
  let sent = 0
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    const files = waiting.map(({ path: name, sizeBytes, modifiedAt }) => ({
      path: name,
      sizeBytes,
      modifiedAt,
    }))
    const answer = await desk.call(intakeRoutes.announceFiles, { params: { id: batchId }, body: { files } })
    for (const [at, known] of answer.files.entries()) {
      const file = waiting[at]
      if (!file || (known.state !== 'announced' && known.state !== 'receiving')) continue
      await uploadOne(desk, batchId, file, known)
      sent += file.sizeBytes
      print.progress(`sent ${formatBytes(sent)}: ${isolate(file.path)}`)
    }
    waiting = []
  }
  for await (const file of walk(paths, print)) {
    waiting.push(file)
    if (waiting.length >= ANNOUNCED_AT_ONCE) await flush()
  }
  await flush()
  print.endProgress()
}

async function uploadOne(
  desk: DeskClient,
  batchId: string,
  file: LocalFile,
  known: Received<typeof intakeRoutes.uploadFile>,
): Promise<void> {
  let offset = known.offset
  do {
    const end = Math.min(offset + PIECE_BYTES, file.sizeBytes)
    const body = end > offset ? createReadStream(file.file, { start: offset, end: end - 1 }) : Buffer.alloc(0)
    const order = { params: { id: batchId, fileId: known.id }, query: { offset } }
    const answer = await desk.upload(intakeRoutes.uploadFile, order, body, {
      'content-length': String(end - offset),
    })
    if (answer.offset <= offset && end > offset) return // the desk says in its receipt why it took no more
    offset = answer.offset
  } while (offset < file.sizeBytes)
}

/** Every regular file, folders in name order; links and devices are named and left out. */
async function* walk(paths: readonly string[], print: Printer): AsyncIterable<LocalFile> {
  for (const root of paths) yield* walkOne(root, path.dirname(root), print)
}

async function* walkOne(at: string, base: string, print: Printer): AsyncIterable<LocalFile> {
  const found = lstatSync(at)
  if (found.isDirectory()) {
    const names: string[] = []
    for await (const entry of await opendir(at)) names.push(entry.name)
    for (const name of names.sort()) yield* walkOne(path.join(at, name), base, print)
  } else if (found.isFile()) {
    const name = path.relative(base, at).split(path.sep).join('/')
    yield { file: at, path: name, sizeBytes: found.size, modifiedAt: found.mtime.toISOString() }
  } else print.say(`left out, not a regular file: ${isolate(at)}`)
}
