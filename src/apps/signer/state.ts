import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { isMissing, writeDurably } from '../../platform/objects/durable.ts'

const tree = { origin: z.string().min(1), size: z.number().int().min(0), root: z.string().length(44) }

/**
 * What the signer has promised: the largest tree it ever signed. It only grows. `continued`: trees that were given up
 * openly when an older state was restored; none of them is ever signed again.
 */
const schema = z.strictObject({
  ...tree,
  continued: z.array(
    z.strictObject({
      ...tree,
      at: z.string(),
      lastKnownCheckpoint: z.string(),
      approvals: z.array(z.string()),
    }),
  ),
})

export type SignerState = z.infer<typeof schema>

/** Null where there is none yet. Refuses: log_refused, where it cannot be read. */
export async function readState(file: string): Promise<SignerState | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (isMissing(error)) return null
    throw new Refusal(
      'log_refused',
      `The signer's record of what it signed (${file}) cannot be read, so it signs nothing. Entries are kept and wait. See docs/operations/keys.md, "The signer".`,
      { cause: String(error) },
    )
  }
}

/** Durable before any signature leaves: a crash may lose a signature, never the promise. */
export async function writeState(file: string, state: SignerState): Promise<void> {
  await writeDurably(file, `${JSON.stringify(state, null, 1)}\n`)
}
