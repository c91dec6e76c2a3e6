import { createHash } from 'node:crypto'
import { Refusal } from '../../base/refusal.ts'
import { MAX_CERTIFICATE_BYTES } from '../../proof/certificate.ts'
import { parsePolicy, policyOfKey, type TrustPolicy } from '../../proof/policy.ts'
import { noblePrimitives } from '../../proof/primitives-noble.ts'
import type { Primitives } from '../../proof/primitives.ts'
import type { Report } from '../../proof/report.ts'
import { verifyCertificate } from '../../proof/verify.ts'
import { HELP, readArguments, type VerifyOrder } from './arguments.ts'
import { Unreadable, readBounded, readOriginal } from './files.ts'
import { printReport, printable } from './print.ts'

declare const VERSION: string // put in by the build

const EXIT = { INTACT: 0, FAIL: 1, wrongUse: 2, ERASED: 3 } as const
const MAX_POLICY_BYTES = 65_536

// The bundle brings its own primitives, so that it needs no particular OpenSSL; only the hash of a large original
// is left to Node, because it is ten times as fast. Both are tested to give the same.
const primitives: Primitives = {
  ...noblePrimitives,
  hasher(algorithm) {
    const running = createHash(algorithm)
    return {
      update: (bytes) => void running.update(bytes),
      digest: () => new Uint8Array(running.digest()),
    }
  },
}

/** Runs the command; returns its exit code. */
async function main(args: readonly string[]): Promise<number> {
  const order = readArguments(args)
  if (order.do === 'help') return say(HELP, 0)
  if (order.do === 'version') return say(`amanat-verify ${VERSION}\n`, 0)
  if (order.do === 'problem') return complain(`${order.words}\nTry: amanat-verify --help`)
  try {
    return await verify(order)
  } catch (error) {
    if (error instanceof Unreadable) return complain(error.message)
    if (error instanceof Refusal) return complain(`The key or policy cannot be used: ${error.detail}.`)
    throw error
  }
}

async function verify(order: VerifyOrder): Promise<number> {
  const policy = await readTrust(order)
  const certificate = await readBounded(order.certificate, MAX_CERTIFICATE_BYTES)
  const original = order.original === null ? null : readOriginal(order.original)
  const report = await verifyCertificate(primitives, { certificate, original, policy })
  if (order.original === null && lacksOnlyOriginal(report))
    return complain('The certificate holds by itself. Name the original, too, so that it can be compared.')
  if (order.json) return say(`${JSON.stringify(report, null, 2)}\n`, EXIT[report.verdict])
  return say(printReport(report), EXIT[report.verdict])
}

async function readTrust(order: VerifyOrder): Promise<TrustPolicy | null> {
  if (order.key !== null) return policyOfKey(primitives, order.key)
  if (order.policy === null) return null
  return parsePolicy(primitives, await readBounded(order.policy, MAX_POLICY_BYTES))
}

function lacksOnlyOriginal(report: Report): boolean {
  const failures = report.findings.filter((finding) => finding.severity === 'fail')
  return failures.length === 1 && failures[0]?.code === 'original_missing'
}

function say(text: string, code: number): number {
  process.stdout.write(text)
  return code
}

function complain(words: string): number {
  process.stderr.write(`${words.split('\n').map(printable).join('\n')}\n`)
  return EXIT.wrongUse
}

// Not process.exit: output to a pipe must be written out first.
process.exitCode = await main(process.argv.slice(2))
