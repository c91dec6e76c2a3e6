import { createReadStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'
import type { ReadPart } from '../evidence/record-reading.ts'
import { recogniseLanguage } from '../../text/language.ts'
import { openBlob } from '../vault/open.ts'
import { sealBlob } from '../vault/seal.ts'
import type { Reading } from './extract/pool.ts'
import { DEFAULT_LIMITS, type Child, type DetectedType, type ExtractResult } from './extract/port.ts'
import type { Budget } from './budget.ts'
import type { Grouped } from './grouped.ts'
import { keepChildren, type SealedChild, type Unit } from './keep-units.ts'
import { givenPath } from './paths.ts'
import { openPasswords } from './passwords.ts'
import { isStopped, workshopFor } from './pools.ts'
import { renewClaims, type Task } from './tasks.ts'

/** A file that ended the desk's own process so often is not tried again by itself. */
const TRIES = 4
const CHILDREN_AT_ONCE = 100
const PAUSE_AFTER_FAULT_MS = 30_000
/** What comes out of one container shares its budget; each file has at least this. */
const LEAST_BUDGET = 64 * 1024 * 1024
const SEEN_PARTS = 20
const CONTAINERS = ['zip', '7z', 'rar', 'tar', 'gz', 'tgz', 'bz2', 'xz', 'pst', 'mbox', 'wacz']

/**
 * Reads one item from a working copy that is wiped afterwards, and hands the result on. A fault of the desk itself
 * (the database was away, a bug) is logged and leaves the item waiting; it never costs another one. `room`: bytes
 * that working copies may take together.
 */
export async function readOne(
  desk: Desk,
  task: Task,
  results: Grouped<Unit, void>,
  room: Budget,
): Promise<void> {
  try {
    const unit =
      task.tries > TRIES ? givenUp(task) : await room.with(task.size_bytes, () => readCopy(desk, task))
    await results.add(unit)
  } catch (fault) {
    if (desk.signal.aborted || fault instanceof Stopped) return
    if (fault instanceof Refusal) return keepRefused(task, fault, results, desk)
    desk.log.error({ fault, item: task.item_id }, 'an item could not be read; it is tried again')
    await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
      renewClaims(tx, [task.item_id], PAUSE_AFTER_FAULT_MS),
    ).catch((again: unknown) =>
      desk.log.error({ fault: again }, 'a claim could not be given back; it runs out by itself'),
    )
  }
}

/** The desk stops: the item waits for its next start. */
class Stopped extends Error {}

