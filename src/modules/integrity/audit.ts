import { sql } from 'kysely'
import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import type { Audit, AuditProblem } from '../../contract/integrity.ts'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk, type Tx } from '../../platform/tx.ts'
import { requireMay } from '../identity/policy.ts'
import { defineJob, type JobRun } from '../jobs/define.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { append } from '../ledger/append.ts'
import type { LogProblem } from '../ledger/findings.ts'
import { verifyLog } from '../ledger/verify-log.ts'
import { findStrays } from '../vault/find-strays.ts'
import { rehashAll } from '../vault/rehash.ts'
import { auditItems } from './audit-items.ts'
import { integrityOf } from './start.ts'

export const AUDIT_JOB = 'integrity.audit'
/** Problems kept by name; their number is counted on. */
const KEPT = 1000
const SAVE_EVERY_MS = 500

/** Terabytes take hours; a killed desk is noticed by the heartbeat, not by this. */
const LONGEST_SECONDS = 82_800

export const auditJob = defineJob(
  AUDIT_JOB,
  z.strictObject({ id: z.uuid() }),
  (desk, { id }, job) => runOrStop(desk, id, job),
  { atOnce: 1, expireSeconds: LONGEST_SECONDS },
)

/** Begins an audit, or returns the one that runs. Refuses: not_permitted. */
export async function startAudit(tx: Tx): Promise<Audit> {
  await requireMay(tx, 'audit.run')
  const running = await tx.sql
    .selectFrom('integrity.audit')
    .select('id')
    .where('state', '=', 'running')
    .executeTakeFirst()
  if (running) return readAudit(tx, running.id)
  const id = tx.desk.newId()
  const counts = { blobs: 0, bytes: 0, entries: 0, tiles: 0 }
  const totals = await sql<Audit['total']>`
    select count(*) as blobs, coalesce(sum(size_bytes) filter (where erased_by is null), 0)::bigint as bytes,
      (select count(*) from ledger.position) as entries from vault.list('', 2147483647)`.execute(tx.sql)
  const total = totals.rows[0] ?? { blobs: 0, bytes: 0, entries: 0 }
  const row = {
    id,
    started_at: tx.desk.now(),
    started_by: tx.actor.id,
    state: 'running',
    done: JSON.stringify(counts),
    total: JSON.stringify(total),
    tree_size: 0,
  }
  await tx.sql.insertInto('integrity.audit').values(row).execute()
  await append(tx, { kind: 'integrity.audit.begun', subjects: [{ type: 'audit', id }] })
  await enqueue(tx, AUDIT_JOB, { id }, { key: id })
  return readAudit(tx, id)
}

/** Refuses: not_found, not_permitted. */
export async function readAudit(tx: Tx, id: string): Promise<Audit> {
  const [found] = await listAudits(tx, id)
  if (!found) throw new Refusal('not_found', 'There is no audit of this id.', { id })
  return found
}

interface Row {
  readonly id: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly started_by: string
  readonly state: Audit['state']
  readonly done: Audit['done']
  readonly total: Audit['total']
  readonly tree_size: number
  readonly problem_count: number
  readonly problems: AuditProblem[]
}

/** The last twenty, newest first. Refuses: not_permitted. */
export async function listAudits(tx: Tx, id: string | null = null): Promise<Audit[]> {
  await requireMay(tx, 'audit.read')
  const rows = await sql<Row>`
    select id, started_at, ended_at, identity.name_of(started_by) ->> 'name' as started_by, state, done, total, tree_size, problem_count, problems
    from integrity.audit where ${id}::uuid is null or id = ${id}::uuid order by started_at desc limit 20`.execute(
    tx.sql,
  )
  return rows.rows.map((row) => ({
    id: row.id,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    startedBy: row.started_by,
    state: row.state,
    done: row.done,
    total: row.total,
    treeSize: row.tree_size,
    problemCount: row.problem_count,
    problems: row.problems,
  }))
}

/** What an audit has found so far; saved now and then, so that whoever waits sees it move. */
class Progress {
  readonly done = { blobs: 0, bytes: 0, entries: 0, tiles: 0 }
  readonly problems: AuditProblem[] = []
  problemCount = 0
  treeSize = 0
  private savedMs = 0
  private readonly desk: Desk
  private readonly id: string

  constructor(desk: Desk, id: string) {
    this.desk = desk
    this.id = id
  }

  add(problem: AuditProblem): void {
    this.problemCount++
    if (this.problems.length < KEPT) this.problems.push(problem)
  }

