import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { detect } from '../detect.ts'
import {
  DEFAULT_LIMITS,
  type ExtractInput,
  type ExtractResult,
  type Extractor,
  type Limits,
} from '../port.ts'

export interface Given {
  readonly name: string
  readonly bytes: Uint8Array
  readonly passwords?: readonly string[]
  readonly limits?: Partial<Limits>
}

/** For tests: bytes as an input of their own, in folders that go with the test. */
export async function inputOf(t: TestContext, given: Given): Promise<ExtractInput> {
  const folder = mkdtempSync(join(tmpdir(), 'extract-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [path, workFolder] = [join(folder, 'working-copy'), join(folder, 'work')]
  mkdirSync(workFolder)
  writeFileSync(path, given.bytes)
  return {
    path,
    name: given.name,
    sizeBytes: given.bytes.length,
    type: await detect(path, given.name),
    passwords: given.passwords ?? [],
    limits: { ...DEFAULT_LIMITS, ...given.limits },
    workFolder,
  }
}

/** Reads with `extractor`, after making sure that detection sends such a file there. */
export async function readWith(t: TestContext, extractor: Extractor, given: Given): Promise<ExtractResult> {
  const input = await inputOf(t, given)
  if (!extractor.reads(input.type)) throw new Error(`${given.name} is detected as ${input.type.label}`)
  return extractor.extract(input)
}

export function valueOf(result: ExtractResult, name: string): string | number | boolean | undefined {
  return result.metadata.find((found) => found.name === name)?.value
}

export function codesOf(result: ExtractResult): string[] {
  return [...new Set(result.notices.map((notice) => notice.code))].toSorted()
}
