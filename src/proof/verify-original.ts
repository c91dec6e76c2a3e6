import { toHex } from '../base/bytes.ts'
import type { Findings } from './findings.ts'
import type { Primitives } from './primitives.ts'
import type { ItemFacts } from './report.ts'

/** Reads the original once, a piece at a time, and no further than one piece past its stated size. */
export async function checkOriginal(
  p: Primitives,
  item: ItemFacts,
  original: AsyncIterable<Uint8Array> | null,
  report: Findings,
): Promise<void> {
  if (item.sha256 === null || item.sizeBytes === null) return // its entry is missing: already said
  if (original === null)
    return report.fail('original_missing', 'The original was not given, so nothing was compared.')
  const hash = p.hasher('sha256')
  let sizeBytes = 0
  for await (const part of original) {
    sizeBytes += part.length
    if (sizeBytes > item.sizeBytes)
      return report.fail(
        'original_longer',
        `The file is longer than the ${item.sizeBytes} bytes that were taken in.`,
        {
          expected: item.sizeBytes,
        },
      )
    hash.update(part)
  }
  if (sizeBytes < item.sizeBytes)
    return report.fail(
      'original_shorter',
      `The file has ${sizeBytes} bytes; ${item.sizeBytes} bytes were taken in.`,
      { expected: item.sizeBytes, found: sizeBytes },
    )
  const sha256 = toHex(hash.digest())
  if (sha256 !== item.sha256)
    report.fail('original_changed', 'The file is not the one that was taken in: its SHA-256 differs.', {
      expected: item.sha256,
      found: sha256,
    })
}
