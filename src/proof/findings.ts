import { toHex } from '../base/bytes.ts'
import { Refusal } from '../base/refusal.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { TrustPolicy } from './policy.ts'
import type { Finding, FindingCode, ItemFacts, Report, Step, StepName } from './report.ts'

type Facts = Readonly<Record<string, string | number>>

/** Collects a report. A step holds where it ends without refusing and without a failing finding. */
export interface Findings {
  step<T>(name: StepName, work: () => T): T | null
  stepLater<T>(name: StepName, work: () => Promise<T>): Promise<T | null>
  fail(code: FindingCode, words: string, facts?: Facts, index?: number): void
  note(code: FindingCode, words: string, facts?: Facts, index?: number): void
  trust(logKey: string): void
  checkpoint(checkpoint: Checkpoint): void
  cosigner(name: string, epochSeconds: number): void
  item(item: ItemFacts): void
  close(): Report
}

const LATEST = 253_402_300_799 // 9999-12-31, where ISO dates of four digits end

export function openFindings(certificateSha256: string, policy: TrustPolicy | null): Findings {
  const steps: Step[] = []
  const findings: Finding[] = []
  const cosigners: { name: string; time: string }[] = []
  let logKey: string | null = null
  let checkpoint: Report['checkpoint'] = null
  let item: ItemFacts | null = null

  const add = (
    severity: Finding['severity'],
    code: FindingCode,
    words: string,
    facts?: Facts,
    index?: number,
  ): void => void findings.push({ code, severity, words, index: index ?? null, facts: facts ?? {} })
  const failures = (): number => findings.filter((finding) => finding.severity === 'fail').length
  const refused = (name: StepName, error: unknown): null => {
    if (!(error instanceof Refusal) || error.code !== 'malformed') throw error
    add('fail', 'malformed', `${error.detail}.`, { step: name })
    steps.push({ step: name, holds: false })
    return null
  }

  return {
    step(name, work) {
      const before = failures()
      try {
        const result = work()
        steps.push({ step: name, holds: failures() === before })
        return result
      } catch (error) {
        return refused(name, error)
      }
    },
    async stepLater(name, work) {
      const before = failures()
      try {
        const result = await work()
        steps.push({ step: name, holds: failures() === before })
        return result
      } catch (error) {
        return refused(name, error)
      }
    },
    fail: (code, words, facts, index) => add('fail', code, words, facts, index),
    note: (code, words, facts, index) => add('note', code, words, facts, index),
    trust: (key) => void (logKey = key),
    checkpoint: ({ origin, size, root }) => void (checkpoint = { origin, size, root: toHex(root) }),
    cosigner: (name, seconds) =>
      void cosigners.push({ name, time: new Date(Math.min(seconds, LATEST) * 1000).toISOString() }),
    item: (facts) => void (item = facts),
    close: () => ({
      verdict: judge(steps, failures(), item),
      steps,
      findings,
      trust: { source: policy?.source ?? 'certificate', logKey, policyHash: policy?.hash ?? null },
      item,
      checkpoint,
      cosigners,
      certificateSha256,
    }),
  }
}

/** INTACT needs every step of the seven, so that a step that was never made cannot pass for one that held. */
function judge(steps: readonly Step[], failures: number, item: ItemFacts | null): Report['verdict'] {
  const isErased = item !== null && item.erased !== null
  const isComplete = steps.length === (isErased ? 6 : 7) && steps.every((step) => step.holds)
  if (failures > 0 || !isComplete) return 'FAIL'
  return isErased ? 'ERASED' : 'INTACT'
}