  async save(state: Audit['state'] = 'running'): Promise<void> {
    const nowMs = performance.now()
    if (state === 'running' && nowMs - this.savedMs < SAVE_EVERY_MS) return
    this.savedMs = nowMs
    const change = {
      state,
      done: JSON.stringify(this.done),
      tree_size: this.treeSize,
      problem_count: this.problemCount,
      problems: JSON.stringify(this.problems),
      ...(state === 'running' ? {} : { ended_at: this.desk.now() }),
    }
    await inTransaction(this.desk, SYSTEM_ACTOR, async (tx) => {
      await tx.sql.updateTable('integrity.audit').set(change).where('id', '=', this.id).execute()
      if (state !== 'running') {
        await append(tx, {
          kind: 'integrity.audit.ended',
          subjects: [{ type: 'audit', id: this.id }],
          detail: { state, problems: this.problemCount, treeSize: this.treeSize },
        })
      }
    })
  }
}

/** An audit whose last try fails ends as `stopped`: nobody waits for it for ever, and the next one may begin. */
async function runOrStop(desk: Desk, id: string, job: JobRun): Promise<void> {
  try {
    await runAudit(desk, id, job.signal)
  } catch (error) {
    if (job.lastTry) await new Progress(desk, id).save('stopped')
    throw error
  }
}

/** Rereads log, entries, rows and blobs; never stops at what it finds. */
async function runAudit(desk: Desk, id: string, signal: AbortSignal): Promise<void> {
  if (!(await isRunning(desk, id))) return // a job that came twice: after a kill, or a restore
  const progress = new Progress(desk, id)
  const report = await verifyLog(desk, await integrityOf(desk).logKey())
  progress.treeSize = report.size
  progress.done.entries = report.entriesRead + report.entriesErased
  progress.done.tiles = Math.ceil(report.size / 256)
  for (const problem of report.problems) progress.add(fromLog(problem))
  for await (const problem of auditItems(desk)) progress.add(problem)
  for await (const blob of rehashAll(desk)) {
    signal.throwIfAborted()
    progress.done.blobs++
    if (blob.erasedBy === null) progress.done.bytes += blob.sizeBytes
    if (blob.state !== 'intact' && blob.state !== 'erased')
      progress.add(blobProblem(blob.address, blob.state))
    await progress.save()
  }
  for await (const name of findStrays(desk))
    progress.add({
      kind: 'added',
      object: 'blob',
      name,
      words: 'nobody registered this sealed file; a sweep removes it',
    })
  await progress.save(progress.problemCount === 0 ? 'intact' : 'problems')
}

async function isRunning(desk: Desk, id: string): Promise<boolean> {
  return inTransaction(desk, SYSTEM_ACTOR, async (tx) => {
    const found = tx.sql.selectFrom('integrity.audit').select('state').where('id', '=', id)
    return (await found.executeTakeFirst())?.state === 'running'
  })
}

const BLOB_WORDS = {
  missing: ['missing', 'the sealed file is not in the vault'],
  changed: ['changed', 'the sealed bytes do not have the SHA-256 that names them'],
  erased_but_there: ['added', 'it was erased by order, and its sealed bytes are still there'],
  unknown: ['missing', 'the register lost this blob while it was read'],
} as const

function blobProblem(name: string, state: keyof typeof BLOB_WORDS): AuditProblem {
  const [kind, words] = BLOB_WORDS[state]
  return { kind, object: 'blob', name, words }
}

const LOG_WORDS: Readonly<Record<LogProblem['what'], readonly [AuditProblem['kind'], string]>> = {
  checkpoint_bad: ['changed', 'checkpoint'],
  file_missing: ['missing', 'tile'],
  file_changed: ['changed', 'tile'],
  root_differs: ['changed', 'checkpoint'],
  entry_missing: ['missing', 'entry'],
  entry_changed: ['changed', 'entry'],
  entry_added: ['added', 'entry'],
  entry_reordered: ['reordered', 'entry'],
  entry_dropped: ['missing', 'entry'],
  key_unknown: ['added', 'entry'],
  head_differs: ['changed', 'row'],
}

function fromLog(problem: LogProblem): AuditProblem {
  const [kind, object] = LOG_WORDS[problem.what]
  const place = problem.index === undefined ? '' : `#${problem.index}`
  const name =
    problem.file ?? ([place, problem.entryId ?? ''].filter((part) => part !== '').join(' ') || object)
  return {
    kind,
    object,
    name,
    words: problem.column ? `column ${problem.column}: ${problem.detail}` : problem.detail,
  }
}