async function readCopy(desk: Desk, task: Task): Promise<Unit> {
  const workshop = await workshopFor(desk, task.size_bytes)
  const { pool, root } = workshop
  const folder = path.join(root, desk.newId())
  const workFolder = path.join(folder, 'out')
  await mkdir(workFolder, { recursive: true, mode: 0o700 })
  try {
    const copy = path.join(folder, 'in')
    await writeCopy(desk, task.address, copy)
    const { extractTimeoutSeconds, extractMemoryMb } = desk.config
    const reading = await pool.read({
      path: copy,
      name: task.name,
      sizeBytes: task.size_bytes,
      passwords: openPasswords(desk, task),
      workFolder,
      limits: {
        ...DEFAULT_LIMITS,
        timeMs: extractTimeoutSeconds * 1_000,
        memoryMb: extractMemoryMb,
        outputBytes: task.budget_bytes,
        maxDepth: Math.max(0, DEFAULT_LIMITS.maxDepth - task.depth),
      },
    })
    if (isStopped(desk, workshop)) throw new Stopped()
    return await toUnit(desk, task, emptyIsRead(reading))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Of an empty file there is nothing to read: that is all of it, and nobody need look at it again. */
function emptyIsRead(reading: Reading): Reading {
  if (reading.type.family !== 'empty') return reading
  const words = 'The file is empty.'
  const notice = { code: 'empty', words, retryable: false, step: 'detect' } as const
  return { ...reading, result: { ...reading.result, notices: [notice], outcome: 'read' } }
}

async function writeCopy(desk: Desk, address: string, copy: string): Promise<void> {
  const file = await open(copy, 'wx', 0o600)
  try {
    for await (const bytes of openBlob(desk, address)) await file.write(bytes)
  } finally {
    await file.close()
  }
}

async function toUnit(desk: Desk, task: Task, { type, result }: Reading): Promise<Unit> {
  const { parts, language } = nameLanguages(result)
  let group: SealedChild[] = []
  for (const child of result.children) {
    group.push(await sealChild(desk, task, child, result.children.length))
    if (group.length < CHILDREN_AT_ONCE) continue
    await keepChildren(desk, task, group)
    group = []
  }
  return {
    task,
    children: group,
    unreadable: isContainer(type) && gaveNothing(result),
    reading: {
      itemId: task.item_id,
      mediaType: type.mediaType,
      format: type.label,
      family: type.family,
      outcome: result.outcome,
      language,
      found: result.metadata.map(({ name, value, source }) => ({ name, value, saidBy: source })),
      notices: result.notices.map(({ code, words, step, retryable }) => ({ code, words, step, retryable })),
      parts,
    },
  }
}

/** By its content, or, where too little is left of that, by what its name claims. */
function isContainer(type: DetectedType): boolean {
  const claimed = type.claimed?.toLowerCase() ?? ''
  return type.family === 'archive' || CONTAINERS.includes(type.label) || CONTAINERS.includes(claimed)
}

function gaveNothing({ outcome, children, parts }: ExtractResult): boolean {
  return outcome !== 'read' && children.length === 0 && parts.length === 0
}

async function sealChild(desk: Desk, task: Task, child: Child, siblings: number): Promise<SealedChild> {
  const blob = await sealBlob(desk, createReadStream(child.file, { highWaterMark: 1024 * 1024 }))
  await rm(child.file, { force: true })
  const given = givenPath(child.path)
  return {
    blob,
    path: child.safePath,
    pathBytes: given.shown === child.safePath && given.bytes === null ? null : Buffer.from(child.path),
    unsafe: child.unsafe ?? null,
    budgetBytes: Math.max(LEAST_BUDGET, (task.budget_bytes - child.sizeBytes) / siblings),
    found: [
      ...(child.modifiedAt === undefined ? [] : [{ name: 'container.modifiedAt', value: child.modifiedAt }]),
      ...(child.metadata ?? []).map(({ name, value }) => ({ name, value: String(value) })),
    ],
  }
}

/** The whole's language, and each part's where there are few: a file may hold several. */
function nameLanguages(result: ExtractResult): { parts: ReadPart[]; language: string | null } {
  const nameOf = (text: string): string | null => {
    const guess = recogniseLanguage(text)
    return guess.language === 'und' ? null : (guess.variety ?? guess.language)
  }
  const sample = result.parts
    .slice(0, 50)
    .map((part) => part.text.slice(0, 4_000))
    .join('\n')
    .slice(0, 16_000)
  const language = sample.trim() === '' ? null : nameOf(sample)
  const each = result.parts.length > 1 && result.parts.length <= SEEN_PARTS
  const parts = result.parts.map(({ label, text, locator, needsOcr }) => ({
    label,
    text,
    locator,
    needsOcr: needsOcr ?? false,
    language: each ? nameOf(text.slice(0, 4_000)) : language,
  }))
  return { parts, language }
}

/** What the vault refuses (a missing or damaged blob) is this item's own failure, named on it. */
async function keepRefused(
  task: Task,
  refusal: Refusal,
  results: Grouped<Unit, void>,
  desk: Desk,
): Promise<void> {
  desk.log.warn({ code: refusal.code, item: task.item_id }, 'an item could not be opened')
  await results.add(failed(task, 'broken', refusal.detail, true))
}

function givenUp(task: Task): Unit {
  return failed(
    task,
    'crashed',
    `Reading ended the desk ${TRIES} times and is not tried again by itself. The bytes are kept.`,
    true,
  )
}

function failed(task: Task, code: string, words: string, retryable: boolean): Unit {
  const reading = {
    itemId: task.item_id,
    mediaType: 'application/octet-stream',
    format: 'unknown',
    family: 'unknown',
    outcome: 'unread',
    language: null,
    found: [],
    notices: [{ code, words, step: 'open', retryable }],
    parts: [],
  } as const
  return { task, children: [], unreadable: false, reading }
}
