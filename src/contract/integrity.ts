import { z } from 'zod'
import { route } from './route.ts'

const id = z.uuid()
const instant = z.iso.datetime()
const byId = z.object({ id })

/** One step of a check: what was recomputed, whether it holds, and the values that show it. */
export const checkStep = z.object({
  step: z.enum(['vault', 'plaintext', 'entries', 'leaves', 'inclusion', 'checkpoint', 'registration']),
  holds: z.boolean(),
  words: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
})

export const checkReport = z.object({
  verdict: z.enum(['INTACT', 'ERASED', 'FAIL', 'PENDING']),
  itemId: id,
  registrationNumber: z.string().nullable(),
  checkedAt: instant,
  steps: z.array(checkStep),
  /** The lines of the proof as an expert would read them: leaf, path, root, checkpoint. */
  proof: z
    .object({
      entryIndex: z.number(),
      leafHash: z.string(),
      path: z.array(z.string()),
      treeSize: z.number(),
      root: z.string(),
      checkpoint: z.string(),
    })
    .nullable(),
})
export type CheckReport = z.infer<typeof checkReport>

export const auditProblem = z.object({
  kind: z.enum(['missing', 'changed', 'added', 'reordered', 'unreadable']),
  /** What it concerns: `blob`, `entry`, `tile`, `checkpoint`, `row`, `signer`. */
  object: z.string(),
  name: z.string(),
  words: z.string(),
})
export type AuditProblem = z.infer<typeof auditProblem>

export const audit = z.object({
  id,
  startedAt: instant,
  endedAt: instant.nullable(),
  startedBy: z.string(),
  state: z.enum(['running', 'intact', 'problems', 'stopped']),
  done: z.object({ blobs: z.number(), bytes: z.number(), entries: z.number(), tiles: z.number() }),
  total: z.object({ blobs: z.number(), bytes: z.number(), entries: z.number() }),
  treeSize: z.number(),
  problemCount: z.number(),
  problems: z.array(auditProblem),
})
export type Audit = z.infer<typeof audit>

export const erasure = z.object({
  id,
  itemIds: z.array(id),
  registrationNumbers: z.array(z.string().nullable()),
  legalBasis: z.string(),
  proposedBy: z.string(),
  proposedAt: instant,
  approvedBy: z.string().nullable(),
  state: z.enum(['proposed', 'approved', 'done', 'withdrawn', 'failed']),
  /** Copies from before, of keys and backups, that nobody has confirmed as gone yet; what could not be reached. */
  unconfirmedCopies: z.array(z.string()),
})
export type Erasure = z.infer<typeof erasure>

export const logStatus = z.object({
  origin: z.string(),
  verifierKey: z.string(),
  treeSize: z.number(),
  root: z.string(),
  sealedAt: instant.nullable(),
  waiting: z.number(),
})

export const checkItem = route({
  method: 'POST',
  path: '/api/items/:id/check',
  tag: 'integrity',
  access: 'item.check',
  params: byId,
  answer: checkReport,
  summary: 'Recomputes everything about one item from vault and log',
})
export const certifyItem = route({
  method: 'GET',
  path: '/api/items/:id/certificate',
  tag: 'integrity',
  access: 'item.certify',
  params: byId,
  kind: 'stream',
  summary: 'The item’s integrity certificate: unchanged since registration',
})
export const startAudit = route({
  method: 'POST',
  path: '/api/audits',
  tag: 'integrity',
  access: 'audit.run',
  answer: audit,
  summary: 'Rereads every blob, tile, checkpoint and entry',
})
export const listAudits = route({
  method: 'GET',
  path: '/api/audits',
  tag: 'integrity',
  access: 'audit.read',
  answer: z.object({ audits: z.array(audit) }),
  summary: 'The last twenty audits, newest first',
})
export const readAudit = route({
  method: 'GET',
  path: '/api/audits/:id',
  tag: 'integrity',
  access: 'audit.read',
  params: byId,
  answer: audit,
  summary: 'One audit with its problems',
})
export const readLogStatus = route({
  method: 'GET',
  path: '/api/log',
  tag: 'integrity',
  access: 'session',
  answer: logStatus,
  summary: 'The log’s newest checkpoint',
})
export const startBackup = route({
  method: 'POST',
  path: '/api/backups',
  tag: 'integrity',
  access: 'backup.run',
  body: z.object({ to: z.string().min(1).max(4096) }),
  answer: z.object({
    folder: z.string(),
    treeSize: z.number(),
    blobs: z.number(),
    bytes: z.number(),
    copied: z.number(),
    milliseconds: z.number(),
  }),
  summary: 'Writes or renews a backup in a folder of the desk’s machine',
})
export const listErasures = route({
  method: 'GET',
  path: '/api/erasures',
  tag: 'integrity',
  access: 'item.erase',
  answer: z.object({ erasures: z.array(erasure) }),
  summary: 'Erasures proposed, approved and done',
})
export const proposeErasure = route({
  method: 'POST',
  path: '/api/erasures',
  tag: 'integrity',
  access: 'item.erase',
  body: z.object({ itemIds: z.array(id).min(1).max(1000), legalBasis: z.string().min(3).max(2000) }),
  answer: erasure,
  summary: 'Proposes to erase items; a second person must approve',
})
export const approveErasure = route({
  method: 'POST',
  path: '/api/erasures/:id/approve',
  tag: 'integrity',
  access: 'item.erase',
  params: byId,
  answer: erasure,
  summary: 'Approves and carries out an erasure that another person proposed',
})
export const withdrawErasure = route({
  method: 'POST',
  path: '/api/erasures/:id/withdraw',
  tag: 'integrity',
  access: 'item.erase',
  params: byId,
  answer: erasure,
  summary: 'Withdraws a proposed erasure',
})
export const confirmCopies = route({
  method: 'POST',
  path: '/api/erasures/:id/confirm',
  tag: 'integrity',
  access: 'item.erase',
  params: byId,
  answer: erasure,
  summary: 'Says that every copy from before an erasure is destroyed or replaced',
})
